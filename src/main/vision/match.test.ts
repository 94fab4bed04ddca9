import { expect, test } from 'vitest'
import { intersectionOverUnion, matchDetections } from './match.ts'

const at = (xPx: number, yPx: number, size = 10) => ({ xPx, yPx, widthPx: size, heightPx: size })
const found = (xPx: number, yPx: number, size = 10) => ({ ...at(xPx, yPx, size), score: 1 })

test('pairs are one to one: of two detections on one cell, one is extra', () => {
  const result = matchDetections([at(50, 50)], [found(51, 50), found(49, 49)], { kind: 'box' })
  expect(result).toMatchObject({ truePositives: 1, missed: [], extra: [1], pairs: [{ truth: 0, detection: 0 }] })
})

test('a nearer cell does not rob another of its only detection', () => {
  // Detection 0 is near both cells and nearest to cell 1; detection 1 reaches cell 1 only.
  const truth = [at(0, 0), at(8, 0)]
  const result = matchDetections(truth, [found(5, 0), found(14, 0)], { kind: 'radius', radiusPx: 6 })
  expect(result.truePositives).toBe(2)
  expect(result.pairs).toEqual([
    { truth: 0, detection: 0 },
    { truth: 1, detection: 1 },
  ])
})

test('the radius rule has its limit, the box rule asks for the centre inside', () => {
  const radius = { kind: 'radius', radiusPx: 60 } as const
  expect(matchDetections([{ xPx: 0, yPx: 0 }], [found(60, 0)], radius).truePositives).toBe(1)
  expect(matchDetections([{ xPx: 0, yPx: 0 }], [found(61, 0)], radius)).toMatchObject({ missed: [0], extra: [0] })
  expect(matchDetections([at(0, 0)], [found(5.1, 0, 30)], { kind: 'box' }).truePositives).toBe(0)
})

test('boxes give their overlap, places without a size none', () => {
  const result = matchDetections([at(0, 0), { xPx: 100, yPx: 0 }], [found(5, 0), found(100, 0)], {
    kind: 'radius',
    radiusPx: 20,
  })
  expect(result.ious).toEqual([50 / 150])
  expect(intersectionOverUnion(at(0, 0), found(0, 0))).toBe(1)
  expect(intersectionOverUnion(at(0, 0), found(50, 0))).toBe(0)
})

test('nothing against nothing', () => {
  expect(matchDetections([], [], { kind: 'box' })).toMatchObject({ truePositives: 0, missed: [], extra: [], ious: [] })
  expect(matchDetections([at(0, 0)], [], { kind: 'box' }).missed).toEqual([0])
})
