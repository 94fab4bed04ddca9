import type { StageRect } from '../../shared/contract/area.ts'
import type { Field, SlideInfo } from '../../shared/contract/slide.ts'
import type { SlideRect } from './placement.ts'

type Stage = { readonly xUm: number; readonly yUm: number }

/**
 * Where the camera looks now, SlidePx. The slide's place on the stage is read from a committed field, which has both its place on the slide
 * and its stage position; null: rig without a stage, or no field committed yet.
 */
export function fieldInWork(stage: Stage | null, fields: readonly Field[], slide: SlideInfo): SlideRect | null {
  const known = fields.findLast((field) => field.stage !== null)
  if (!stage || !known?.stage) return null
  return {
    x: known.slideX + (stage.xUm - known.stage.xUm) / slide.pixelSizeUm,
    y: known.slideY + (stage.yUm - known.stage.yUm) / slide.pixelSizeUm,
    width: known.widthPx,
    height: known.heightPx,
  }
}

/** Where a rectangle of the stage lies on the slide, SlidePx: a field's stage position is that of its middle. null: as above. */
export function onSlide(rect: StageRect, fields: readonly Field[], slide: SlideInfo): SlideRect | null {
  const corner = fieldInWork(rect, fields, slide)
  return (
    corner && {
      x: corner.x + corner.width / 2,
      y: corner.y + corner.height / 2,
      width: rect.widthUm / slide.pixelSizeUm,
      height: rect.heightUm / slide.pixelSizeUm,
    }
  )
}

/** The smallest rectangle around every field; null: none yet. */
export function extent(rects: readonly SlideRect[]): SlideRect | null {
  if (rects.length === 0) return null
  const x = Math.min(...rects.map((rect) => rect.x))
  const y = Math.min(...rects.map((rect) => rect.y))
  return {
    x,
    y,
    width: Math.max(...rects.map((rect) => rect.x + rect.width)) - x,
    height: Math.max(...rects.map((rect) => rect.y + rect.height)) - y,
  }
}

export const fieldRect = (field: Field): SlideRect => ({
  x: field.slideX,
  y: field.slideY,
  width: field.widthPx,
  height: field.heightPx,
})
