import { afterAll, expect, test } from 'vitest'
import { cameraTransform, imageToStage, straightTransform } from '../../../shared/camera-transform.ts'
import { createWorld } from './create-world.ts'
import { NO_EFFECTS } from './effects.ts'
import type { RenderRequest } from './world.ts'

const world = createWorld({ seed: 11, profile: 'normal' })
afterAll(() => world.close())

const middle = {
  x: world.countable.origin.x + world.countable.width / 2,
  y: world.countable.origin.y + world.countable.height / 2,
}

const see = (changes: Partial<RenderRequest>) =>
  world.render({
    centre: middle,
    zUm: world.bestFocusUm(middle),
    widthPx: 300,
    heightPx: 240,
    pixelSizeUm: 0.184,
    travelUm: { x: 0, y: 0 },
    effects: NO_EFFECTS,
    noiseSeed: 1,
    ...changes,
  })

test('a camera along the axes sees the same whether its mounting is told or not', async () => {
  const [plain, told] = await Promise.all([see({}), see({ transform: straightTransform(0.184) })])
  // By a level here and there: weights are rounded in one of the two.
  const apart = plain.data.filter((value, i) => Math.abs(value - told.data[i]!) > 1)
  expect(apart).toHaveLength(0)
})

test('a turned and mirrored camera sees each point of the slide where its transform says', async () => {
  const transform = cameraTransform({
    pixelSizeUm: 0.2,
    rotationDegrees: 37,
    mirrored: true,
    skewDegrees: 2,
    aspect: 1.02,
  })
  const turned = await see({ transform, pixelSizeUm: 0.2 })
  // A larger, finer, straight view to look the points up in.
  const [widthPx, heightPx, pixelSizeUm] = [800, 800, 0.092]
  const straight = await see({ widthPx, heightPx, pixelSizeUm })
  let difference = 0
  let contrast = 0
  let points = 0
  for (let y = 5; y < 240; y += 7) {
    for (let x = 5; x < 300; x += 7) {
      const at = imageToStage(transform, x + 0.5 - 150, y + 0.5 - 120)
      const sx = Math.round(at.x / pixelSizeUm + widthPx / 2 - 0.5)
      const sy = Math.round(at.y / pixelSizeUm + heightPx / 2 - 0.5)
      if (sx < 0 || sy < 0 || sx >= widthPx || sy >= heightPx) continue
      const here = turned.data[3 * (y * 300 + x) + 1]!
      difference += Math.abs(here - straight.data[3 * (sy * widthPx + sx) + 1]!)
      contrast += Math.abs(here - straight.data[3 * (sy * widthPx + widthPx - 1 - sx) + 1]!)
      points++
    }
  }
  expect(points).toBeGreaterThan(1000)
  expect(difference / points).toBeLessThan(5)
  expect(contrast / points).toBeGreaterThan(20)
})

test('the lamp can be off, too bright and out of its middle', async () => {
  const mean = ({ data }: { data: Uint8Array }, channel: number) => {
    let sum = 0
    for (let i = channel; i < data.length; i += 3) sum += data[i]!
    return sum / (data.length / 3)
  }
  const seen = (effects: Partial<typeof NO_EFFECTS>) => see({ effects: { ...NO_EFFECTS, ...effects } })
  expect(mean(await seen({ light: 0, blackLevel: 6 }), 1)).toBeCloseTo(6, 1)
  const bright = await seen({ light: 3 })
  expect(bright.data.filter((value) => value === 255).length).toBeGreaterThan(0.5 * bright.data.length)
  const plain = await seen({})
  const tinted = await seen({ tint: [1, 0.5, 1] })
  expect(mean(tinted, 1) / mean(plain, 1)).toBeCloseTo(0.5, 1)
  expect(mean(tinted, 0)).toBe(mean(plain, 0))
  const shaded = await seen({ shade: [0.4, 0] })
  const right = 3 * (120 * 300 + 290) + 1
  expect(shaded.data[right]! / plain.data[right]!).toBeCloseTo(0.6, 1)
})
