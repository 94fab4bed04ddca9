import type { Box } from './boxes.ts'
import { type Grid, MARGIN } from './grid.ts'

/** The eight directions, clockwise from the right (y points down). */
const STEP_X = [1, 1, 0, -1, -1, -1, 0, 1]
const STEP_Y = [0, 1, 1, 1, 0, -1, -1, -1]
/** No outline has more corners. */
const MOST_CORNERS = 64

/**
 * The outer border of what has one label inside a box, clockwise (Moore's neighbour tracing, ended by Jacob's rule), thinned out to
 * `MOST_CORNERS`: x, y of the middle of a pixel of it, again and again; working pixels from the image's corner. Pieces apart from
 * the one nearest to the middle of the box's left side are passed over.
 *
 * @param labels of every pixel of the grid a label of its own kind, which `labelOf` translates
 */
export function outlineIn(labels: Int32Array, labelOf: Int32Array, label: number, box: Box, grid: Grid): number[] {
  const isInside = (x: number, y: number): boolean =>
    x >= box.left &&
    x <= box.right &&
    y >= box.top &&
    y <= box.bottom &&
    labelOf[labels[(y + MARGIN) * grid.stride + x + MARGIN]] === label
  const start = startOf(isInside, box)
  if (start === null) return []
  const border: number[] = []
  let [x, y] = start
  // Coming from the left, where nothing is.
  let heading = 0
  let first = -1
  // A border passes each pixel at most four times.
  const most = 4 * (box.right - box.left + 1) * (box.bottom - box.top + 1)
  for (let step = 0; step < most; step++) {
    let turn = 0
    while (turn < 8 && !isInside(x + STEP_X[(heading + 5 + turn) & 7], y + STEP_Y[(heading + 5 + turn) & 7])) turn++
    const next = (heading + 5 + turn) & 7
    if (x === start[0] && y === start[1]) {
      if (next === first) break
      if (first < 0) first = next
    }
    border.push(x + 0.5, y + 0.5)
    if (turn === 8) break
    x += STEP_X[next]
    y += STEP_Y[next]
    heading = next
  }
  const every = Math.ceil(border.length / 2 / MOST_CORNERS)
  return border.filter((_, k) => (k >> 1) % every === 0)
}

/** The leftmost pixel of the row nearest to the box's middle that has one. */
function startOf(isInside: (x: number, y: number) => boolean, box: Box): [x: number, y: number] | null {
  const middle = (box.top + box.bottom) >> 1
  for (let away = 0; away <= box.bottom - box.top; away++) {
    for (const y of [middle - away, middle + away]) {
      for (let x = box.left; x <= box.right; x++) if (isInside(x, y)) return [x, y]
    }
  }
  return null
}
