import { type Grid, gridFor, MARGIN } from './grid.ts'
import type { ReducedImage } from './reduce.ts'
import { logWhiteAt, type White, whiteAt } from './white.ts'

/**
 * What the stain says at each working pixel, in thousandths of optical density (natural logarithm), smoothed over 3 x 3.
 *
 * Romanowsky stains (May-Gruenwald-Giemsa, Wright-Giemsa) colour nuclei with azure B, which takes red and green light and
 * lets blue pass; eosin and haemoglobin take green and blue and let red pass. Differences of optical densities between
 * channels therefore tell them apart, and lighting, exposure and white balance cancel in them.
 */
export interface StainMaps {
  readonly grid: Grid
  /** Red minus blue: high in nuclei and basophilic cytoplasm, about 0 in glass, red cells and dust. */
  readonly azure: Int16Array
  /** Green minus blue: high in all of a nucleated cell, its pink granules too; about 0 in glass and red cells. */
  readonly cellular: Int16Array
  /** Green: high in everything that is not glass. */
  readonly absorbance: Int16Array
}

/** Side of the squares over which the light counts as even, working pixels. */
const EVEN = 8
/**
 * Densities (a pixel brighter than glass is below 0) and differences of the light's colour go no further than these: so two differences of
 * densities fit side by side in one word, and nothing a camera with eight bits can see is lost.
 */
const LEAST_DENSITY = -1500
const MOST_DENSITY = 5550
const MOST_COLOUR_OF_LIGHT = 1100
/** Makes every difference positive. */
const BIAS = 8192
const BOTH_BIASES = BIAS * 0x10001
/** What is left of both halves of a word after a shift by two. */
const QUARTERS = 0x3fff3fff

export function stainMaps(image: ReducedImage, white: White): StainMaps {
  const { widthPx, heightPx } = image
  const grid = gridFor(widthPx, heightPx)
  const azure = new Int16Array(grid.size)
  const cellular = new Int16Array(grid.size)
  const absorbance = new Int16Array(grid.size)
  const densities = new RowDensities(image, white)
  // Three rows at a time, each smoothed along itself: above, here, below.
  let [above, here, below] = [0, 1, 2].map(
    (): SmoothRow => ({ differences: new Int32Array(widthPx), absorbance: new Int16Array(widthPx) }),
  )
  densities.smoothed(0, above)
  densities.smoothed(0, here)
  for (let y = 0; y < heightPx; y++) {
    densities.smoothed(Math.min(heightPx - 1, y + 1), below)
    mix(above, here, below, azure, cellular, absorbance, (y + MARGIN) * grid.stride + MARGIN)
    const free = above
    above = here
    here = below
    below = free
  }
  return { grid, azure, cellular, absorbance }
}

/** A row of densities, smoothed along itself. */
interface SmoothRow {
  /** Red minus blue in the upper half of each word, green minus blue in the lower, both with `BIAS`. */
  readonly differences: Int32Array
  /** Green. */
  readonly absorbance: Int16Array
}

function mix(
  above: SmoothRow,
  here: SmoothRow,
  below: SmoothRow,
  azure: Int16Array,
  cellular: Int16Array,
  absorbance: Int16Array,
  to: number,
): void {
  const [a, b, c] = [above.differences, here.differences, below.differences]
  const [p, q, r] = [above.absorbance, here.absorbance, below.absorbance]
  for (let x = 0, i = to; x < b.length; x++, i++) {
    const both = (((a[x] + (b[x] << 1)) | 0) + c[x]) >>> 2
    azure[i] = ((both >>> 16) & 0x3fff) - BIAS
    cellular[i] = (both & 0x3fff) - BIAS
    absorbance[i] = (p[x] + 2 * q[x] + r[x]) >> 2
  }
}

/** Optical densities of an image row by row, as far as the light goes along. */
class RowDensities {
  readonly #image: ReducedImage
  readonly #white: White
  /** By a channel's value, what it adds to the row's words. */
  readonly #red: Int32Array
  readonly #green: Int32Array
  readonly #blue: Int32Array
  readonly #absorbance: Int16Array
  /** What the light adds at each column of the row of squares at hand. */
  readonly #moreDifference: Int32Array
  readonly #moreAbsorbance: Int16Array
  #moreOf = -1
  // One more at either end, to smooth into.
  readonly #rawDifferences: Int32Array
  readonly #rawAbsorbance: Int16Array

  constructor(image: ReducedImage, white: White) {
    this.#image = image
    this.#white = white
    const [red, green, blue] = CHANNELS.map((c) => opticalDensities(whiteAt(white, c, 0, 0)))
    this.#red = red.map((density) => density << 16)
    this.#green = green
    this.#blue = blue.map((density) => BOTH_BIASES - density * 0x10001)
    this.#absorbance = Int16Array.from(green)
    this.#moreDifference = new Int32Array(image.widthPx)
    this.#moreAbsorbance = new Int16Array(image.widthPx)
    this.#rawDifferences = new Int32Array(image.widthPx + 2)
    this.#rawAbsorbance = new Int16Array(image.widthPx + 2)
  }

  /** Row `y`, smoothed along itself (1 2 1, the ends once more). */
  smoothed(y: number, out: SmoothRow): void {
    this.#light(Math.floor(y / EVEN))
    this.#densities(y)
    const width = this.#image.widthPx
    const differences = this.#rawDifferences
    const densities = this.#rawAbsorbance
    differences[0] = differences[1]
    differences[width + 1] = differences[width]
    densities[0] = densities[1]
    densities[width + 1] = densities[width]
    const { differences: smooth, absorbance } = out
    for (let x = 0; x < width; x++) {
      smooth[x] = ((((differences[x] + (differences[x + 1] << 1)) | 0) + differences[x + 2]) >>> 2) & QUARTERS
      absorbance[x] = (densities[x] + 2 * densities[x + 1] + densities[x + 2]) >> 2
    }
  }

  #densities(y: number): void {
    const { red, green, blue, widthPx } = this.#image
    const [redTable, greenTable, blueTable, absorbanceTable] = [this.#red, this.#green, this.#blue, this.#absorbance]
    const [moreDifference, moreAbsorbance] = [this.#moreDifference, this.#moreAbsorbance]
    const differences = this.#rawDifferences
    const absorbance = this.#rawAbsorbance
    for (let x = 0, i = y * widthPx; x < widthPx; x++, i++) {
      const value = green[i]
      differences[x + 1] =
        (((redTable[red[i]] + greenTable[value]) | 0) + ((blueTable[blue[i]] + moreDifference[x]) | 0)) | 0
      absorbance[x + 1] = absorbanceTable[value] + moreAbsorbance[x]
    }
  }

  #light(row: number): void {
    if (row === this.#moreOf) return
    this.#moreOf = row
    const { widthPx, heightPx } = this.#image
    const y = (2 * (row + 0.5) * EVEN) / heightPx - 1
    const white = this.#white
    for (let left = 0; left < widthPx; left += EVEN) {
      const x = (2 * (left + 0.5 * EVEN)) / widthPx - 1
      const green = moreLight(white, 1, x, y)
      const blue = moreLight(white, 2, x, y)
      const azure = limited(moreLight(white, 0, x, y) - blue, -MOST_COLOUR_OF_LIGHT, MOST_COLOUR_OF_LIGHT)
      const cellular = limited(green - blue, -MOST_COLOUR_OF_LIGHT, MOST_COLOUR_OF_LIGHT)
      const difference = azure * 0x10000 + cellular
      for (let column = left; column < Math.min(left + EVEN, widthPx); column++) {
        this.#moreDifference[column] = difference
        this.#moreAbsorbance[column] = green
      }
    }
  }
}

function opticalDensities(white: number): Int32Array {
  return Int32Array.from({ length: 256 }, (_, value) =>
    limited(Math.round(-1000 * Math.log(Math.max(value, 2) / white)), LEAST_DENSITY, MOST_DENSITY),
  )
}

/** By how much the light at x, y is brighter than in the middle, thousandths of optical density. */
function moreLight(white: White, c: 0 | 1 | 2, x: number, y: number): number {
  return Math.round(1000 * (logWhiteAt(white, c, x, y) - logWhiteAt(white, c, 0, 0)))
}

const limited = (value: number, least: number, most: number): number => Math.max(least, Math.min(most, value))

const CHANNELS = [0, 1, 2] as const
