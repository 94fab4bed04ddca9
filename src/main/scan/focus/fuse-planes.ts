import type { RgbImage } from '../../../shared/image.ts'

/** Side of the squares whose sharpness is weighed, pixels. */
const TILE = 32
/** Every so many pixels of a square are looked at. */
const STRIDE = 2
/** The sharper plane stands out: weights are energies to this power. */
const POWER = 10

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
 * @param planes of the same size, one at least.
 */
export function fusePlanes(planes: readonly RgbImage[]): RgbImage {
  const { widthPx, heightPx } = planes[0]
  const sharpness = planes.map(sharpnessOf)
  const { columns, rows } = sharpness[0]
  const weights = weightsOf(
    sharpness.map(({ energy }) => energy),
    columns,
    rows,
  )
  const data = new Uint8Array(new SharedArrayBuffer(planes[0].data.length))
  const line = new Float32Array(3 * widthPx)
  for (let y = 0; y < heightPx; y++) {
    line.fill(0)
    const down = Math.max(0, Math.min(rows - 1, (y + 0.5) / TILE - 0.5))
    const upper = Math.floor(down)
    const lower = Math.min(rows - 1, upper + 1)
    for (const [k, plane] of planes.entries()) {
      const own = weights[k]
      for (let x = 0, i = 3 * y * widthPx, o = 0; x < widthPx; x++, i += 3, o += 3) {
        const right = Math.max(0, Math.min(columns - 1, (x + 0.5) / TILE - 0.5))
        const a = Math.floor(right)
        const b = Math.min(columns - 1, a + 1)
        const [u, v] = [right - a, down - upper]
        const top = own[upper * columns + a] * (1 - u) + own[upper * columns + b] * u
        const bottom = own[lower * columns + a] * (1 - u) + own[lower * columns + b] * u
        const weight = top * (1 - v) + bottom * v
        if (weight < 1e-3) continue
        line[o] += weight * plane.data[i]
        line[o + 1] += weight * plane.data[i + 1]
        line[o + 2] += weight * plane.data[i + 2]
      }
    }
    for (let o = 0, i = 3 * y * widthPx; o < line.length; o++, i++) data[i] = Math.min(255, Math.round(line[o]))
  }
  return { data, widthPx, heightPx }
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
