import type { Field, SlideInfo } from '../../shared/contract/slide.ts'

export interface TileAddress {
  readonly level: number
  readonly x: number
  readonly y: number
}

const keyOf = ({ level, x, y }: TileAddress): string => `${level}/${x}_${y}`

/**
 * Which tiles of the growing pyramid are there: those a committed field touches. Asked before every request, so that the viewer never asks
 * for a tile that is not on disk. The revision of a tile is that of the newest field on it.
 */
export class TileIndex {
  readonly #slide: SlideInfo
  readonly #revisions = new Map<string, number>()

  constructor(slide: SlideInfo) {
    this.#slide = slide
  }

  /** Takes committed fields in; answers the tiles they touch, each once. */
  add(fields: readonly Field[]): TileAddress[] {
    const touched = new Map<string, TileAddress>()
    for (const field of fields) {
      for (const tile of tilesUnder(field, this.#slide)) {
        const key = keyOf(tile)
        touched.set(key, tile)
        this.#revisions.set(key, Math.max(field.revision, this.#revisions.get(key) ?? 0))
      }
    }
    return [...touched.values()]
  }

  has(tile: TileAddress): boolean {
    return this.#revisions.has(keyOf(tile))
  }

  /** 0: not there. */
  revision(tile: TileAddress): number {
    return this.#revisions.get(keyOf(tile)) ?? 0
  }
}

type FieldRect = Pick<Field, 'slideX' | 'slideY' | 'widthPx' | 'heightPx'>

/** The tiles of every level that hold at least a whole pixel of a field. */
export function* tilesUnder(field: FieldRect, slide: SlideInfo): Generator<TileAddress> {
  const top = slide.levels - 1
  const left = Math.max(0, field.slideX)
  const upper = Math.max(0, field.slideY)
  const right = Math.min(slide.widthPx, field.slideX + field.widthPx)
  const lower = Math.min(slide.heightPx, field.slideY + field.heightPx)
  if (right <= left || lower <= upper) return
  for (let level = slide.lowestLevel; level <= top; level++) {
    const scale = 2 ** (top - level)
    const span = slide.tileSizePx * scale
    // Half a level pixel in from either side: a sliver thinner than that was rounded away when the level was made.
    const inset = scale / 2
    const firstX = Math.floor(Math.min(left + inset, right - 0.5) / span)
    const lastX = Math.floor(Math.max(right - inset, left) / span)
    const firstY = Math.floor(Math.min(upper + inset, lower - 0.5) / span)
    const lastY = Math.floor(Math.max(lower - inset, upper) / span)
    for (let y = firstY; y <= lastY; y++) for (let x = firstX; x <= lastX; x++) yield { level, x, y }
  }
}
