import type { FieldQuality } from '../../shared/contract/quality.ts'
import type { FieldPx, Rect } from '../../shared/geometry.ts'
import type { RgbImage } from '../../shared/image.ts'
import type { FieldSpread } from '../../shared/overview/spread.ts'
import type { RedCellView } from './red-cells.ts'

/** A nucleated cell found in an image: the box round the whole cell, by its centre, pixels of that image. */
export interface Detection {
  readonly xPx: number
  readonly yPx: number
  readonly widthPx: number
  readonly heightPx: number
  /** 0-1, higher is surer. */
  readonly score: number
}

/** And where it ends. */
export interface DetectedCell extends Detection {
  /** Its border, clockwise: x, y of each of at most 64 corners in turn. */
  readonly outlinePx: readonly number[]
}

/** The square a model looks at: `inputPx` pixels of `pixelSizeUm` micrometres. */
export interface CropScale {
  readonly inputPx: number
  readonly pixelSizeUm: number
}

export interface AnalysedField {
  /** Top to bottom, then left to right. */
  readonly detections: readonly DetectedCell[]
  /** Model input, n x inputPx x inputPx x 3, RGB, in the order of `detections`; null where no scale was asked for. */
  readonly modelCrops: Uint8Array | null
  /** One JPEG a detection for people to look at: a square 25 um wide, at the image's own pixels, 360 at most. */
  readonly cropJpegs: readonly Uint8Array[]
  /** Of the whole image. */
  readonly quality: FieldQuality
}

/** Detects, crops and measures, off the calling thread. */
export interface Analyser {
  /**
   * `image.data` should sit on a SharedArrayBuffer, else it is copied. Cells whose centre lies outside `within` are left out
   * before anything is cropped; null: none is. Rejects `pixel-size-implausible`.
   */
  analyse(
    image: RgbImage,
    pixelSizeUm: number,
    modelScale: CropScale | null,
    within: Rect<FieldPx> | null,
  ): Promise<AnalysedField>
  /** How the smear is spread in the image (see `viewSpread`); `image` as above. Rejects `pixel-size-implausible`. */
  spread(image: RgbImage, pixelSizeUm: number): Promise<FieldSpread>
  /** By each of `diametersPx` what the image shows where its red cells are taken to be so large; `image` as above. */
  redCells(image: RgbImage, diametersPx: readonly number[]): Promise<readonly RedCellView[]>
  close(): Promise<void>
}
