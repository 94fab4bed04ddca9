import { straightTransform } from '../../../shared/camera-transform.ts'
import type { RenderRequest } from './world.ts'

/** Where an image lies on a grid fixed to the slide, whose pixel (0, 0) has its middle half a pitch from the stage's origin. */
export interface GridPlace {
  /** Grid pixels that rows `top` <= row < `bottom` of the image touch, inclusive. */
  readonly left: number
  readonly top: number
  readonly right: number
  readonly bottom: number
  /** Grid position of image pixel (0, 0), and what a step right and down in the image is on the grid. */
  readonly x0: number
  readonly y0: number
  readonly xx: number
  readonly xy: number
  readonly yx: number
  readonly yy: number
}

export function gridPlace(request: RenderRequest, pitch: number, top: number, bottom: number): GridPlace {
  const { widthPx, heightPx, centre, pixelSizeUm } = request
  const { xx, xy, yx, yy } = request.transform ?? straightTransform(pixelSizeUm)
  const at = (x: number, y: number) => {
    const right = x + 0.5 - widthPx / 2
    const down = y + 0.5 - heightPx / 2
    return {
      x: (centre.x + xx * right + xy * down) / pitch - 0.5,
      y: (centre.y + yx * right + yy * down) / pitch - 0.5,
    }
  }
  const corners = [at(0, top), at(widthPx - 1, top), at(0, bottom - 1), at(widthPx - 1, bottom - 1)]
  const xs = corners.map(({ x }) => x)
  const ys = corners.map(({ y }) => y)
  const first = at(0, 0)
  return {
    left: Math.floor(Math.min(...xs)),
    top: Math.floor(Math.min(...ys)),
    right: Math.ceil(Math.max(...xs)),
    bottom: Math.ceil(Math.max(...ys)),
    x0: first.x,
    y0: first.y,
    xx: xx / pitch,
    xy: xy / pitch,
    yx: yx / pitch,
    yy: yy / pitch,
  }
}
