import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'

/**
 * Which files of a folder are one and the same, byte for byte: copied twice from a card, or saved once more under another name. Their cells would be counted
 * twice. Files of different sizes are not read for that.
 */
export class RepeatedFiles {
  readonly #folder: string
  /** Not looked at yet. */
  #earlier: readonly string[]
  readonly #ofSize = new Map<number, string[]>()
  readonly #hashes = new Map<string, string>()

  /** @param earlier names of files that were taken before; one that is gone by now equals none. */
  constructor(folder: string, earlier: readonly string[]) {
    this.#folder = folder
    this.#earlier = earlier
  }

  /** The first file taken before that equals this one; null: none does. From now on it is one of them itself. Rejects where it cannot be read. */
  async firstLike(name: string): Promise<string | null> {
    const earlier = this.#earlier
    this.#earlier = []
    for (const each of earlier) {
      const found = await stat(join(this.#folder, each)).catch(() => null)
      if (found) this.#add(each, found.size)
    }
    const { size } = await stat(join(this.#folder, name))
    for (const other of this.#ofSize.get(size) ?? []) {
      const hash = await this.#hash(other).catch(() => null)
      if (hash === (await this.#hash(name))) return other
    }
    this.#add(name, size)
    return null
  }

  #add(name: string, size: number): void {
    const alike = this.#ofSize.get(size)
    if (alike) alike.push(name)
    else this.#ofSize.set(size, [name])
  }

  async #hash(name: string): Promise<string> {
    const known = this.#hashes.get(name)
    if (known !== undefined) return known
    const hash = createHash('sha256')
    await pipeline(createReadStream(join(this.#folder, name)), hash)
    const digest = hash.digest('hex')
    this.#hashes.set(name, digest)
    return digest
  }
}
