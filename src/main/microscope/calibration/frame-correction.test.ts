import { afterAll, describe, expect, it } from 'vitest'
import { type CameraPose, cameraTransform } from '../../../shared/camera-transform.ts'
import { createWorld } from '../simulator/create-world.ts'
import { NO_EFFECTS } from '../simulator/effects.ts'
import { FrameCorrection } from './frame-correction.ts'
import { NOTHING_KNOWN } from './in-use.ts'
import { register, registrable } from './register.ts'

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
