import { type Grid, gridFor, MARGIN } from './grid.ts'
import type { ReducedImage } from './reduce.ts'

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

/** Mean red, green, blue of the empty glass, 1-255. */
export type WhitePoint = readonly [number, number, number]

/** The glass is taken to be the brightest tenth of the pixels, by green, where every stain absorbs. */
export function estimateWhitePoint(image: ReducedImage): WhitePoint {
  const { red, green, blue } = image
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
  return [Math.max(1, r / count), Math.max(1, g / count), Math.max(1, b / count)]
}

function opticalDensityTable(white: number): Int16Array {
  return Int16Array.from({ length: 256 }, (_, value) => Math.round(-1000 * Math.log(Math.max(value, 2) / white)))
}

export function stainMaps(image: ReducedImage, white: WhitePoint): StainMaps {
  const { red, green, blue, widthPx, heightPx } = image
  const [redTable, greenTable, blueTable] = white.map(opticalDensityTable)
  const azure = new Int16Array(red.length)
  const cellular = new Int16Array(red.length)
  const absorbance = new Int16Array(red.length)
  for (let i = 0; i < red.length; i++) {
    const density = greenTable[green[i]]
    const blueDensity = blueTable[blue[i]]
    azure[i] = redTable[red[i]] - blueDensity
    cellular[i] = density - blueDensity
    absorbance[i] = density
  }
  const grid = gridFor(widthPx, heightPx)
  return {
    grid,
    azure: smooth(azure, widthPx, heightPx, grid),
    cellular: smooth(cellular, widthPx, heightPx, grid),
    absorbance: smooth(absorbance, widthPx, heightPx, grid),
  }
}

/** 3 x 3 binomial filter (1 2 1), edges replicated, onto the grid; the grid's margin stays 0. */
function smooth(map: Int16Array, widthPx: number, heightPx: number, grid: Grid): Int16Array {
  const rows = new Int16Array(map.length)
  for (let y = 0; y < heightPx; y++) {
    const start = y * widthPx
    const last = start + widthPx - 1
    for (let i = start; i <= last; i++) {
      rows[i] = (map[i > start ? i - 1 : i] + 2 * map[i] + map[i < last ? i + 1 : i]) >> 2
    }
  }
  const out = new Int16Array(grid.size)
  for (let y = 0; y < heightPx; y++) {
    const start = y * widthPx
    const above = y > 0 ? -widthPx : 0
    const below = y < heightPx - 1 ? widthPx : 0
    let to = (y + MARGIN) * grid.stride + MARGIN
    for (let i = start; i < start + widthPx; i++) out[to++] = (rows[i + above] + 2 * rows[i] + rows[i + below]) >> 2
  }
  return out
}
