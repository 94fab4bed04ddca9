import { MedullaError } from '../../shared/errors.ts'
import { type SlidePx, slidePx } from '../../shared/geometry.ts'

/**
 * Side of the virtual slide of a rig without a stage, pixels. Its size has to be known before its images are: this holds
 * about 1,300 images of 2048 x 1536 px, and no image wider or higher than itself.
 */
export const VIRTUAL_SLIDE_PX = 65_536

/** Unpainted pixels between images, so that no cell seems to lie across two. */
export const GAP_PX = 8

/** Images of the first one's width in a row. */
const IMAGES_IN_ROW = 8

export interface PlacedRect {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/**
 * Places images of any size on a virtual slide: in rows from left to right, rows from top to bottom, and where the slide ends,
 * in a new block of rows to the right of the last. The same sizes in the same order give the same places, so a layout is
 * taken up again from the images already placed.
 */
export class FlowLayout {
  /** Left edge of the block of rows, and the furthest right any of its images reaches. */
  #blockX = 0
  #blockRight = 0
  #rowY = 0
  #rowHeight = 0
  /** Where the next image of the row goes. */
  #x = 0
  #rowWidth = 0

  /** @param placed the images placed so far, in their order. Throws RangeError where another layout placed them. */
  constructor(placed: readonly PlacedRect[] = []) {
    for (const rect of placed) {
      const { x, y } = this.place(rect.width, rect.height)
      if (x !== rect.x || y !== rect.y) {
        throw new RangeError(`the image at ${rect.x}, ${rect.y} was not placed by this layout, which says ${x}, ${y}`)
      }
    }
  }

  /** The upper left corner of the next image, whole pixels. Throws `invalid-input` once the slide is full. */
  place(widthPx: number, heightPx: number): SlidePx {
    if (widthPx > VIRTUAL_SLIDE_PX || heightPx > VIRTUAL_SLIDE_PX) throw tooLarge(widthPx, heightPx)
    const row = this.#rowWidth || (widthPx + GAP_PX) * IMAGES_IN_ROW - GAP_PX
    let x = this.#x
    let y = this.#rowY
    let blockX = this.#blockX
    const begun = x > blockX
    if (begun && x + widthPx > Math.min(blockX + row, VIRTUAL_SLIDE_PX)) {
      x = blockX
      y += this.#rowHeight + GAP_PX
    }
    if (y + heightPx > VIRTUAL_SLIDE_PX) {
      blockX = this.#blockRight + GAP_PX
      x = blockX
      y = 0
    }
    if (x + widthPx > VIRTUAL_SLIDE_PX) throw full()

    const newRow = y !== this.#rowY || blockX !== this.#blockX
    this.#blockRight = blockX === this.#blockX ? Math.max(this.#blockRight, x + widthPx) : x + widthPx
    this.#rowHeight = newRow ? heightPx : Math.max(this.#rowHeight, heightPx)
    this.#rowWidth = row
    this.#blockX = blockX
    this.#rowY = y
    this.#x = x + widthPx + GAP_PX
    return slidePx(x, y)
  }
}

function tooLarge(widthPx: number, heightPx: number): MedullaError {
  return new MedullaError(
    'invalid-input',
    `An image of ${widthPx} x ${heightPx} px is larger than the slide of ${VIRTUAL_SLIDE_PX} x ${VIRTUAL_SLIDE_PX} px.`,
    { remedy: 'Cut the image into smaller ones.', values: { widthPx, heightPx } },
  )
}

function full(): MedullaError {
  return new MedullaError(
    'invalid-input',
    `The run's slide of ${VIRTUAL_SLIDE_PX} x ${VIRTUAL_SLIDE_PX} px is full; what was placed so far is kept.`,
    { remedy: 'Move the images that are done out of the folder and start another run for the rest.' },
  )
}
