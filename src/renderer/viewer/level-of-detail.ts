/** dots: too small for a box. boxes: outlines. labels: outlines, each with its letter code. */
export type Detail = 'dots' | 'boxes' | 'labels'

const DOTS_BELOW_PX = 8
const LABELS_FROM_PX = 36

/** How much of a cell is drawn, by the width of a typical box on screen, CSS pixels. */
export function detailFor(boxPx: number): Detail {
  if (boxPx < DOTS_BELOW_PX) return 'dots'
  return boxPx < LABELS_FROM_PX ? 'boxes' : 'labels'
}

/** Side of a dot, CSS pixels: it shrinks with its box, but stays visible. */
export const dotPx = (boxPx: number): number => Math.max(2, Math.min(5, Math.round(boxPx * 0.7)))

/**
 * How strongly the counted area is shaded, 0-1, by the width of a field on screen: seen from afar it tells what is done; from near it is
 * gone, as a tint changes how the stain is seen.
 */
export function shadeFor(fieldPx: number): number {
  const near = 420
  const far = 140
  return Math.max(0, Math.min(1, (near - fieldPx) / (near - far)))
}
