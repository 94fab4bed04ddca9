/** Where the slide lies on the canvas: screen = slide * scale + offset, CSS pixels. */
export interface Placement {
  readonly scale: number
  readonly offsetX: number
  readonly offsetY: number
  readonly widthPx: number
  readonly heightPx: number
}

export interface SlideRect {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** What of the slide is on the canvas. */
export const visibleIn = ({ scale, offsetX, offsetY, widthPx, heightPx }: Placement): SlideRect => ({
  x: -offsetX / scale,
  y: -offsetY / scale,
  width: widthPx / scale,
  height: heightPx / scale,
})
