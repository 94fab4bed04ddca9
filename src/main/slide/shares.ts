import { intersection, isEmpty, type PixelRect } from './geometry.ts'
import { type PlacedField, rectOf } from './places.ts'

/** A part of a tile and who is seen there. */
export interface Share {
  /** null: nobody has looked there. */
  readonly field: number | null
  /** Pixels of the tile's level. */
  readonly rect: PixelRect
  /** Upper left corner of the field in the tile's level, pixels, to an eighth of one or to a pixel of the slide. */
  readonly left: number
  readonly top: number
  /** The field's size, pixels of the slide. */
  readonly widthPx: number
  readonly heightPx: number
}

/** The same for shares that show the same: what a tile is made of, in words. */
export const shareKey = ({ field, rect, left, top }: Share): string =>
  `${field ?? ''}@${left},${top}:${rect.left},${rect.top},${rect.right},${rect.bottom}`

/**
 * Divides a tile among the fields: each point to the field that owns it, the first of them where what is said to be owned overlaps in a
 * corner (decision 26); where none does to the last that shows it; the rest to nobody.
 * @param rect of the tile in its level.
 * @param depth levels below full resolution.
 * @param fields those that touch the tile, by index.
 */
export function shares(rect: PixelRect, depth: number, fields: readonly PlacedField[]): Share[] {
  const found: Share[] = []
  let open: PixelRect[] = [rect]
  const give = (place: LevelPlace, wanted: PixelRect): void => {
    const left: PixelRect[] = []
    for (const part of open) {
      const shared = intersection(part, wanted)
      if (isEmpty(shared)) left.push(part)
      else {
        found.push({ ...place.seen, rect: shared })
        left.push(...around(part, shared))
      }
    }
    open = left
  }
  const places = fields.map((field) => levelPlace(field, depth))
  for (const place of places) {
    if (open.length === 0) break
    give(place, intersection(place.owned, place.rect))
  }
  for (const place of places.reverse()) {
    if (open.length === 0) break
    give(place, place.rect)
  }
  return [...found, ...open.map((part) => ({ ...NOBODY, rect: part }))]
}

const NOBODY = { field: null, left: 0, top: 0, widthPx: 0, heightPx: 0 }

interface LevelPlace {
  readonly seen: Omit<Share, 'rect'>
  readonly rect: PixelRect
  readonly owned: PixelRect
}

function levelPlace(field: PlacedField, depth: number): LevelPlace {
  const scale = 2 ** depth
  // A pixel of the slide less or more is not seen far below, and need not change the tiles there.
  const step = Math.max(1, scale / 8)
  const { left, top, right, bottom } = rectOf(field)
  const { x, y, width, height } = field.owned
  const down = (px: number) => Math.round(px / scale)
  const snapped = (px: number) => (Math.round(px / step) * step) / scale
  return {
    seen: {
      field: field.index,
      left: snapped(left),
      top: snapped(top),
      widthPx: field.widthPx,
      heightPx: field.heightPx,
    },
    rect: { left: down(left), top: down(top), right: down(right), bottom: down(bottom) },
    owned: { left: down(x), top: down(y), right: down(x + width), bottom: down(y + height) },
  }
}

/** What is left of a rectangle without a part of it. */
function around(outer: PixelRect, inner: PixelRect): PixelRect[] {
  return [
    { ...outer, bottom: inner.top },
    { ...outer, top: inner.bottom },
    { left: outer.left, top: inner.top, right: inner.left, bottom: inner.bottom },
    { left: inner.right, top: inner.top, right: outer.right, bottom: inner.bottom },
  ].filter((part) => !isEmpty(part))
}
