/** A drawn cell on the working grid: absorption and how much it hides of what lies under it. */
export interface CellSprite {
  readonly width: number
  readonly height: number
  /** Grid pixel of the sprite's upper left corner, relative to the grid pixel that holds the cell's centre. */
  readonly left: number
  readonly top: number
  /** height x width x 3: absorption in `ABSORPTION_STEPS` (see `cell-sprite.ts`). */
  readonly absorption: Uint16Array
  /** height x width: 0-255. */
  readonly cover: Uint8Array
}

/** Where a sprite's pixels go. */
export interface SpriteMemory {
  absorption(pixels: number): Uint16Array
  cover(pixels: number): Uint8Array
}

/** Memory of its own for every sprite. */
export const ownMemory: SpriteMemory = {
  absorption: (pixels) => new Uint16Array(pixels * 3),
  cover: (pixels) => new Uint8Array(pixels),
}

/**
 * The sprites drawn last, in one ring of memory taken once: a field brings thirty new ones of 60 KB, and handing each to the garbage
 * collector costs as much as drawing it. A sprite is good until the next one is drawn.
 */
export class SpriteStore implements SpriteMemory {
  private readonly pixels: number
  private readonly absorptions: Uint16Array
  private readonly covers: Uint8Array
  /** In the order drawn. `start`: pixels ever handed out before this sprite's; its place in the ring is the remainder. */
  private readonly kept = new Map<number, { readonly sprite: CellSprite; readonly start: number }>()
  private start = 0
  private end = 0

  /** `pixels`: room, at 7 bytes each; a cell takes about 8,000 at the finest pitch. */
  constructor(pixels: number) {
    this.pixels = pixels
    this.absorptions = new Uint16Array(pixels * 3)
    this.covers = new Uint8Array(pixels)
  }

  get(key: number, draw: (memory: SpriteMemory) => CellSprite): CellSprite {
    const known = this.kept.get(key)
    if (known) return known.sprite
    const sprite = draw(this)
    this.kept.set(key, { sprite, start: this.start })
    return sprite
  }

  absorption(pixels: number): Uint16Array {
    const room = this.pixels - (this.end % this.pixels)
    this.start = pixels > room ? this.end + room : this.end
    this.end = this.start + pixels
    for (const [key, old] of this.kept) {
      if (old.start >= this.end - this.pixels) break
      this.kept.delete(key)
    }
    const at = this.start % this.pixels
    return this.absorptions.subarray(at * 3, (at + pixels) * 3)
  }

  cover(pixels: number): Uint8Array {
    const at = this.start % this.pixels
    return this.covers.subarray(at, at + pixels)
  }
}
