import type { ReducedImage } from './reduce.ts'

/**
 * The empty glass' red, green and blue over an image: what the lamp, the optics and the camera's white balance make of no stain at
 * all. `log` of each channel's value is a polynomial of second degree in x and y (-1 to 1 from edge to edge).
 */
export interface White {
  /** Of red, green and blue: coefficients of 1, x, y, xx, xy, yy. */
  readonly log: readonly [Float64Array, Float64Array, Float64Array]
}

/** Side of the squares that are looked at one by one, working pixels. */
const TILE = 16
const TERMS = 6

/**
 * Follows the light over the field: an envelope over the brightest quarter of each square of the image, by green, where every
 * stain absorbs. Where too little of the field is glass to tell, the brightest tenth of it is taken for glass, and the light for even.
 */
export function estimateWhite(image: ReducedImage): White {
  const tiles = brightestOf(image)
  const count = tiles.length / TILE_STRIDE
  if (count < LEAST_TILES) return evenWhite(image)
  const green = new Float64Array(count)
  for (let k = 0; k < count; k++) green[k] = tiles[k * TILE_STRIDE + 3]
  // Asymmetric least squares: squares below the surface (cells) hardly pull at it, and the less the darker they are.
  let fitted: Float64Array = new Float64Array(TERMS)
  const weights = new Float64Array(count)
  for (let round = 0; round < 12; round++) {
    for (let k = 0; k < count; k++) {
      const below = at(fitted, tiles, k) - green[k]
      weights[k] = below < 0 ? 1 : 0.04 / (1 + 100 * below * below)
    }
    fitted = surfaceThrough(tiles, 3, weights)
  }
  let glass = 0
  for (let k = 0; k < count; k++) {
    const isGlass = Math.abs(green[k] - at(fitted, tiles, k)) < GLASS_WITHIN
    weights[k] = isGlass ? 1 : 0
    if (isGlass) glass++
  }
  if (glass < LEAST_GLASS * count) return evenWhite(image)
  return {
    log: [surfaceThrough(tiles, 2, weights), surfaceThrough(tiles, 3, weights), surfaceThrough(tiles, 4, weights)],
  }
}

const LEAST_TILES = 24
const GLASS_WITHIN = 0.05
const LEAST_GLASS = 0.15
/** Of each square: x, y, then the logarithm of red, green, blue. */
const TILE_STRIDE = 5

/** Value of channel `c` (0 red, 1 green, 2 blue) at x, y (-1 to 1). */
export function whiteAt(white: White, c: 0 | 1 | 2, x: number, y: number): number {
  return Math.exp(logWhiteAt(white, c, x, y))
}

/** Its natural logarithm. */
export function logWhiteAt({ log }: White, c: 0 | 1 | 2, x: number, y: number): number {
  const k = log[c]
  return k[0] + k[1] * x + k[2] * y + k[3] * x * x + k[4] * x * y + k[5] * y * y
}

/** The brightest tenth of the pixels, by green. */
function evenWhite({ red, green, blue }: ReducedImage): White {
  const histogram = new Uint32Array(256)
  for (let i = 0; i < green.length; i++) histogram[green[i]]++
  let from = 255
  for (let seen = histogram[255]; from > 1 && seen * 10 < green.length; ) seen += histogram[--from]
  let count = 0
  let r = 0
  let g = 0
  let b = 0
  for (let i = 0; i < green.length; i++) {
    if (green[i] < from) continue
    count++
    r += red[i]
    g += green[i]
    b += blue[i]
  }
  const flat = (sum: number): Float64Array => Float64Array.of(Math.log(Math.max(1, sum / count)), 0, 0, 0, 0, 0)
  return { log: [flat(r), flat(g), flat(b)] }
}

/** Means of the brightest quarter, by green, of every second pixel of every second row of each square. */
function brightestOf({ red, green, blue, widthPx, heightPx }: ReducedImage): Float64Array {
  const columns = Math.floor(widthPx / TILE)
  const rows = Math.floor(heightPx / TILE)
  const tiles = new Float64Array(columns * rows * TILE_STRIDE)
  const histogram = new Uint16Array(256)
  const wanted = TILE ** 2 / 16
  for (let ty = 0, out = 0; ty < rows; ty++) {
    for (let tx = 0; tx < columns; tx++, out += TILE_STRIDE) {
      histogram.fill(0)
      const first = ty * TILE * widthPx + tx * TILE
      for (let row = first; row < first + TILE * widthPx; row += 2 * widthPx)
        for (let i = row; i < row + TILE; i += 2) histogram[green[i]]++
      let from = 255
      for (let seen = histogram[255]; from > 1 && seen < wanted; ) seen += histogram[--from]
      let count = 0
      let r = 0
      let g = 0
      let b = 0
      for (let row = first; row < first + TILE * widthPx; row += 2 * widthPx) {
        for (let i = row; i < row + TILE; i += 2) {
          if (green[i] < from) continue
          count++
          r += red[i]
          g += green[i]
          b += blue[i]
        }
      }
      tiles[out] = (2 * (tx + 0.5) * TILE) / widthPx - 1
      tiles[out + 1] = (2 * (ty + 0.5) * TILE) / heightPx - 1
      tiles[out + 2] = Math.log(Math.max(1, r / count))
      tiles[out + 3] = Math.log(Math.max(1, g / count))
      tiles[out + 4] = Math.log(Math.max(1, b / count))
    }
  }
  return tiles
}

function at(k: Float64Array, tiles: Float64Array, tile: number): number {
  const x = tiles[tile * TILE_STRIDE]
  const y = tiles[tile * TILE_STRIDE + 1]
  return k[0] + k[1] * x + k[2] * y + k[3] * x * x + k[4] * x * y + k[5] * y * y
}

/** Weighted least squares for one channel, held a little to an even light. */
function surfaceThrough(tiles: Float64Array, channel: number, weights: Float64Array): Float64Array {
  // Sums of products of powers: x^i y^j with i + j up to 4, and up to 2 with the value.
  const powers = new Float64Array(15)
  const values = new Float64Array(TERMS)
  for (let k = 0, i = 0; k < weights.length; k++, i += TILE_STRIDE) {
    const w = weights[k]
    if (w === 0) continue
    const x = tiles[i]
    const y = tiles[i + 1]
    const wv = w * tiles[i + channel]
    const wx = w * x
    const wy = w * y
    const wxx = wx * x
    const wxy = wx * y
    const wyy = wy * y
    powers[0] += w
    powers[1] += wx
    powers[2] += wy
    powers[3] += wxx
    powers[4] += wxy
    powers[5] += wyy
    powers[6] += wxx * x
    powers[7] += wxx * y
    powers[8] += wxy * y
    powers[9] += wyy * y
    powers[10] += wxx * x * x
    powers[11] += wxx * x * y
    powers[12] += wxx * y * y
    powers[13] += wxy * y * y
    powers[14] += wyy * y * y
    values[0] += wv
    values[1] += wv * x
    values[2] += wv * y
    values[3] += wv * x * x
    values[4] += wv * x * y
    values[5] += wv * y * y
  }
  const matrix = PRODUCTS.map((row, i) => Float64Array.from([...row.map((at) => powers[at]), values[i]]))
  for (let i = 1; i < TERMS; i++) matrix[i][i] += HELD * powers[0]
  return solve(matrix)
}

/** Which of the powers 1 x y xx xy yy xxx xxy xyy yyy xxxx xxxy xxyy xyyy yyyy is the product of two terms 1 x y xx xy yy. */
const PRODUCTS: readonly (readonly number[])[] = [
  [0, 1, 2, 3, 4, 5],
  [1, 3, 4, 6, 7, 8],
  [2, 4, 5, 7, 8, 9],
  [3, 6, 7, 10, 11, 12],
  [4, 7, 8, 11, 12, 13],
  [5, 8, 9, 12, 13, 14],
]

const HELD = 0.003

/** Gauss and Jordan; the last column is the right side. Positive definite, so no pivoting. */
function solve(matrix: Float64Array[]): Float64Array {
  const n = matrix.length
  for (let i = 0; i < n; i++) {
    const pivot = matrix[i][i] || 1e-12
    for (let j = i; j <= n; j++) matrix[i][j] /= pivot
    for (let k = 0; k < n; k++) {
      const factor = matrix[k][i]
      if (k === i || factor === 0) continue
      for (let j = i; j <= n; j++) matrix[k][j] -= factor * matrix[i][j]
    }
  }
  return Float64Array.from(matrix, (row) => row[n])
}
