import type { Cell } from '../../shared/contract/cells.ts'
import type { SlideRect } from './placement.ts'

/** What keys and other panels may ask of the slide's viewer. */
export interface ViewerHandle {
  /** Shows a cell in the middle, by a short eased move; at once where motion is to be reduced. */
  readonly flyTo: (cell: Cell) => void
  /** Shows an area of the slide, the same way. */
  readonly show: (rect: SlideRect) => void
  /** Shows everything scanned so far. */
  readonly fit: () => void
  /** One pixel of the image on one of the screen. */
  readonly actualSize: () => void
  readonly zoomBy: (factor: number) => void
  /** Moves by a share of what is visible. */
  readonly panBy: (x: number, y: number) => void
  /** Resolves when something of the slide is drawn for the first time. */
  readonly firstPicture: Promise<void>
  /** Resolves when what is in sight shows every field the desk knows. */
  readonly upToDate: () => Promise<void>
  /** Shows fields the desk knows by pictures of their own, by index, until their tiles are there. */
  readonly sketch: (pictures: ReadonlyMap<number, ImageBitmap>) => void
  /** What is in sight, SlidePx. */
  readonly visible: () => SlideRect
}

/** The viewer on screen; null while there is none. */
export const viewerHandle: { current: ViewerHandle | null } = { current: null }
