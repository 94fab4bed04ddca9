import type { GreyPlane } from '../../microscope/calibration/grey-plane.ts'

/** What is coarser than this to either side is the lamp's, the plasma's and the fixed shading of the optics, micrometres. */
const COARSE_UM = 2.2
/** What is finer than this many pixels of a plane to either side is noise. */
const FINE_PX = 1

/**
 * A plane less its surroundings' mean, a little smoothed: details of about half to two micrometres; mean about 0.
 * @param pixelUm side of one of its pixels, about 0.2 um (see `ComparedScale`).
 */
export function detailPlane({ values, widthPx, heightPx, binned }: GreyPlane, pixelUm: number): GreyPlane {
  const fine = new Float32Array(values.length)
  boxMean(values, widthPx, heightPx, FINE_PX, fine)
  if (coarse.length < values.length) coarse = new Float32Array(values.length)
  boxMean(values, widthPx, heightPx, Math.max(FINE_PX + 1, Math.round(COARSE_UM / pixelUm)), coarse)
  for (let i = 0; i < fine.length; i++) fine[i]! -= coarse[i]!
  return { values: fine, widthPx, heightPx, binned }
}

/** Used again: a scan makes some twenty such planes a second. */
let coarse = new Float32Array(0)
let along = new Float32Array(0)

/** Fills `out` with means of the squares reaching `reach` to either side, of what of them lies inside. */
function boxMean(values: Float32Array, width: number, height: number, reach: number, out: Float32Array): void {
  if (along.length < values.length) along = new Float32Array(values.length)
  for (let y = 0; y < height; y++) {
    const row = y * width
    let sum = 0
    for (let x = 0; x < Math.min(reach, width); x++) sum += values[row + x]!
    for (let x = 0; x < width; x++) {
      if (x + reach < width) sum += values[row + x + reach]!
      if (x - reach > 0) sum -= values[row + x - reach - 1]!
      along[row + x] = sum / (Math.min(width - 1, x + reach) - Math.max(0, x - reach) + 1)
    }
  }
  const sums = new Float64Array(width)
  for (let y = 0; y < Math.min(reach, height); y++) for (let x = 0; x < width; x++) sums[x]! += along[y * width + x]!
  for (let y = 0; y < height; y++) {
    const [enters, leaves] = [(y + reach) * width, (y - reach - 1) * width]
    const [hasMore, hasLeft] = [y + reach < height, y - reach > 0]
    const scale = 1 / (Math.min(height - 1, y + reach) - Math.max(0, y - reach) + 1)
    for (let x = 0; x < width; x++) {
      if (hasMore) sums[x]! += along[enters + x]!
      if (hasLeft) sums[x]! -= along[leaves + x]!
      out[y * width + x] = sums[x]! * scale
    }
  }
}
