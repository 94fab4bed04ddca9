import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Logger } from 'pino'
import type { Casebook } from '../casebook/casebook.ts'
import { openSlide } from '../slide/open-slide.ts'
import type { Slide } from '../slide/slide.ts'

/** Slides that are looked at and stay open: the one on screen, and the one before. */
const MOST_OPEN = 2

export interface SlidesParts {
  readonly dataFolder: string
  readonly casebook: Casebook
  readonly log: Logger
}

/** The slides of the data folder's runs. */
export class Slides {
  readonly #parts: SlidesParts
  /** The most recently used last. */
  readonly #open = new Map<number, Slide>()

  constructor(parts: SlidesParts) {
    this.#parts = parts
  }

  /** To look at. Throws `not-found` (run). */
  of(runId: number): Slide {
    const slide = this.#open.get(runId) ?? this.#openSlide(runId)
    this.#open.delete(runId)
    this.#open.set(runId, slide)
    for (const [oldest, unused] of this.#open) {
      if (this.#open.size <= MOST_OPEN) break
      this.#open.delete(oldest)
      void unused.close()
    }
    return slide
  }

  /** To scan into; whoever asks closes it. What is committed shows on the others, as they read the same files. */
  toScan(runId: number): Slide {
    mkdirSync(this.folder(runId), { recursive: true })
    return this.#openSlide(runId)
  }

  async close(): Promise<void> {
    await Promise.all([...this.#open.values()].map((slide) => slide.close()))
    this.#open.clear()
  }

  folder(runId: number): string {
    return join(this.#parts.dataFolder, 'slides', String(runId))
  }

  #openSlide(runId: number): Slide {
    const { casebook, log } = this.#parts
    const { slideWidthPx, slideHeightPx, pixelSizeUm } = casebook.runPlan(runId)
    let known = 0
    return openSlide(this.folder(runId), {
      widthPx: slideWidthPx,
      heightPx: slideHeightPx,
      pixelSizeUm,
      places: (after) => {
        // A tile is asked for far more often than the run changes.
        const revision = casebook.revision(runId)
        if (revision === known) return []
        known = revision
        return casebook.fields(runId, after)
      },
      onUnreadable: (field, error) => log.warn({ runId, field, err: error }, 'a field is left blank on the slide'),
    })
  }
}
