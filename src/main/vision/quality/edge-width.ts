import type { FieldQuality } from '../../../shared/contract/quality.ts'
import type { RgbImage } from '../../../shared/image.ts'

export type EdgeWidths = Pick<FieldQuality, 'edgeWidthUm' | 'bluntestEdgeWidthUm'>

/** How far to either side of an edge its height is taken, micrometres: from a red cell's rim to its pale middle, or a nucleus' inside. */
const REACH_UM = 0.9
/** Straight on, upright, and both diagonals. */
const DIRECTIONS = [
  { dx: 1, dy: 0, length: 1 },
  { dx: 0, dy: 1, length: 1 },
  { dx: 1, dy: 1, length: Math.SQRT2 },
  { dx: 1, dy: -1, length: Math.SQRT2 },
] as const
type Direction = (typeof DIRECTIONS)[number]

/**
 * Every so many rows, and of these every so many pixels, an edge is looked for: whatever the camera or its driver does to every second
 * pixel (a mosaic of colours, binning) is then seen as often as not.
 */
const ROW_STRIDE = 11
const COLUMN_STRIDE = 3
/** An edge is that much of the brightness there, from side to side. */
const LEAST_CONTRAST = 0.12
/** The slope is taken over so many steps, of which half lie on either side. */
const SLOPE_STEPS = 4
/** In one direction; fewer tell nothing. */
const FEWEST_EDGES = 60
/** Of the edges in one direction, the share that is as sharp as the width given: the others run askew, or lie above or below the focus. */
const SHARP_SHARE = 0.2
const BINS_PER_PX = 8
const BINS = 32 * BINS_PER_PX

/**
 * How blurred edges are, whatever lies on either side of them: an edge's height over its steepest slope, divided by the square root of
 * 2 pi, which is the standard deviation of the Gaussian that would blur a step so. (Blur by the width of edges: Marziliano, Dufaux,
 * Winkler and Ebrahimi 2002, ICIP III:57.) In the green channel, where Giemsa stains contrast most; each point is the mean of three beside
 * each other, so that noise does little. Of four directions the one with the sharpest edges, and the one with the bluntest.
 *
 * Widths beyond about half a micrometre are too small: what is so blurred has no height left within reach.
 */
export function edgeWidths(image: RgbImage, pixelSizeUm: number): EdgeWidths {
  const seen = DIRECTIONS.flatMap((direction) => {
    const width = widthAlong(image, direction, REACH_UM / pixelSizeUm)
    return width === null ? [] : [{ width, comparable: comparable(width, direction) }]
  })
  if (seen.length === 0) return { edgeWidthUm: null, bluntestEdgeWidthUm: null }
  const sharpest = Math.min(...seen.map(({ width }) => width))
  const bluntest = Math.max(sharpest, ...seen.map(({ comparable }) => comparable))
  return { edgeWidthUm: sharpest * pixelSizeUm, bluntestEdgeWidthUm: bluntest * pixelSizeUm }
}

/**
 * As wide as an edge along the pixels' rows would be: four steps of a diagonal are longer, and the longer box widens edges the more the coarser
 * the pixels are: at 0.18 um a pixel every image would look moved. Taken off in squares. A box of length b that is short against the edge adds
 * b^2 / 12, a long one b^2 / (2 pi); b^2 / 8 is right to a tenth for edges whose blur is 0.8 px or more.
 */
function comparable(width: number, { length }: Direction): number {
  return Math.sqrt(Math.max(0, width ** 2 - (SLOPE_STEPS ** 2 * (length ** 2 - 1)) / 8))
}

/** Pixels; null: too few edges. */
function widthAlong(image: RgbImage, { dx, dy, length }: Direction, reachPx: number): number | null {
  const { data, widthPx, heightPx } = image
  const reach = Math.max(3, Math.round(reachPx / length))
  const margin = reach + 2
  const step = 3 * (dy * widthPx + dx)
  const aside = 3 * (dx * widthPx - dy)
  const near = (SLOPE_STEPS / 2) * step
  const far = reach * step
  const counts = new Uint32Array(BINS)
  let edges = 0
  for (let y = margin; y < heightPx - margin; y += ROW_STRIDE) {
    const end = 3 * (y * widthPx + widthPx - margin) + 1
    for (let i = 3 * (y * widthPx + margin + (y % COLUMN_STRIDE)) + 1; i < end; i += 3 * COLUMN_STRIDE) {
      const ahead = data[i + far]
      const behind = data[i - far]
      const height = ahead - behind
      if (2 * Math.abs(height) < LEAST_CONTRAST * (ahead + behind)) continue
      const sign = height > 0 ? 1 : -1
      const slope = sign * rise(data, i, near, aside)
      // Only where it is steepest, not on the edge's shoulders.
      if (slope <= 0 || sign * rise(data, i - step, near, aside) > slope) continue
      if (sign * rise(data, i + step, near, aside) >= slope) continue
      // Both are sums over three pixels beside each other.
      const width = (SLOPE_STEPS * length * sign * rise(data, i, far, aside)) / (slope * Math.sqrt(2 * Math.PI))
      const bin = Math.max(0, Math.floor(BINS_PER_PX * width))
      if (bin < BINS) counts[bin]++
      edges++
    }
  }
  return edges < FEWEST_EDGES ? null : quantile(counts, SHARP_SHARE * edges) / BINS_PER_PX
}

/** From so far behind to so far ahead, summed over three pixels beside each other. */
function rise(data: Uint8Array, i: number, far: number, aside: number): number {
  const a = i + far
  const b = i - far
  return data[a] + data[a + aside] + data[a - aside] - data[b] - data[b + aside] - data[b - aside]
}

/** The bin at which so many have been seen, with its fraction. */
function quantile(counts: Uint32Array, wanted: number): number {
  let seen = 0
  let bin = 0
  while (bin < counts.length - 1 && seen + counts[bin] < wanted) seen += counts[bin++]
  return bin + (counts[bin] > 0 ? (wanted - seen) / counts[bin] : 0)
}
