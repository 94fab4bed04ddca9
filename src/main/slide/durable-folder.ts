import * as fs from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { syncFolder } from '../durable-files.ts'

/** Plain descriptors: file handles cost the calling thread four times as much. */
const openFile = promisify(fs.open)
const writeParts = promisify(fs.writev)
const writeRest = promisify(fs.writeFile)
const syncData = promisify(fs.fdatasync)
const sync = promisify(fs.fsync)
const closeFile = promisify(fs.close)
const rename = promisify(fs.rename)

/** A folder that file after file is written to. It stays open meanwhile, as each file is followed by a sync of the folder. */
export class DurableFolder {
  readonly #path: string
  /** null: not opened yet, or Windows, which syncs folders by itself and cannot open them. */
  #descriptor: number | null = null
  #prepared = false

  constructor(path: string) {
    this.#path = path
  }

  /** Replaces a file: whole or not at all, also when the power fails. The folder is made where there is none. */
  async writeWhole(name: string, parts: readonly Buffer[]): Promise<void> {
    await this.#prepare()
    const path = join(this.#path, name)
    const unfinished = `${path}.unfinished`
    try {
      const file = await openFile(unfinished, 'w')
      try {
        // A disk that fills up takes a part without a word; the next write is told.
        const { bytesWritten } = await writeParts(file, [...parts])
        const whole = parts.reduce((sum, { length }) => sum + length, 0)
        if (bytesWritten < whole) await writeRest(file, Buffer.concat(parts).subarray(bytesWritten))
        await syncData(file)
      } finally {
        // What is synced closes in no time.
        fs.closeSync(file)
      }
      await rename(unfinished, path)
    } catch (error) {
      await rm(unfinished, { force: true }).catch(() => undefined)
      throw error
    }
    if (this.#descriptor !== null) await sync(this.#descriptor)
  }

  async close(): Promise<void> {
    const descriptor = this.#descriptor
    this.#descriptor = null
    this.#prepared = false
    if (descriptor !== null) await closeFile(descriptor)
  }

  async #prepare(): Promise<void> {
    if (this.#prepared) return
    await mkdir(this.#path, { recursive: true })
    await syncFolder(dirname(this.#path))
    if (process.platform !== 'win32') this.#descriptor = await openFile(this.#path, 'r')
    this.#prepared = true
  }
}
