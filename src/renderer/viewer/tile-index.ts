import type { Field, SlideInfo } from '../../shared/contract/slide.ts'

export interface TileAddress {
  readonly level: number
  readonly x: number
  readonly y: number
}

const keyOf = ({ level, x, y }: TileAddress): string => `${level}/${x}_${y}`

interface Known {
  /** Fields that touch the tile. */
  fields: number
  /** A sum over them, so that a field is taken out as it was put in. */
  sum: number
}

/**
 * Which tiles of the growing slide are there: those a committed field touches where it lies now. Asked before every request, so that
 * the viewer never asks for a tile that shows nothing.
 */
export class TileIndex {
  readonly #slide: SlideInfo
  readonly #fields = new Map<number, Field>()
  readonly #tiles = new Map<string, Known>()

  constructor(slide: SlideInfo) {
    this.#slide = slide
  }

  /** Takes fields in that were committed or placed anew; answers the tiles they touch and those they have left, each once. */
  take(fields: readonly Field[]): TileAddress[] {
    const touched = new Map<string, TileAddress>()
    for (const field of fields) {
      const before = this.#fields.get(field.index)
      if (before) this.#count(before, -1, touched)
      this.#count(field, 1, touched)
      this.#fields.set(field.index, field)
    }
    return [...touched.values()]
  }

  has(tile: TileAddress): boolean {
    return this.#tiles.has(keyOf(tile))
  }

  /** How many fields touch it. */
  fieldsOn(tile: TileAddress): number {
    return this.#tiles.get(keyOf(tile))?.fields ?? 0
  }

  /**
   * Says which fields are on the tile and how new each is: the same only where the same is seen, so that a picture the browser keeps
   * from before a field left is not taken for one of now.
   */
  version(tile: TileAddress): string {
    const { fields, sum } = this.#tiles.get(keyOf(tile)) ?? { fields: 0, sum: 0 }
    return `${fields}-${sum.toString(36)}`
  }

  #count(field: Field, by: 1 | -1, touched: Map<string, TileAddress>): void {
    for (const tile of tilesUnder(field, this.#slide)) {
      const key = keyOf(tile)
      touched.set(key, tile)
      const known = this.#tiles.get(key) ?? { fields: 0, sum: 0 }
      known.fields += by
      known.sum = (known.sum + by * mixed(field.index, field.revision)) >>> 0
      if (known.fields === 0) this.#tiles.delete(key)
      else this.#tiles.set(key, known)
    }
  }
}

/** A number of 32 bits that has little to do with that of a neighbour (the steps of MurmurHash3). */
function mixed(index: number, revision: number): number {
  let hash = Math.imul(index + 1, 0xcc9e2d51) ^ Math.imul(revision, 0x1b873593)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

type FieldRect = Pick<Field, 'slideX' | 'slideY' | 'widthPx' | 'heightPx'>

/** The tiles of every level that hold at least a whole pixel of a field. */
export function* tilesUnder(field: FieldRect, slide: SlideInfo): Generator<TileAddress> {
  const top = slide.levels - 1
  const x = Math.round(field.slideX)
  const y = Math.round(field.slideY)
  const left = Math.max(0, x)
  const upper = Math.max(0, y)
  const right = Math.min(slide.widthPx, x + field.widthPx)
  const lower = Math.min(slide.heightPx, y + field.heightPx)
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
