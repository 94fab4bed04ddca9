import { readdir, stat, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { MedullaError } from '../../shared/errors.ts'
import { MOST_FIELDS } from './look-ahead.ts'

/** Kept free whatever a run needs, bytes: for the casebook's own log, for what else the bench writes, for other programs. */
export const RESERVE_BYTES = 64 * 1024 * 1024
/**
 * Of a field, its image, its cells and their pictures, by pixel of the camera, until it is known what they take. Measured: fields of
 * 2048 x 1536 px with 20 cells take 0.7 to 1.2 MB.
 */
const ASSUMED_BYTES_PER_PX = 0.35
/** From so many fields on, what they took is believed. */
const ENOUGH_FIELDS = 8
/** What a run takes is worked out anew after so many fields: every file of the slide is looked at. */
const MEASURED_EVERY_FIELDS = 25
/** Fields differ, and the database grows in steps. */
const SPARE = 1.1

export interface DiskRoomParts {
  readonly dataFolder: string
  /** Where the run's slide is kept; null: there is no run yet. */
  readonly slideFolder: string | null
  /** Pixels of a camera image; null: not known before there are images. */
  readonly fieldPx: number | null
}

/** Whether the volume that holds the data folder has room for what a run still writes. */
export class DiskRoom {
  readonly #parts: DiskRoomParts
  /** When this stretch began, and at the newest measurement; null: not measured. */
  #before: { readonly bytes: number; readonly fields: number } | null = null
  #measuredAt = 0
  #bytesPerField: number

  constructor(parts: DiskRoomParts) {
    this.#parts = parts
    this.#bytesPerField = ASSUMED_BYTES_PER_PX * (parts.fieldPx ?? 3_000_000)
  }

  /** What a field takes on disk, as far as it is known. */
  get bytesPerField(): number {
    return this.#bytesPerField
  }

  /** With less than this left a run stands still: fields that are exposed already still find room. */
  get leastBytes(): number {
    return RESERVE_BYTES + MOST_FIELDS * this.#bytesPerField
  }

  neededBytes(fieldsToGo: number): number {
    return SPARE * fieldsToGo * this.#bytesPerField
  }

  async freeBytes(): Promise<number> {
    const { bavail, bsize } = await statfs(this.#parts.dataFolder)
    return bavail * bsize
  }

  /** Learns what fields take. @param fields committed ones of the run. */
  async measure(fields: number): Promise<void> {
    if (this.#before !== null && fields < this.#measuredAt + MEASURED_EVERY_FIELDS) return
    this.#measuredAt = fields
    const { dataFolder, slideFolder } = this.#parts
    const bytes =
      (await sizeOf(join(dataFolder, 'casebook.sqlite'))) + (slideFolder === null ? 0 : await bytesIn(slideFolder))
    this.#before ??= { bytes, fields }
    const more = fields - this.#before.fields
    if (more >= ENOUGH_FIELDS) this.#bytesPerField = Math.max(0, bytes - this.#before.bytes) / more
  }

  /**
   * null: there is room for a while.
   * @param fieldsToGo null: not known.
   * @param waiting the run stands still already: it goes on with more than the least, so that it does not stop again at once.
   */
  async shortage(fieldsToGo: number | null, { waiting = false } = {}): Promise<MedullaError | null> {
    const free = await this.freeBytes()
    const needed = fieldsToGo === null ? Number.POSITIVE_INFINITY : this.neededBytes(fieldsToGo)
    const wanted = this.leastBytes + (waiting ? Math.min(needed, RESERVE_BYTES) : 0)
    return free >= wanted ? null : this.#short(free, fieldsToGo)
  }

  /** Before a run: rejects `disk-full` where the whole of it finds no room. @param fields null: not known how many it needs. */
  async require(fields: number | null): Promise<void> {
    const free = await this.freeBytes()
    const { dataFolder } = this.#parts
    const wanted = this.leastBytes + this.neededBytes(fields ?? 0)
    if (free >= wanted) return
    const need = fields === null ? '' : ` This run needs about ${megabytes(this.neededBytes(fields))}.`
    throw new MedullaError('disk-full', `Only ${megabytes(free)} are free for ${dataFolder}.${need}`, {
      remedy: `Free ${megabytes(wanted - free)} more on that disk, ${fields === null ? '' : 'scan a smaller area or to fewer cells, '}or choose another data folder.`,
      values: { dataFolder, freeBytes: free, wantedBytes: Math.round(wanted) },
    })
  }

  #short(free: number, fieldsToGo: number | null): MedullaError {
    const { dataFolder } = this.#parts
    const needed = fieldsToGo === null ? '' : `, this run needs about ${megabytes(this.neededBytes(fieldsToGo))} more`
    return new MedullaError('disk-full', `Disk nearly full: ${megabytes(free)} left${needed}.`, {
      remedy: `Free some space on the disk that holds ${dataFolder}: the scan goes on by itself once there is room.`,
      values: { dataFolder, freeBytes: free },
    })
  }
}

/** 0: not there. */
async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  )
}

/** Of all files in a folder and below; files that go meanwhile do not count. */
async function bytesIn(folder: string): Promise<number> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
  let bytes = 0
  for (const entry of entries) {
    const path = join(folder, entry.name)
    bytes += entry.isDirectory() ? await bytesIn(path) : await sizeOf(path)
  }
  return bytes
}

function megabytes(bytes: number): string {
  return `${Math.max(bytes > 0 ? 1 : 0, Math.round(bytes / 1e6))} MB`
}
