import { stat } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Field } from '../../shared/contract/slide.ts'
import { MedullaError } from '../../shared/errors.ts'
import { listImages } from '../images/list-images.ts'
import { readImage } from '../images/read-image.ts'
import { FlowLayout } from '../slide/layout.ts'
import type { FieldSource, PendingField } from './field-source.ts'
import type { FolderPlan } from './folder-plan.ts'
import { RepeatedFiles } from './repeated-files.ts'

const POLL_MS = 500
/** A file changed less than this ago may still be growing: nothing says that its writer has finished. */
const SETTLED_MS = 1000

/** Images of a folder, in natural order, each a field beside the last; files that arrive meanwhile come after. */
export class FolderSource implements FieldSource {
  readonly fieldOrigin = 'any-images'
  readonly sharpUm = null
  readonly stage = null
  readonly placing = null
  readonly #plan: FolderPlan
  readonly #layout: FlowLayout
  readonly #done: Set<string>
  #repeated: RepeatedFiles | null = null
  #waiting: string[] = []
  #nextIndex: number
  #planned: number | null = null
  #activity = 'reading the folder'

  /** @param committed the run's fields so far, in order; none for a new run. */
  constructor(plan: FolderPlan, committed: readonly Field[]) {
    this.#plan = plan
    this.#nextIndex = committed.length
    this.#done = new Set(committed.map((field) => field.image).filter((name) => name !== null))
    this.#layout = new FlowLayout(
      committed.map((field) => ({ x: field.slideX, y: field.slideY, width: field.widthPx, height: field.heightPx })),
    )
  }

  get plannedFields(): number | null {
    return this.#plan.watch ? null : this.#planned
  }

  get activity(): string {
    return this.#activity
  }

  async prepare(): Promise<void> {
    await this.#list()
  }

  async next(signal: AbortSignal): Promise<PendingField | null> {
    while (this.#waiting.length === 0) {
      await this.#list()
      if (this.#waiting.length > 0) break
      if (!this.#plan.watch) return null
      this.#activity = 'waiting for new images'
      await sleep(POLL_MS, undefined, { signal })
    }
    const path = this.#waiting[0]
    await settled(path, signal)
    this.#activity = `reading ${basename(path)}`
    const image = await readImage(path)
    this.#repeated ??= new RepeatedFiles(dirname(path), [...this.#done])
    const copyOf = await this.#repeated.firstLike(basename(path))
    const origin = this.#layout.place(image.widthPx, image.heightPx)
    this.#waiting.shift()
    this.#done.add(basename(path))
    const index = this.#nextIndex++
    const captured = {
      index,
      image,
      pixelSizeUm: this.#plan.pixelSizeUm,
      origin,
      seen: { origin, width: image.widthPx, height: image.heightPx },
      stagePlace: null,
      stage: null,
      imageName: basename(path),
      copyOf,
      focus: null,
    }
    return { index, captured: Promise.resolve(captured) }
  }

  async seeThrough(): Promise<void> {}

  async rest(): Promise<void> {
    this.#activity = 'idle'
  }

  async #list(): Promise<void> {
    const paths = await listImages(this.#plan.images).catch((error: unknown) => {
      // An empty folder is what a watched one starts as; one that is gone is an error all the same.
      if (this.#plan.watch && error instanceof MedullaError && error.code === 'images-missing')
        return existing(this.#plan.images, error)
      throw error
    })
    this.#waiting = paths.filter((path) => !this.#done.has(basename(path)))
    this.#planned = this.#done.size + this.#waiting.length
  }
}

async function existing(folder: string, missing: MedullaError): Promise<string[]> {
  const found = await stat(folder).catch(() => null)
  if (!found?.isDirectory()) throw missing
  return []
}

/** Resolves once the file has kept its size and date for a while. */
async function settled(path: string, signal: AbortSignal): Promise<void> {
  let last = await stat(path)
  while (Date.now() - last.mtimeMs < SETTLED_MS) {
    await sleep(SETTLED_MS - (Date.now() - last.mtimeMs) + 1, undefined, { signal })
    const now = await stat(path)
    if (now.size === last.size && now.mtimeMs === last.mtimeMs) return
    last = now
  }
}
