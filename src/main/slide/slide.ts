import type { FieldPx, Rect } from '../../shared/geometry.ts'
import type { RgbImage } from '../../shared/image.ts'

export const TILE_SIZE_PX = 512

/** Field pixels along each side of a pixel of the images that are kept of every field: full size, a half, a quarter, an eighth. */
export const BINNINGS = [1, 2, 4, 8] as const
export type Binning = (typeof BINNINGS)[number]

export interface SlideGeometry {
  readonly widthPx: number
  readonly heightPx: number
  readonly tileSizePx: number
  /** Deep Zoom numbering: level 0 is one pixel, `levels - 1` full resolution. */
  readonly levels: number
  /** The lowest level shown: the first that fits one tile. */
  readonly lowestLevel: number
}

/** A field's image made small, to be seen until its tiles are drawn. */
export interface FieldPicture {
  /** JPEG; may go on beyond the size below, where the image's edge repeats. */
  readonly jpeg: Uint8Array
  readonly widthPx: number
  readonly heightPx: number
}

/**
 * A run's slide: the images of its fields, kept apart, and tiles of JPEG that are drawn from them when they are asked for, each field
 * where the run's places say it lies now. A field that is placed anew is on the next tile that is asked for.
 */
export interface Slide {
  readonly geometry: SlideGeometry
  /**
   * Keeps a field's image, in place of one kept under that index before. When it resolves, the image is whole on disk (written beside,
   * synced, renamed); when it rejects, what was kept before is as it was. Calls are worked off in order; the image must not change
   * meanwhile. Resolves with its picture; null: even the smallest of the images that are kept is a large one (see `fieldPicture`). Rejects
   * `disk-full`, `data-unwritable`.
   */
  keep(index: number, image: RgbImage): Promise<FieldPicture | null>
  /**
   * A kept field's image, full size, compressed once; on a SharedArrayBuffer of its own. Of a run from before fields were kept: what
   * the slide shows where the field lies. Rejects `image-unreadable`, also where there is none.
   */
  field(index: number): Promise<RgbImage>
  /**
   * A rectangle of it, field pixels within its image, at full size or smaller, as it is kept: no more is read than lies there. Its corners
   * are whole pixels of that size. Rejects as `field`.
   */
  part(index: number, rect: Rect<FieldPx>, binning: Binning): Promise<RgbImage>
  /**
   * The tile as it is now, JPEG: each point from the first field that owns it, else from the last that shows it. Fields that cannot be read
   * are left blank. null: the slide has no such tile, or no field lies there.
   */
  tile(level: number, x: number, y: number): Promise<Uint8Array | null>
  /**
   * Of a field that was just kept, by this or another slide of the run: reads what far-off tiles show of it, which somebody is about to ask
   * for. Resolves when it is there; never rejects.
   */
  readAhead(index: number): Promise<void>
  /** Resolves when nothing is being written; frees the memory. */
  close(): Promise<void>
}
