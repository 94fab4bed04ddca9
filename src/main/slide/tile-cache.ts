import type { RawTile } from './raw-tile.ts'

interface Entry {
  readonly tile: Promise<RawTile>
  bytes: number
  /** Uses under way; a tile in use stays. */
  uses: number
}

/**
 * Raw tiles, the least recently used dropped first once they hold more than `capacityBytes`. Tiles in use stay however many
 * they are. The memory of dropped tiles is used again: a new tile's pages cost more than painting it.
 */
export class TileCache {
  readonly #entries = new Map<string, Entry>()
  readonly #capacityBytes: number
  readonly #spare: Buffer[] = []
  #bytes = 0

  constructor(capacityBytes: number) {
    this.#capacityBytes = capacityBytes
  }

  /** The tile, loaded where it is not there. Each call is paired with one of `release`. */
  use(key: string, load: () => Promise<RawTile>): Promise<RawTile> {
    const known = this.#entries.get(key)
    if (known) {
      known.uses++
      this.#entries.delete(key)
      this.#entries.set(key, known)
      return known.tile
    }
    const entry: Entry = { tile: load(), bytes: 0, uses: 1 }
    this.#entries.set(key, entry)
    entry.tile.then(
      (tile) => {
        if (this.#entries.get(key) !== entry) return
        entry.bytes = tile.data.length
        this.#bytes += entry.bytes
      },
      () => undefined,
    )
    return entry.tile
  }

  release(key: string): void {
    const entry = this.#entries.get(key)
    if (!entry) return
    entry.uses--
    for (const [oldest, { tile, bytes, uses }] of this.#entries) {
      if (this.#bytes <= this.#capacityBytes) return
      if (uses > 0) continue
      this.#entries.delete(oldest)
      this.#bytes -= bytes
      void tile.then(({ data }) => this.#keepSpare(data))
    }
  }

  /** Memory for a tile; what is in it is not cleared. */
  allocate(bytes: number): Buffer {
    const found = this.#spare.findLastIndex((buffer) => buffer.length === bytes)
    if (found >= 0) return this.#spare.splice(found, 1)[0]
    return Buffer.allocUnsafeSlow(bytes)
  }

  clear(): void {
    this.#entries.clear()
    this.#spare.length = 0
    this.#bytes = 0
  }

  #keepSpare(data: Buffer): void {
    if (this.#spare.length < 16) this.#spare.push(data)
  }
}
