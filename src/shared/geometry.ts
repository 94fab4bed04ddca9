/**
 * Frames of reference. Each is a type of its own, so that a point of one cannot be passed where another is meant.
 * - StageUm: the stage's own axes, micrometres.
 * - SlidePx: the run's slide image at full resolution, pixels, origin at its upper left corner, y down.
 * - FieldPx: one captured field's image, pixels, origin at its upper left corner, y down.
 */
declare const frame: unique symbol
type Point<F extends string> = { readonly x: number; readonly y: number; readonly [frame]?: F }

export type StageUm = Point<'StageUm'>
export type SlidePx = Point<'SlidePx'>
export type FieldPx = Point<'FieldPx'>

/** Half open: contains x <= px < x + width. */
export interface Rect<P extends Point<string>> {
  readonly origin: P
  readonly width: number
  readonly height: number
}

export const stageUm = (x: number, y: number): StageUm => ({ x, y })
export const slidePx = (x: number, y: number): SlidePx => ({ x, y })
export const fieldPx = (x: number, y: number): FieldPx => ({ x, y })

/** Where a field's upper left corner lies on the slide. */
export type FieldOrigin = SlidePx

export function fieldToSlide(point: FieldPx, origin: FieldOrigin): SlidePx {
  return slidePx(origin.x + point.x, origin.y + point.y)
}

export function slideToField(point: SlidePx, origin: FieldOrigin): FieldPx {
  return fieldPx(point.x - origin.x, point.y - origin.y)
}

/**
 * The slide image's place on the stage: the stage position of SlidePx (0, 0) and the pixel size.
 * The camera looks along the stage axes (rotation and mirror are a calibration of the rig).
 */
export interface SlideFrame {
  readonly originUm: StageUm
  readonly pixelSizeUm: number
}

export function stageToSlide(point: StageUm, slide: SlideFrame): SlidePx {
  return slidePx((point.x - slide.originUm.x) / slide.pixelSizeUm, (point.y - slide.originUm.y) / slide.pixelSizeUm)
}

export function slideToStage(point: SlidePx, slide: SlideFrame): StageUm {
  return stageUm(slide.originUm.x + point.x * slide.pixelSizeUm, slide.originUm.y + point.y * slide.pixelSizeUm)
}

export function contains<P extends Point<string>>(rect: Rect<P>, point: P): boolean {
  return (
    point.x >= rect.origin.x &&
    point.y >= rect.origin.y &&
    point.x < rect.origin.x + rect.width &&
    point.y < rect.origin.y + rect.height
  )
}
