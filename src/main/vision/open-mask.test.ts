import { expect, test } from 'vitest'
import { Random } from '../microscope/simulator/random.ts'
import { type Grid, gridFor, MARGIN } from './grid.ts'
import { openMask } from './open-mask.ts'

const OCTAGON: readonly (readonly [number, number])[] = [-2, -1, 0, 1, 2].flatMap((y) =>
  [-2, -1, 0, 1, 2].filter((x) => Math.abs(x) + Math.abs(y) < 4).map((x) => [x, y] as const),
)

/** As the definition has it: every place where the whole octagon fits, and the octagons there. */
function opened(mask: Uint8Array, keep: Uint8Array, { widthPx, heightPx, stride, size }: Grid): Uint8Array {
  const out = new Uint8Array(size)
  const at = (x: number, y: number): number => (y + MARGIN) * stride + x + MARGIN
  const isInside = (x: number, y: number): boolean => x >= 0 && y >= 0 && x < widthPx && y < heightPx
  for (let y = 0; y < heightPx; y++) {
    for (let x = 0; x < widthPx; x++) {
      if (keep[at(x, y)] === 1) out[at(x, y)] = 1
      const fits = OCTAGON.every(([dx, dy]) => isInside(x + dx, y + dy) && mask[at(x + dx, y + dy)] === 1)
      if (fits) for (const [dx, dy] of OCTAGON) out[at(x + dx, y + dy)] = 1
    }
  }
  return out
}

test.each([1, 2, 5, 30, 61, 64])('a mask %s px wide is opened by an octagon', (width) => {
  const random = new Random(width)
  const grid = gridFor(width, 40)
  const mask = new Uint8Array(grid.size)
  const keep = new Uint8Array(grid.size)
  for (let y = 0; y < grid.heightPx; y++) {
    for (let x = 0; x < grid.widthPx; x++) {
      mask[(y + MARGIN) * grid.stride + x + MARGIN] = random.chance(0.93) ? 1 : 0
      keep[(y + MARGIN) * grid.stride + x + MARGIN] = random.chance(0.01) ? 1 : 0
    }
  }
  const expected = opened(mask, keep, grid)
  openMask(mask, keep, grid)
  expect(mask).toEqual(expected)
})
