import type { Rect, SlidePx } from '../../shared/geometry.ts'
import type { RgbImage } from '../../shared/image.ts'
import type { FieldOrigin } from '../../shared/quality/standard.ts'
import type { StagePosition } from '../microscope/stage/stage.ts'

/** A field's image and its place, ready to be looked at. */
export interface CapturedField {
  readonly index: number
  readonly image: RgbImage
  readonly pixelSizeUm: number
  /** Upper left corner of the image on the slide. */
  readonly origin: SlidePx
  readonly owned: Rect<SlidePx>
  /** Read back; null: no stage. */
  readonly stage: StagePosition | null
  /** File name; null: no file. */
  readonly imageName: string | null
}

/** The field is exposed, its pixels may still be on their way: the source may go on. */
export interface PendingField {
  readonly index: number
  readonly captured: Promise<CapturedField>
}

/** Does a piece of work that writes; while the disk is full it waits and tries again. Rejects as the work does. */
export type Patiently = <T>(work: () => T | Promise<T>) => Promise<T>

/** Where fields come from. */
export interface FieldSource {
  readonly fieldOrigin: FieldOrigin
  /** null: not known. */
  readonly plannedFields: number | null
  /** What it does now, for the person at the bench. */
  readonly activity: string
  /** Where the stage is, as last read back; null: no stage. */
  readonly stage: StagePosition | null
  /** Once, before the first field; also when a run is resumed. */
  prepare(signal: AbortSignal, patiently: Patiently): Promise<void>
  /** The next field in order; null: there is none left. */
  next(signal: AbortSignal): Promise<PendingField | null>
  /** After the last field, also after a failure: leaves the instrument safe. Never rejects. */
  rest(): Promise<void>
  /** The field of the plan that owns a point: its index; null: none does. */
  ownerOf(point: SlidePx): number | null
}
