import { MedullaError } from '../../../shared/errors.ts'
import type { RgbImage } from '../../../shared/image.ts'
import { frameMemory } from '../../frame-memory.ts'
import { FrameWorkshop, type KnownLight } from './frame-workshop.ts'
import type { CalibrationsInUse } from './in-use.ts'
import { turnOf } from './turn.ts'

type Known = KnownLight & Pick<CalibrationsInUse, 'pixel-size'>

/**
 * What calibration makes of a camera's frames: dark level taken off and stuck pixels filled, light evened, clear glass grey, and the image
 * laid along the stage's axes with square pixels. What is unknown is left as it is. A frame of 3 megapixels takes some 4 ms,
 * with turning by an odd angle some 20 (`benchmarks/frames.ts`).
 */
export class FrameCorrection {
  /** Of the corrected images: the largest rectangle along the stage's axes that the turned one holds. */
  readonly widthPx: number
  readonly heightPx: number
  /** null: not calibrated. */
  readonly pixelSizeUm: number | null
  readonly #source: { readonly widthPx: number; readonly heightPx: number }
  /** Where frames are put right; null: they are as they should be. */
  readonly #workshop: FrameWorkshop | null

  /** @throws MedullaError `invalid-input` where something was measured in images of another size. */
  constructor(source: { readonly widthPx: number; readonly heightPx: number }, known: Known) {
    const { 'pixel-size': pixelSize, 'dark-frame': dark, 'flat-field': flat } = known
    for (const each of [pixelSize, dark, flat]) if (each) requireSize(each, source)
    this.#source = source
    const turn = pixelSize && turnOf(pixelSize.transform, source)
    const light = changesLight(known) ? known : null
    this.#workshop = light || turn ? new FrameWorkshop(source, light, turn) : null
    this.widthPx = turn?.widthPx ?? source.widthPx
    this.heightPx = turn?.heightPx ?? source.heightPx
    this.pixelSizeUm = pixelSize?.pixelSizeUm ?? null
  }

  apply(image: RgbImage): RgbImage {
    requireSize(image, this.#source)
    if (!this.#workshop) return image
    const data = frameMemory(this.widthPx, this.heightPx)
    this.#workshop.putRight(image.data, data)
    return { data, widthPx: this.widthPx, heightPx: this.heightPx }
  }
}

function changesLight({ 'dark-frame': dark, 'flat-field': flat, 'white-balance': white }: KnownLight): boolean {
  return (
    flat !== null ||
    white !== null ||
    (dark !== null && (dark.stuck.length > 0 || dark.level.some((level) => level !== 0)))
  )
}

function requireSize(
  measured: { readonly widthPx: number; readonly heightPx: number },
  source: { readonly widthPx: number; readonly heightPx: number },
): void {
  if (measured.widthPx === source.widthPx && measured.heightPx === source.heightPx) return
  throw new MedullaError(
    'invalid-input',
    `The microscope was calibrated with images of ${measured.widthPx} x ${measured.heightPx} px; its camera now gives ${source.widthPx} x ${source.heightPx} px.`,
    { remedy: 'Set the camera as it was, or calibrate pixel size, dark frame and flat field again.' },
  )
}
