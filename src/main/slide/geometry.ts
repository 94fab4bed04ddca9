import { type SlideGeometry, TILE_SIZE_PX } from './slide.ts'

/** A rectangle of whole pixels of one level; half open. */
export interface PixelRect {
  readonly left: number
  readonly top: number
  readonly right: number
  readonly bottom: number
}

/** The levels of a slide of this size, in Deep Zoom numbering: each level is half the one above, rounded up. */
export function slideGeometry(widthPx: number, heightPx: number): SlideGeometry {
  const top = Math.ceil(Math.log2(Math.max(widthPx, heightPx)))
  const below = Math.max(0, Math.ceil(Math.log2(Math.max(widthPx, heightPx) / TILE_SIZE_PX)))
  return { widthPx, heightPx, tileSizePx: TILE_SIZE_PX, levels: top + 1, lowestLevel: top - below }
}

export function levelSize(geometry: SlideGeometry, level: number): { readonly width: number; readonly height: number } {
  const scale = 2 ** (geometry.levels - 1 - level)
  return { width: Math.ceil(geometry.widthPx / scale), height: Math.ceil(geometry.heightPx / scale) }
}

/** The pixels of a tile; tiles at the right and lower edge end with the level. */
export function tileRect(geometry: SlideGeometry, level: number, x: number, y: number): PixelRect {
  const { width, height } = levelSize(geometry, level)
  return {
    left: x * TILE_SIZE_PX,
    top: y * TILE_SIZE_PX,
    right: Math.min((x + 1) * TILE_SIZE_PX, width),
    bottom: Math.min((y + 1) * TILE_SIZE_PX, height),
  }
}

/** The pixels that show any of the rectangle's at a level so many below its own. */
export function below(rect: PixelRect, levels: number): PixelRect {
  const scale = 2 ** levels
  return {
    left: Math.floor(rect.left / scale),
    top: Math.floor(rect.top / scale),
    right: Math.ceil(rect.right / scale),
    bottom: Math.ceil(rect.bottom / scale),
  }
}

export function movedBy({ left, top, right, bottom }: PixelRect, x: number, y: number): PixelRect {
  return { left: left + x, top: top + y, right: right + x, bottom: bottom + y }
}

export function intersection(a: PixelRect, b: PixelRect): PixelRect {
  return {
    left: Math.max(a.left, b.left),
    top: Math.max(a.top, b.top),
    right: Math.min(a.right, b.right),
    bottom: Math.min(a.bottom, b.bottom),
  }
}

export function covers(outer: PixelRect, inner: PixelRect): boolean {
  return (
    outer.left <= inner.left && outer.top <= inner.top && outer.right >= inner.right && outer.bottom >= inner.bottom
  )
}

export function isEmpty(rect: PixelRect): boolean {
  return rect.left >= rect.right || rect.top >= rect.bottom
}

/** The tiles a rectangle of a level touches: columns and rows, half open. */
export function tilesIn(rect: PixelRect): PixelRect {
  return {
    left: Math.floor(rect.left / TILE_SIZE_PX),
    top: Math.floor(rect.top / TILE_SIZE_PX),
    right: Math.ceil(rect.right / TILE_SIZE_PX),
    bottom: Math.ceil(rect.bottom / TILE_SIZE_PX),
  }
}
