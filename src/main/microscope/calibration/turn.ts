import { cameraPose, chain, inverse, straightTransform } from '../../../shared/camera-transform.ts'

/** A camera whose corners lie this near to the grid is only turned by right angles and mirrored: no pixel is mixed with another. */
const EXACT_PX = 0.25

/** How a camera's image is laid along the stage's axes. */
export interface Turn {
  readonly widthPx: number
  readonly heightPx: number
  /** Camera pixels of a corrected pixel right and down, and where corrected pixel (0, 0) lies. */
  readonly xx: number
  readonly xy: number
  readonly yx: number
  readonly yy: number
  readonly x0: number
  readonly y0: number
}

/** null: it lies along them. */
export function turnOf(
  transform: Parameters<typeof cameraPose>[0],
  source: { widthPx: number; heightPx: number },
): Turn | null {
  const { pixelSizeUm } = cameraPose(transform)
  let { xx, xy, yx, yy } = chain(inverse(transform), straightTransform(pixelSizeUm))
  const right = { xx: Math.round(xx), xy: Math.round(xy), yx: Math.round(yx), yy: Math.round(yy) }
  const isRight = Math.abs(right.xx * right.yy - right.xy * right.yx) === 1
  const reach = Math.max(source.widthPx, source.heightPx) / 2
  const off = Math.max(
    Math.abs(xx - right.xx),
    Math.abs(xy - right.xy),
    Math.abs(yx - right.yx),
    Math.abs(yy - right.yy),
  )
  const exact = isRight && off * reach < EXACT_PX
  if (exact) ({ xx, xy, yx, yy } = right)
  const { widthPx, heightPx } = exact
    ? right.xx === 0
      ? { widthPx: source.heightPx, heightPx: source.widthPx }
      : source
    : largestWithin({ xx, xy, yx, yy }, source)
  if (exact && right.xx === 1 && right.yy === 1) return null
  // Middles of pixels: the middle of one image lies on the middle of the other.
  const x0 = source.widthPx / 2 - 0.5 + xx * (0.5 - widthPx / 2) + xy * (0.5 - heightPx / 2)
  const y0 = source.heightPx / 2 - 0.5 + yx * (0.5 - widthPx / 2) + yy * (0.5 - heightPx / 2)
  return { widthPx, heightPx, xx, xy, yx, yy, x0, y0 }
}

/** The rectangle of the largest area whose corners, turned, lie within an image, in whole pixels, both even. */
function largestWithin(
  { xx, xy, yx, yy }: Pick<Turn, 'xx' | 'xy' | 'yx' | 'yy'>,
  source: { widthPx: number; heightPx: number },
) {
  // |xx| w + |xy| h <= width and |yx| w + |yy| h <= height, less a pixel for looking between neighbours.
  const [a, b, c, d] = [xx, xy, yx, yy].map(Math.abs) as [number, number, number, number]
  const [w, h] = [source.widthPx - 2, source.heightPx - 2]
  const candidates = [
    { width: w / (2 * a), height: w / (2 * b) },
    { width: h / (2 * c), height: h / (2 * d) },
    { width: (w * d - h * b) / (a * d - b * c), height: (h * a - w * c) / (a * d - b * c) },
  ].filter(
    ({ width, height }) =>
      Number.isFinite(width * height) &&
      Math.min(width, height) > 0 &&
      a * width + b * height <= w * 1.000001 &&
      c * width + d * height <= h * 1.000001,
  )
  const best = candidates.reduce((most, each) => (each.width * each.height > most.width * most.height ? each : most))
  return { widthPx: 2 * Math.floor(best.width / 2), heightPx: 2 * Math.floor(best.height / 2) }
}
