import { hash, Random } from '../src/main/microscope/simulator/random.ts'
import { neighbours } from '../src/main/scan/stage-plan.ts'
import { type Rect, type StageUm, stageUm } from '../src/shared/geometry.ts'
import type { RgbImage } from '../src/shared/image.ts'
import type { MountedCamera } from './mounted-camera.ts'

type Camera = Pick<MountedCamera, 'widthPx' | 'heightPx' | 'pixelSizeUm'>
type Place = { readonly xUm: number; readonly yUm: number }

/** A cell nearer than this to what is painted over may be cut by it. */
const CUT_UM = 12

/** What a camera sees with this place in its middle. */
export function areaSeen(centre: StageUm, { widthPx, heightPx, pixelSizeUm }: Camera): Rect<StageUm> {
  const [width, height] = [widthPx * pixelSizeUm, heightPx * pixelSizeUm]
  return { origin: stageUm(centre.x - width / 2, centre.y - height / 2), width, height }
}

/**
 * What is painted over, by field: all that two neighbours show in common.
 * @param share of the pairs that share a side, drawn by lot
 */
export function blanksOf(
  plan: Parameters<typeof neighbours>[0],
  truth: readonly Place[],
  shown: readonly Place[],
  { camera, share, seed }: { readonly camera: Camera; readonly share: number; readonly seed: number },
): Map<number, Rect<StageUm>[]> {
  const random = new Random(hash(seed, 0xb1a))
  const areaOf = ({ xUm, yUm }: Place) => areaSeen(stageUm(xUm, yUm), camera)
  const blanks = new Map<number, Rect<StageUm>[]>()
  for (let a = 0; a < truth.length; a++) {
    for (const b of neighbours(plan, a)) {
      if (b < a || !random.chance(share)) continue
      const [one, other] = [areaOf(truth[a]!), areaOf(truth[b]!)]
      const left = Math.max(one.origin.x, other.origin.x)
      const top = Math.max(one.origin.y, other.origin.y)
      const right = Math.min(one.origin.x, other.origin.x) + one.width
      const bottom = Math.min(one.origin.y, other.origin.y) + one.height
      const rect = { origin: stageUm(left, top), width: right - left, height: bottom - top }
      if (rect.width <= 0 || rect.height <= 0) continue
      // The slide is empty there, whoever looks: at corners four fields do.
      for (const [index, place] of shown.entries()) {
        const area = areaOf(place)
        const apartX = Math.max(area.origin.x - right, left - area.origin.x - area.width)
        const apartY = Math.max(area.origin.y - bottom, top - area.origin.y - area.height)
        if (apartX < CUT_UM && apartY < CUT_UM) blanks.set(index, [...(blanks.get(index) ?? []), rect])
      }
    }
  }
  return blanks
}

/** The image with glass and the noise of the camera, of this image alone, painted over it. */
export function painted(
  image: RgbImage,
  { origin }: Rect<StageUm>,
  blanks: readonly Rect<StageUm>[],
  { widthPx, heightPx, pixelSizeUm }: Camera,
  noiseSeed: number,
): RgbImage {
  const random = new Random(noiseSeed)
  for (const rect of blanks) {
    const px = (um: number, most: number) => Math.max(0, Math.min(most, Math.round(um / pixelSizeUm)))
    const left = px(rect.origin.x - origin.x, widthPx)
    const right = px(rect.origin.x + rect.width - origin.x, widthPx)
    const top = px(rect.origin.y - origin.y, heightPx)
    const bottom = px(rect.origin.y + rect.height - origin.y, heightPx)
    for (let y = top; y < bottom; y++) {
      for (let k = 3 * (y * widthPx + left); k < 3 * (y * widthPx + right); k++) {
        image.data[k] = Math.round(228 + 2.5 * random.normal())
      }
    }
  }
  return image
}

/** Whether a cell is painted over, or may be cut. */
export function isBlank(at: StageUm, blanks: readonly Rect<StageUm>[]): boolean {
  return blanks.some(
    (rect) =>
      at.x >= rect.origin.x - CUT_UM &&
      at.y >= rect.origin.y - CUT_UM &&
      at.x <= rect.origin.x + rect.width + CUT_UM &&
      at.y <= rect.origin.y + rect.height + CUT_UM,
  )
}
