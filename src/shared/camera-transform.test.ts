import { describe, expect, it } from 'vitest'
import {
  cameraPose,
  cameraTransform,
  chain,
  imageToStage,
  inverse,
  stageToImage,
  straightTransform,
  turnBetween,
} from './camera-transform.ts'

describe('cameraTransform', () => {
  it('is taken apart into what it was made of, for every turn, mirrored or not', () => {
    for (const mirrored of [false, true]) {
      for (let rotationDegrees = -179; rotationDegrees < 180; rotationDegrees += 7.3) {
        for (const skewDegrees of [-1.5, 0, 0.4]) {
          const pose = { pixelSizeUm: 0.092, rotationDegrees, mirrored, skewDegrees, aspect: 1.01 }
          const found = cameraPose(cameraTransform(pose))
          expect(found.mirrored).toBe(mirrored)
          expect(found.pixelSizeUm).toBeCloseTo(pose.pixelSizeUm, 12)
          expect(turnBetween(found.rotationDegrees, rotationDegrees)).toBeCloseTo(0, 9)
          expect(found.skewDegrees).toBeCloseTo(skewDegrees, 9)
          expect(found.aspect).toBeCloseTo(1.01, 9)
        }
      }
    }
  })

  it('has the camera look along the axes where nothing is turned', () => {
    const pose = { pixelSizeUm: 0.1, rotationDegrees: 0, mirrored: false, skewDegrees: 0, aspect: 1 }
    expect(cameraTransform(pose)).toEqual({ ...straightTransform(0.1), xy: -0 })
    // A quarter turn: right in the image is up the stage's y.
    const quarter = imageToStage(cameraTransform({ ...pose, rotationDegrees: 90 }), 10, 0)
    expect(quarter.x).toBeCloseTo(0)
    expect(quarter.y).toBeCloseTo(1)
    expect(imageToStage(cameraTransform({ ...pose, mirrored: true }), 10, 0).x).toBeCloseTo(-1)
  })

  it('is undone by its inverse', () => {
    const transform = cameraTransform({
      pixelSizeUm: 0.2,
      rotationDegrees: 31,
      mirrored: true,
      skewDegrees: 1,
      aspect: 0.98,
    })
    const there = imageToStage(transform, 300, -120)
    const back = stageToImage(transform, there.x, there.y)
    expect(back.x).toBeCloseTo(300)
    expect(back.y).toBeCloseTo(-120)
    const one = chain(transform, inverse(transform))
    expect([one.xx, one.xy, one.yx, one.yy].map((value) => Math.round(value * 1e9) / 1e9 + 0)).toEqual([1, 0, 0, 1])
    expect(() => inverse({ xx: 1, xy: 2, yx: 2, yy: 4 })).toThrow(RangeError)
    expect(() => cameraPose({ xx: 0, xy: 0, yx: 0, yy: 0 })).toThrow(RangeError)
  })
})
