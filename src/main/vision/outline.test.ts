import { expect, test } from 'vitest'
import { type Grid, gridFor, MARGIN } from './grid.ts'
import { outlineIn } from './outline.ts'

/** Labels from a drawing: `#` is 1, `o` 2. */
function drawn(rows: readonly string[]): { readonly labels: Int32Array; readonly grid: Grid } {
  const grid = gridFor(rows[0].length, rows.length)
  const labels = new Int32Array(grid.size)
  for (const [y, row] of rows.entries()) {
    for (const [x, mark] of [...row].entries()) {
      labels[(y + MARGIN) * grid.stride + x + MARGIN] = mark === '#' ? 1 : mark === 'o' ? 2 : 0
    }
  }
  return { labels, grid }
}

const area = (outline: readonly number[]): number => {
  let sum = 0
  for (let k = 0; k < outline.length; k += 2) {
    const next = (k + 2) % outline.length
    sum += outline[k] * outline[next + 1] - outline[next] * outline[k + 1]
  }
  return sum / 2
}

test('goes clockwise round everything of one label within the box, past holes and neighbours', () => {
  const { labels, grid } = drawn(['.......', '.#####o', '.#.#.#o', '.#####.', '...#...'])
  const outline = outlineIn(labels, Int32Array.of(0, 1, 2), 1, { left: 1, right: 5, top: 1, bottom: 3 }, grid)
  expect(outline.length / 2).toBe(12)
  // From middle to middle of the border's pixels: 4 x 2; positive is clockwise where y points down.
  expect(area(outline)).toBe(8)
})

test('a single pixel and a row of pixels have an outline too, what is not there has none', () => {
  const { labels, grid } = drawn(['#..', '...', 'ooo'])
  const labelOf = Int32Array.of(0, 1, 2)
  const whole = { left: 0, right: 2, top: 0, bottom: 2 }
  expect(outlineIn(labels, labelOf, 1, whole, grid)).toEqual([0.5, 0.5])
  expect(new Set(outlineIn(labels, labelOf, 2, whole, grid).filter((_, k) => k % 2 === 0))).toEqual(
    new Set([0.5, 1.5, 2.5]),
  )
  expect(outlineIn(labels, labelOf, 3, whole, grid)).toEqual([])
})

test('a long border is thinned out', () => {
  const { labels, grid } = drawn(Array.from({ length: 120 }, () => '#'.repeat(120)))
  const outline = outlineIn(labels, Int32Array.of(0, 1), 1, { left: 0, right: 119, top: 0, bottom: 119 }, grid)
  expect(outline.length / 2).toBeLessThanOrEqual(64)
  expect(area(outline)).toBeGreaterThan(0.97 * 119 ** 2)
})
