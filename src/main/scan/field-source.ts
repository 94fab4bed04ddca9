import type { FieldFocus } from '../../shared/contract/quality.ts'
import type { Rect, SlidePx } from '../../shared/geometry.ts'
import type { RgbImage } from '../../shared/image.ts'
import type { FieldOrigin } from '../../shared/quality/standard.ts'
import type { StagePosition } from '../microscope/stage/stage.ts'
import type { StagePlace } from './registration/solve-places.ts'

/** A field's image and its place, ready to be looked at. */
export interface CapturedField {
  readonly index: number
  readonly image: RgbImage
  readonly pixelSizeUm: number
  /** Upper left corner of the image on the slide, as the stage says: whole pixels. */
  readonly origin: SlidePx
  /** What it sees whole, as the stage says: the image less a rim. What of it the field owns is settled when it is committed. */
  readonly seen: Rect<SlidePx>
  /** Where the stage says its upper left corner is, parts of a pixel kept; null: no stage. */
  readonly stagePlace: StagePlace | null
  /** Read back; null: no stage. */
  readonly stage: StagePosition | null
  /** File name; null: no file. */
  readonly imageName: string | null
  /** The file of an earlier field that is the same, byte for byte. null: no file is, or there are none. */
  readonly copyOf: string | null
  /** How it came to its focus where one exposure did not do; null: it did, or there is no stage. */
  readonly focus: FieldFocus | null
}

/**
 * The field is exposed, its pixels may still be on their way: the source may go on. It may come back to it, to focus it anew: then it is captured by the
 * next call of `next` or `seeThrough`, at the latest.
 */
export interface PendingField {
  readonly index: number
  readonly captured: Promise<CapturedField>
}

/** Does a piece of work that writes; while the disk is full it waits and tries again. Rejects as the work does. */
export type Patiently = <T>(work: () => T | Promise<T>) => Promise<T>

/** What placing fields has to know of the stage. */
export interface StagePlacing {
  readonly pixelSizeUm: number
  /** How far neighbours may lie to each other from where the stage says, along each axis, pixels. */
  readonly errorPx: number
  /** Where the stage at a position puts a field's upper left corner. */
  placeAt(position: StagePosition): StagePlace
}

/** Where fields come from. */
export interface FieldSource {
  readonly fieldOrigin: FieldOrigin
  /** How wide edges are at best focus, micrometres, once prepared; null: not known. */
  readonly sharpUm: number | null
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
  /** Every field exposed so far is captured, or will be without another call, when this resolves. */
  seeThrough(signal: AbortSignal): Promise<void>
  /** After the last field, also after a failure: leaves the instrument safe. Never rejects. */
  rest(): Promise<void>
  /** How fields are placed by images; null: no stage, they lie side by side. */
  readonly placing: StagePlacing | null
}
