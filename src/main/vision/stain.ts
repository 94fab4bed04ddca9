import { type Grid, gridFor, MARGIN } from './grid.ts'
import type { ReducedImage } from './reduce.ts'
import { type White, whiteAt } from './white.ts'

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

function opticalDensityTable(white: number): Int16Array {
  return Int16Array.from({ length: 256 }, (_, value) => Math.round(-1000 * Math.log(Math.max(value, 2) / white)))
}

/** Side of the squares over which the light counts as even, working pixels. */
const EVEN = 8

export function stainMaps(image: ReducedImage, white: White): StainMaps {
  const { widthPx, heightPx } = image
  const grid = gridFor(widthPx, heightPx)
  const azure = new Int16Array(grid.size)
  const cellular = new Int16Array(grid.size)
  const absorbance = new Int16Array(grid.size)
  const densities = new RowDensities(image, white)
  // Three rows at a time, each smoothed along itself: above, here, below.
  const rows = [0, 1, 2].map(() => [0, 1, 2].map(() => new Int16Array(widthPx)))
  densities.smoothed(0, rows[0])
  densities.smoothed(0, rows[1])
  for (let y = 0; y < heightPx; y++) {
    const [above, here, below] = [rows[y % 3], rows[(y + 1) % 3], rows[(y + 2) % 3]]
    densities.smoothed(Math.min(heightPx - 1, y + 1), below)
    const to = (y + MARGIN) * grid.stride + MARGIN
    mix(above[0], here[0], below[0], azure, to)
    mix(above[1], here[1], below[1], cellular, to)
    mix(above[2], here[2], below[2], absorbance, to)
  }
  return { grid, azure, cellular, absorbance }
}

function mix(above: Int16Array, here: Int16Array, below: Int16Array, out: Int16Array, to: number): void {
  for (let x = 0; x < here.length; x++) out[to + x] = (above[x] + 2 * here[x] + below[x]) >> 2
}

/** Optical densities of an image row by row, as far as the light goes along. */
class RowDensities {
  readonly #image: ReducedImage
  readonly #white: White
  readonly #middle: readonly number[]
  readonly #tables: readonly Int16Array[]
  /** What the light adds to red, green and blue at each column of the row of squares at hand. */
  readonly #more: readonly Int16Array[]
  #moreOf = -1
  readonly #raw: readonly Int16Array[]

  constructor(image: ReducedImage, white: White) {
    this.#image = image
    this.#white = white
    this.#middle = CHANNELS.map((c) => whiteAt(white, c, 0, 0))
    this.#tables = this.#middle.map(opticalDensityTable)
    this.#more = CHANNELS.map(() => new Int16Array(image.widthPx))
    // One more at either end, to smooth into.
    this.#raw = CHANNELS.map(() => new Int16Array(image.widthPx + 2))
  }

  /** Red minus blue, green minus blue, and green of row `y`, smoothed along the row (1 2 1, the ends once more), into `out`. */
  smoothed(y: number, out: readonly Int16Array[]): void {
    this.#light(Math.floor(y / EVEN))
    this.#densities(y)
    for (let map = 0; map < 3; map++) alongRow(this.#raw[map], out[map])
  }

  #densities(y: number): void {
    const { red, green, blue, widthPx } = this.#image
    const [redTable, greenTable, blueTable] = this.#tables
    const [moreRed, moreGreen, moreBlue] = this.#more
    const [azure, cellular, absorbance] = this.#raw
    for (let x = 0, i = y * widthPx; x < widthPx; x++, i++) {
      const blueDensity = blueTable[blue[i]] + moreBlue[x]
      const density = greenTable[green[i]] + moreGreen[x]
      azure[x + 1] = redTable[red[i]] + moreRed[x] - blueDensity
      cellular[x + 1] = density - blueDensity
      absorbance[x + 1] = density
    }
  }

  #light(row: number): void {
    if (row === this.#moreOf) return
    this.#moreOf = row
    const { widthPx, heightPx } = this.#image
    const y = (2 * (row + 0.5) * EVEN) / heightPx - 1
    for (const c of CHANNELS) {
      const more = this.#more[c]
      for (let left = 0; left < widthPx; left += EVEN) {
        const x = (2 * (left + 0.5 * EVEN)) / widthPx - 1
        more.fill(Math.round(1000 * Math.log(whiteAt(this.#white, c, x, y) / this.#middle[c])), left, left + EVEN)
      }
    }
  }
}

function alongRow(raw: Int16Array, smooth: Int16Array): void {
  const width = smooth.length
  raw[0] = raw[1]
  raw[width + 1] = raw[width]
  for (let x = 0; x < width; x++) smooth[x] = (raw[x] + 2 * raw[x + 1] + raw[x + 2]) >> 2
}

const CHANNELS = [0, 1, 2] as const
