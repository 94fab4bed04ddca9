import { setImmediate } from 'node:timers/promises'
import type { Clock } from '../clock.ts'

interface Appointment {
  readonly atMs: number
  readonly order: number
  readonly call: () => void
}

/**
 * A clock that stands still until everything that can happen has happened, then jumps to the next appointment. What runs on it
 * alone happens in the same order every time, however busy the machine is.
 */
export class VirtualClock implements Clock {
  #nowMs = 0
  #order = 0
  #appointments: Appointment[] = []

  nowMs(): number {
    return this.#nowMs
  }

  after(ms: number, call: () => void): () => void {
    const appointment = { atMs: this.#nowMs + Math.max(0, ms), order: this.#order++, call }
    this.#appointments.push(appointment)
    return () => {
      this.#appointments = this.#appointments.filter((other) => other !== appointment)
    }
  }

  /** Lets time pass until the work is done. Rejects as the work does, and where nothing is left that could bring it on. */
  async run<T>(work: Promise<T>): Promise<T> {
    let over = false
    const ended = () => {
      over = true
    }
    work.then(ended, ended)
    for (;;) {
      // Whatever was brought on runs to its end: promises resolve before the next turn of the event loop.
      await setImmediate()
      if (over) return work
      if (!this.#step()) throw new Error('nothing is left that could bring the work on')
    }
  }

  async pass(ms: number): Promise<void> {
    await this.run(new Promise<void>((resolve) => this.after(ms, resolve)))
  }

  #step(): boolean {
    let next: Appointment | null = null
    for (const each of this.#appointments) {
      if (!next || each.atMs < next.atMs || (each.atMs === next.atMs && each.order < next.order)) next = each
    }
    if (!next) return false
    const due = next
    this.#appointments = this.#appointments.filter((other) => other !== due)
    this.#nowMs = Math.max(this.#nowMs, due.atMs)
    due.call()
    return true
  }
}
