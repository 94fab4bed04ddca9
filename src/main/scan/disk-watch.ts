import { setTimeout as sleep } from 'node:timers/promises'
import { MedullaError } from '../../shared/errors.ts'
import type { DiskRoom } from './disk-room.ts'
import type { Standstill } from './standstill.ts'

/** How often a run that stands still looks whether there is room again. */
const LOOK_EVERY_MS = 1000

export interface DiskWatchParts {
  readonly room: DiskRoom
  readonly standstill: Standstill
  /** Fields the run still needs; null: it cannot be told. */
  readonly fieldsToGo: () => number | null
  /** Committed ones. */
  readonly fields: () => number
  readonly signal: AbortSignal
}

/**
 * Lets a run stand still before the disk is full, and, where it is full all the same, until what it was writing finds room: nothing is
 * lost, and nothing has to be begun again.
 */
export class DiskWatch {
  readonly #parts: DiskWatchParts
  #looking = false
  #waiting: Promise<void> | null = null
  /** Writes that met a full disk and have not succeeded since. */
  #failing = 0

  constructor(parts: DiskWatchParts) {
    this.#parts = parts
  }

  /** After each field; returns at once. */
  look(): void {
    if (this.#looking || this.#waiting) return
    this.#looking = true
    this.#look().finally(() => {
      this.#looking = false
    })
  }

  /**
   * The same work again until it does not meet a full disk; that it succeeds is the proof that there is room. Rejects as it does
   * otherwise, and with the signal's reason.
   */
  async patiently<T>(work: () => T | Promise<T>): Promise<T> {
    const { signal, standstill } = this.#parts
    let failed = false
    try {
      for (;;) {
        try {
          return await work()
        } catch (error) {
          if (!(error instanceof MedullaError) || error.code !== 'disk-full') throw error
          if (!failed) this.#failing++
          failed = true
          await this.#wait(error)
          signal.throwIfAborted()
        }
      }
    } finally {
      if (failed) {
        this.#failing--
        standstill.hinder(null)
      }
    }
  }

  async #look(): Promise<void> {
    const { room, fieldsToGo, fields } = this.#parts
    try {
      await room.measure(fields())
      const shortage = await room.shortage(fieldsToGo())
      if (shortage) void this.#wait(shortage)
    } catch {
      // A volume that does not say how full it is: its errors are met when something is written.
    }
  }

  /** Resolves once there is room, a hand says go on, or the run ends. */
  #wait(obstacle: MedullaError): Promise<void> {
    this.#waiting ??= this.#untilRoom(obstacle).finally(() => {
      this.#waiting = null
    })
    return this.#waiting
  }

  async #untilRoom(first: MedullaError): Promise<void> {
    const { room, standstill, fieldsToGo, signal } = this.#parts
    let obstacle: MedullaError | null = first
    while (obstacle && !signal.aborted) {
      standstill.hinder(obstacle)
      await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined)
      if (!standstill.obstacle) return
      obstacle = await room.shortage(fieldsToGo(), { waiting: true }).catch(() => obstacle)
    }
    if (this.#failing === 0 || signal.aborted) standstill.hinder(null)
  }
}
