import type { Field } from '../../shared/contract/slide.ts'
import type { SlideRect } from './placement.ts'

/**
 * The part of the slide in which a person counts: as large as one of the run's fields, in the middle of what is visible, and no larger than that. So
 * a view of the whole slide is not taken for one that was looked through.
 */
export function countingFrame(visible: SlideRect, fields: readonly Field[]): SlideRect {
  const widthPx = fields[0]?.widthPx ?? visible.width
  const heightPx = fields[0]?.heightPx ?? visible.height
  const width = Math.min(visible.width, widthPx)
  const height = Math.min(visible.height, heightPx)
  return {
    x: visible.x + (visible.width - width) / 2,
    y: visible.y + (visible.height - height) / 2,
    width,
    height,
  }
}
