import { createHash } from 'node:crypto'
import { afterAll, describe, expect, test } from 'vitest'
import type { RgbImage } from '../../../shared/image.ts'
import { createWorld } from './create-world.ts'
import { DEFAULT_EFFECTS, NO_EFFECTS } from './effects.ts'
import type { ImageEffects, RenderRequest, World } from './world.ts'

const world = createWorld({ seed: 11, profile: 'normal' })
afterAll(() => world.close())

const middle = {
  x: world.countable.origin.x + world.countable.width / 2,
  y: world.countable.origin.y + world.countable.height / 2,
}

function request(changes: Partial<RenderRequest> = {}, on: World = world): RenderRequest {
  const centre = changes.centre ?? middle
  return {
    centre,
    zUm: on.bestFocusUm(centre),
    widthPx: 512,
    heightPx: 384,
    pixelSizeUm: 0.184,
    travelUm: { x: 0, y: 0 },
    effects: NO_EFFECTS,
    noiseSeed: 1,
    ...changes,
  }
}

const digest = (image: RgbImage) => createHash('sha256').update(image.data).digest('hex')
const green = (image: RgbImage, x: number, y: number) => image.data[(y * image.widthPx + x) * 3 + 1]!

/** Mean of one channel over a box of pixels. */
function mean(image: RgbImage, left: number, top: number, width: number, height: number): number {
  let sum = 0
  for (let y = top; y < top + height; y++) for (let x = left; x < left + width; x++) sum += green(image, x, y)
  return sum / (width * height)
}

/** Mean squared difference between neighbours along x (and along y): what blur takes away. */
function roughness(image: RgbImage): { x: number; y: number } {
  let x2 = 0
  let y2 = 0
  for (let y = 1; y < image.heightPx; y++) {
    for (let x = 1; x < image.widthPx; x++) {
      x2 += (green(image, x, y) - green(image, x - 1, y)) ** 2
      y2 += (green(image, x, y) - green(image, x, y - 1)) ** 2
    }
  }
  const count = (image.widthPx - 1) * (image.heightPx - 1)
  return { x: x2 / count, y: y2 / count }
}

describe('the same request gives the same bytes', () => {
  test('in another world of the same seed, asked in another order', async () => {
    const places = [0, 150, -700].map((dx) => ({ x: middle.x + dx, y: middle.y - dx / 3 }))
    const requests = places.map((centre, i) =>
      request({ centre, effects: DEFAULT_EFFECTS, noiseSeed: i, zUm: world.bestFocusUm(centre) + i }),
    )
    const first = []
    for (const each of requests) first.push(digest(await world.render(each)))
    const other = createWorld({ seed: 11, profile: 'normal' })
    other.truthIn(other.extent)
    const second = []
    for (const each of requests.toReversed()) second.push(digest(await other.render(each)))
    await other.close()
    expect(second.toReversed()).toEqual(first)
    expect(new Set(first).size).toBe(3)
  })

  test('while another seed gives another slide', async () => {
    const other = createWorld({ seed: 12, profile: 'normal' })
    expect(digest(await other.render(request()))).not.toBe(digest(await world.render(request())))
    await other.close()
  })
})

describe('what the image shows is where the truth says', () => {
  test('cells are darker in the middle than the ground around them, at the place and size given', async () => {
    const image = await world.render(request({ widthPx: 1024, heightPx: 768 }))
    const ground = brightest(image)
    const left = middle.x - 512 * 0.184
    const top = middle.y - 384 * 0.184
    const inner = { origin: { x: left + 12, y: top + 12 }, width: 1024 * 0.184 - 24, height: 768 * 0.184 - 24 }
    const cells = world.truthIn(inner).filter((cell) => !['ART', 'NIF', 'KSC'].includes(cell.class))
    expect(cells.length).toBeGreaterThan(10)
    for (const cell of cells) {
      const x = Math.round((cell.centre.x - left) / 0.184)
      const y = Math.round((cell.centre.y - top) / 0.184)
      const reach = Math.round(cell.widthUm / 0.184 / 4)
      expect(mean(image, x - reach, y - reach, 2 * reach, 2 * reach), `${cell.class} ${cell.id}`).toBeLessThan(
        0.75 * ground,
      )
    }
  })

  test('moving the stage moves the image by as much', async () => {
    const here = await world.render(request())
    const there = await world.render(request({ centre: { x: middle.x + 10 * 0.184, y: middle.y + 4 * 0.184 } }))
    let worst = 0
    for (let y = 0; y < 300; y++) {
      for (let x = 0; x < 400; x++) worst = Math.max(worst, Math.abs(green(there, x, y) - green(here, x + 10, y + 4)))
    }
    // Sampling between the grid's pixels rounds weights to 1/256.
    expect(worst).toBeLessThanOrEqual(2)
  })

  test('a finer pixel size shows the same place larger', async () => {
    const coarse = await world.render(request({ widthPx: 256, heightPx: 192 }))
    const fine = await world.render(request({ widthPx: 512, heightPx: 384, pixelSizeUm: 0.092 }))
    for (const [x, y] of [
      [40, 30],
      [128, 96],
      [200, 150],
    ] as const) {
      expect(Math.abs(mean(coarse, x, y, 16, 16) - mean(fine, 2 * x, 2 * y, 32, 32))).toBeLessThan(3)
    }
  })

  test('beyond the smear lies empty glass', async () => {
    const { origin } = world.extent
    const image = await world.render(request({ centre: { x: origin.x - 500, y: origin.y - 500 } }))
    expect(image.data.reduce((least, value) => Math.min(least, value), 255)).toBeGreaterThan(200)
  })
})

describe('effects do what they say', () => {
  const with_ = (changes: Partial<ImageEffects>) => world.render(request({ effects: { ...NO_EFFECTS, ...changes } }))

  test('vignetting darkens the corners and not the middle', async () => {
    const plain = await with_({})
    const dark = await with_({ vignetting: 0.4 })
    expect(mean(dark, 240, 180, 32, 24) / mean(plain, 240, 180, 32, 24)).toBeGreaterThan(0.98)
    expect(mean(dark, 0, 0, 16, 12) / mean(plain, 0, 0, 16, 12)).toBeCloseTo(0.6, 1)
  })

  test('fewer electrons, more noise, as the square root', async () => {
    const empty = { x: world.extent.origin.x - 500, y: world.extent.origin.y - 500 }
    const deviation = async (electrons: number, noiseSeed = 1) => {
      const image = await world.render(
        request({ centre: empty, noiseSeed, effects: { ...NO_EFFECTS, fullWellElectrons: electrons } }),
      )
      const average = mean(image, 0, 0, 200, 200)
      let sum = 0
      for (let y = 0; y < 200; y++) for (let x = 0; x < 200; x++) sum += (green(image, x, y) - average) ** 2
      return Math.sqrt(sum / 40_000)
    }
    const few = await deviation(2_000)
    const many = await deviation(8_000)
    expect(few / many).toBeGreaterThan(1.8)
    expect(few / many).toBeLessThan(2.2)
    // 255 * sqrt(0.92 * 2000) / 2000 grey levels
    expect(few).toBeGreaterThan(4.9)
    expect(few).toBeLessThan(6.1)
    const other = await world.render(request({ noiseSeed: 2, effects: DEFAULT_EFFECTS }))
    expect(digest(other)).not.toBe(digest(await world.render(request({ noiseSeed: 3, effects: DEFAULT_EFFECTS }))))
  })

  test('hot pixels are the same in every frame', async () => {
    const plain = await with_({})
    const hot = await with_({ hotPixelShare: 0.0002 })
    const elsewhere = await world.render(
      request({ centre: { x: middle.x + 300, y: middle.y }, effects: { ...NO_EFFECTS, hotPixelShare: 0.0002 } }),
    )
    const changed = [...hot.data.keys()].filter((i) => hot.data[i] !== plain.data[i])
    expect(new Set(changed.map((i) => Math.floor(i / 3))).size).toBeGreaterThan(25)
    for (const i of changed) expect(elsewhere.data[i]).toBe(255)
  })

  test('distance from focus blurs ever more, and best focus is best', async () => {
    const rough = []
    for (const away of [-6, -3, -1, 0, 1, 3, 6]) {
      const image = await world.render(request({ zUm: world.bestFocusUm(middle) + away }))
      rough.push(roughness(image).x)
    }
    expect(rough.slice(0, 4)).toEqual(rough.slice(0, 4).toSorted((a, b) => a - b))
    expect(rough.slice(3)).toEqual(rough.slice(3).toSorted((a, b) => b - a))
    expect(rough[3]! / rough[6]!).toBeGreaterThan(20)
  })

  test('within the depth of field nothing changes much', async () => {
    const sharp = roughness(await world.render(request()))
    const near = roughness(await world.render(request({ zUm: world.bestFocusUm(middle) + 0.3 })))
    expect(near.x / sharp.x).toBeGreaterThan(0.8)
  })

  test('stage travel smears along the travel only', async () => {
    const still = roughness(await world.render(request()))
    const moved = roughness(await world.render(request({ travelUm: { x: 4, y: 0 } })))
    expect(moved.x / still.x).toBeLessThan(0.25)
    expect(moved.y / still.y).toBeGreaterThan(moved.x / still.x + 0.2)
  })
})

function brightest(image: RgbImage): number {
  const counts = new Uint32Array(256)
  for (let i = 1; i < image.data.length; i += 3) counts[image.data[i]!]!++
  let left = (image.data.length / 3) * 0.1
  let level = 255
  while (level > 0 && left > counts[level]!) left -= counts[level--]!
  return level
}
