import { afterAll, describe, expect, it } from 'vitest'
import { type CameraPose, cameraTransform } from '../../../shared/camera-transform.ts'
import type { CalibrationOf } from '../../../shared/contract/calibration.ts'
import { createWorld } from '../simulator/create-world.ts'
import { NO_EFFECTS } from '../simulator/effects.ts'
import { Random } from '../simulator/random.ts'
import { FrameCorrection } from './frame-correction.ts'
import { NOTHING_KNOWN } from './in-use.ts'
import { register, registrable } from './register.ts'
import { turnOf } from './turn.ts'

const world = createWorld({ seed: 21, profile: 'normal' })
afterAll(() => world.close())
const { origin, width, height } = world.countable
const centre = { x: origin.x + width / 2, y: origin.y + height / 2 }
const SOURCE = { widthPx: 640, heightPx: 480 }

const see = (changes: object) =>
  world.render({
    centre,
    zUm: world.bestFocusUm(centre),
    ...SOURCE,
    pixelSizeUm: 0.2,
    travelUm: { x: 0, y: 0 },
    effects: NO_EFFECTS,
    noiseSeed: 1,
    ...changes,
  })

const knownOf = (pose: CameraPose) => ({
  ...NOTHING_KNOWN,
  'pixel-size': {
    kind: 'pixel-size' as const,
    transform: cameraTransform(pose),
    ...pose,
    pixelSizeErrorPercent: 0,
    rotationErrorDegrees: 0,
    residualPx: 0,
    moves: 20,
    leftOut: 0,
    ...SOURCE,
  },
})

const pose = (changes: Partial<CameraPose>): CameraPose => ({
  pixelSizeUm: 0.2,
  rotationDegrees: 0,
  mirrored: false,
  skewDegrees: 0,
  aspect: 1,
  ...changes,
})

describe('FrameCorrection', () => {
  it('lays images along the stage, however the camera is turned, as a straight camera would see them', async () => {
    for (const changes of [
      { rotationDegrees: 37, mirrored: true, skewDegrees: 1, aspect: 1.02 },
      { rotationDegrees: -2.5 },
      { rotationDegrees: 90 },
      { rotationDegrees: 180, mirrored: true },
      { rotationDegrees: -121 },
    ]) {
      const turned = pose(changes)
      const correction = new FrameCorrection(SOURCE, knownOf(turned))
      const note = JSON.stringify([changes, correction.widthPx, correction.heightPx])
      const corrected = correction.apply(await see({ transform: cameraTransform(turned) }))
      expect(corrected, note).toMatchObject({ widthPx: correction.widthPx, heightPx: correction.heightPx })
      expect(correction.widthPx * correction.heightPx, note).toBeGreaterThan(0.35 * SOURCE.widthPx * SOURCE.heightPx)
      const straight = await see({ widthPx: correction.widthPx, heightPx: correction.heightPx })
      const shift = register(registrable(straight), registrable(corrected))
      expect(Math.hypot(shift.xPx, shift.yPx), note).toBeLessThan(0.1)
      expect(shift.certainty, note).toBeGreaterThan(12)
      let difference = 0
      for (let i = 1; i < corrected.data.length; i += 3) difference += Math.abs(corrected.data[i]! - straight.data[i]!)
      expect(difference / (corrected.data.length / 3), note).toBeLessThan(3)
    }
  })

  it('puts light right and mixes pixels as it says, to the last bit', () => {
    const [widthPx, heightPx] = [53, 41]
    const random = new Random(3)
    const data = Uint8Array.from({ length: 3 * widthPx * heightPx }, () =>
      Math.min(255, Math.floor(270 * random.next())),
    )
    const size = { widthPx, heightPx }
    const level = [4, 9.6, 0] satisfies CalibrationOf<'dark-frame'>['level']
    const gains = [1.31, 1, 0.42] satisfies CalibrationOf<'white-balance'>['gains']
    const stuck = [60, 2 * widthPx, 4 * widthPx - 1]
    const known = {
      ...NOTHING_KNOWN,
      'dark-frame': { kind: 'dark-frame' as const, ...size, level, stuck, noiseLevels: 1, frames: 8 },
      'white-balance': { kind: 'white-balance' as const, gains, errorPercent: 0, frames: 8 },
    }
    const lit = Uint8Array.from(data, (value, i) => {
      const gain = Math.round(4096 * gains[i % 3])
      const exact = ((value - [4, 10, 0][i % 3]) * gain) / 4096
      return value === 255 ? 255 : Math.min(255, Math.max(0, Math.floor(exact + 0.5)))
    })
    for (let c = 0; c < 3; c++) {
      const mean = (a: number, b: number) => Math.floor((lit[3 * a + c] + lit[3 * b + c] + 1) / 2)
      lit[3 * 60 + c] = mean(59, 61)
      lit[6 * widthPx + c] = mean(2 * widthPx + 1, 2 * widthPx + 1)
      lit[3 * (4 * widthPx - 1) + c] = mean(4 * widthPx - 2, 4 * widthPx - 2)
    }
    expect(new FrameCorrection(size, known).apply({ data, ...size }).data).toEqual(lit)
    const turned = { ...knownOf(pose({ rotationDegrees: 7 }))['pixel-size'], ...size }
    const correction = new FrameCorrection(size, { ...known, 'pixel-size': turned })
    const { data: laid, ...laidSize } = correction.apply({ data, ...size })
    const { xx, xy, yx, yy, x0, y0 } = turnOf(turned.transform, size)!
    let at = 0
    for (let y = 0; y < laidSize.heightPx; y++) {
      for (let x = 0; x < laidSize.widthPx; x++) {
        const [px, py] = [x0 + xy * y + xx * x, y0 + yy * y + yx * x]
        const [u, v] = [px, py].map((each) => Math.floor(256 * (each - Math.floor(each))) / 256)
        for (let c = 0; c < 3; c++) {
          const of = (right: number, down: number) =>
            lit[3 * ((Math.floor(py) + down) * widthPx + Math.floor(px) + right) + c]
          const upper = of(0, 0) * (1 - u) + of(1, 0) * u
          const lower = of(0, 1) * (1 - u) + of(1, 1) * u
          expect(laid[at++], `${x} ${y}`).toBe(Math.floor(upper * (1 - v) + lower * v + 0.5))
        }
      }
    }
    expect(at).toBe(laid.length)
  })

  it('mixes no pixels of a camera that is only mirrored or turned by right angles', async () => {
    const turned = pose({ rotationDegrees: 90, mirrored: true })
    const image = await see({ transform: cameraTransform(turned) })
    const corrected = new FrameCorrection(SOURCE, knownOf(turned)).apply(image)
    expect([corrected.widthPx, corrected.heightPx]).toEqual([480, 640])
    expect([...corrected.data].sort((a, b) => a - b)).toEqual([...image.data].sort((a, b) => a - b))
    const straight = new FrameCorrection(SOURCE, knownOf(pose({})))
    const plain = await see({})
    expect(straight.apply(plain)).toBe(plain)
    expect(straight.pixelSizeUm).toBe(0.2)
  })

  it('leaves everything as it is where nothing is known, and refuses images of another size', async () => {
    const correction = new FrameCorrection(SOURCE, NOTHING_KNOWN)
    const plain = await see({})
    expect(correction.apply(plain)).toBe(plain)
    expect(correction.pixelSizeUm).toBeNull()
    expect(() => new FrameCorrection({ widthPx: 320, heightPx: 240 }, knownOf(pose({})))).toThrow(/640 x 480/)
  })
})
