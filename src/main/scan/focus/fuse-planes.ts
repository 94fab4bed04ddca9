import { setImmediate as nextTurn } from 'node:timers/promises'
import type { RgbImage } from '../../../shared/image.ts'
import { frameMemory } from '../../frame-memory.ts'

/** Side of the squares whose sharpness is weighed, pixels. */
const TILE = 32
/** Every so many pixels of a square are looked at. */
const STRIDE = 2
/** The sharper plane stands out: weights are energies to this power. */
const POWER = 10
/** What weighs less adds nothing that could be seen. */
const LEAST_WEIGHT = 1e-3
/** A few milliseconds. */
const ROWS_A_TURN = 64

/** Energy of the Laplacian in squares, row by row. */
export interface Sharpness {
  readonly columns: number
  readonly rows: number
  readonly energy: Float32Array
}

/** Squares in which one plane is so many times sharper than another. */
const MUCH_SHARPER = 1.3
/** Squares with less than this share of the sharpest ones' energy show nothing. */
const SHOWS_SOMETHING = 0.1

/**
 * The share of squares in which `b` is much sharper than `a`, of those that show something. Where both this and its converse are large, the field
 * is thicker than what is in focus at once.
 */
export function shareSharper(a: Sharpness, b: Sharpness): number {
  const most = a.energy.map((energy, tile) => Math.max(energy, b.energy[tile]))
  const least = SHOWS_SOMETHING * most.toSorted()[Math.floor(0.9 * most.length)]
  let [shown, sharper] = [0, 0]
  for (const [tile, energy] of most.entries()) {
    if (energy < least) continue
    shown++
    if (b.energy[tile] > MUCH_SHARPER * a.energy[tile]) sharper++
  }
  return shown === 0 ? 0 : sharper / shown
}

/**
 * One image of several planes of a field, each place from where it is sharpest: weights by the energy of the Laplacian in squares (a focus measure
 * of the kind Nayar and Nakagawa 1994, IEEE PAMI 16:824, use for shape from focus), changing steadily from square to square, so that no seam shows.
 *
 * Does it some rows at a time, so that nobody who waits for an answer feels it.
 *
 * @param planes of the same size, one at least.
 */
export async function fusePlanes(planes: readonly RgbImage[]): Promise<RgbImage> {
  const { widthPx, heightPx } = planes[0]
  const sharpness = planes.map(sharpnessOf)
  const { columns, rows } = sharpness[0]
  const weights = weightsOf(
    sharpness.map(({ energy }) => energy),
    columns,
    rows,
  )
  const data = frameMemory(widthPx, heightPx)
  const line = new Float32Array(3 * widthPx)
  const own = new Float32Array(columns)
  for (let y = 0; y < heightPx; y++) {
    if (y > 0 && y % ROWS_A_TURN === 0) await nextTurn()
    line.fill(0)
    const down = Math.max(0, Math.min(rows - 1, (y + 0.5) / TILE - 0.5))
    const upper = Math.floor(down)
    const lower = Math.min(rows - 1, upper + 1)
    for (const [k, plane] of planes.entries()) {
      for (let tile = 0; tile < columns; tile++) {
        const [above, below] = [weights[k][upper * columns + tile], weights[k][lower * columns + tile]]
        own[tile] = above * (1 - (down - upper)) + below * (down - upper)
      }
      addWeighted(line, plane.data, 3 * y * widthPx, own)
    }
    for (let o = 0, i = 3 * y * widthPx; o < line.length; o++, i++) data[i] = Math.min(255, Math.round(line[o]))
  }
  return { data, widthPx, heightPx }
}

/** Adds a row of a plane to `line`, by its weights in the middles of a row of squares; most planes have none in most places. */
function addWeighted(line: Float32Array, data: Uint8Array, from: number, weights: Float32Array): void {
  const widthPx = line.length / 3
  const last = weights.length - 1
  // From the middle of one square to that of the next; before the first and behind the last it stays the same.
  for (let square = -1; square <= last; square++) {
    const [left, right] = [weights[Math.max(0, square)], weights[Math.min(last, square + 1)]]
    if (Math.max(left, right) < LEAST_WEIGHT) continue
    const middle = (square + 0.5) * TILE
    const [start, end] = [Math.max(0, middle), Math.min(widthPx, middle + TILE)]
    for (let x = start, o = 3 * start, i = from + 3 * start; x < end; x++, o += 3, i += 3) {
      const weight = left + (right - left) * ((x + 0.5 - middle) / TILE)
      if (weight < LEAST_WEIGHT) continue
      line[o] += weight * data[i]
      line[o + 1] += weight * data[i + 1]
      line[o + 2] += weight * data[i + 2]
    }
  }
}

/** Mean square of the Laplacian of green in each square, two pixels wide, so that noise of single pixels does little; smoothed over 3 x 3 squares. */
export function sharpnessOf({ data, widthPx, heightPx }: RgbImage): Sharpness {
  const columns = Math.ceil(widthPx / TILE)
  const rows = Math.ceil(heightPx / TILE)
  const sums = new Float32Array(columns * rows)
  const counts = new Uint32Array(columns * rows)
  const across = 6
  const along = 6 * widthPx
  for (let y = 2; y < heightPx - 2; y += STRIDE) {
    const row = Math.floor(y / TILE) * columns
    for (let x = 2, i = 3 * (y * widthPx + 2) + 1; x < widthPx - 2; x += STRIDE, i += 3 * STRIDE) {
      const laplacian = 4 * data[i] - data[i - across] - data[i + across] - data[i - along] - data[i + along]
      const tile = row + Math.floor(x / TILE)
      sums[tile] += laplacian * laplacian
      counts[tile]++
    }
  }
  const means = sums.map((sum, tile) => (counts[tile] === 0 ? 0 : sum / counts[tile]))
  return { columns, rows, energy: smoothed(means, columns, rows) }
}

/** Of each plane in each square, together 1. */
function weightsOf(energy: readonly Float32Array[], columns: number, rows: number): Float32Array[] {
  const weights = energy.map(() => new Float32Array(columns * rows))
  for (let tile = 0; tile < columns * rows; tile++) {
    const most = Math.max(...energy.map((each) => each[tile]))
    // Nothing to see in any: they share it.
    const raised = energy.map((each) => (most === 0 ? 1 : (each[tile] / most) ** POWER))
    const sum = raised.reduce((total, each) => total + each, 0)
    for (const [k, each] of raised.entries()) weights[k][tile] = each / sum
  }
  return weights
}

function smoothed(values: Float32Array, columns: number, rows: number): Float32Array {
  return values.map((_, tile) => {
    const [row, column] = [Math.floor(tile / columns), tile % columns]
    let [sum, count] = [0, 0]
    for (let y = Math.max(0, row - 1); y <= Math.min(rows - 1, row + 1); y++) {
      for (let x = Math.max(0, column - 1); x <= Math.min(columns - 1, column + 1); x++) {
        sum += values[y * columns + x]
        count++
      }
    }
    return sum / count
  })
}
