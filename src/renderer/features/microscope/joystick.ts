import { bench } from '../../app/bench.ts'
import { describeProblem } from '../../app/problem.ts'
import { microscopeStore } from './microscope-store.ts'

/** Each axis -1, 0 or 1. */
export interface Direction {
  readonly x: -1 | 0 | 1
  readonly y: -1 | 0 | 1
  readonly z: -1 | 0 | 1
}

export const DIRECTIONS = {
  left: { x: -1, y: 0, z: 0 },
  right: { x: 1, y: 0, z: 0 },
  up: { x: 0, y: -1, z: 0 },
  down: { x: 0, y: 1, z: 0 },
  nearer: { x: 0, y: 0, z: 1 },
  away: { x: 0, y: 0, z: -1 },
} as const satisfies Record<string, Direction>
export type DirectionName = keyof typeof DIRECTIONS

/** Held for longer than this a press is no single step any more. */
const HOLD_MS = 350
/** Well within the bench's lease: a window that hangs or is gone moves nothing for long. */
const RENEW_MS = 250
const STILL: Direction = { x: 0, y: 0, z: 0 }

let held: { readonly name: DirectionName; over: boolean } | null = null

/** A button or key goes down: one step, and on for as long as it is held. */
export function press(name: DirectionName): void {
  if (held) return
  const mine = { name, over: false }
  held = mine
  microscopeStore.set({ problem: null })
  void (async () => {
    try {
      const { x, y, z } = DIRECTIONS[name]
      const { stepXyUm, stepZUm } = microscopeStore.get()
      await Promise.all([
        bench.microscope.step({ xUm: x * stepXyUm, yUm: y * stepXyUm, zUm: z * stepZUm }),
        new Promise((resolve) => setTimeout(resolve, HOLD_MS)),
      ])
      let drove = false
      while (!mine.over) {
        await drive(DIRECTIONS[name])
        drove = true
        await new Promise((resolve) => setTimeout(resolve, RENEW_MS))
      }
      // Once more: the stop at the release may have overtaken the renewal before it.
      if (drove) await drive(STILL)
    } catch (error) {
      microscopeStore.set({ problem: describeProblem(error) })
    }
  })()
}

/** Whatever was held is let go: what moves because of it stops. */
export function release(name?: DirectionName): void {
  if (!held || (name !== undefined && held.name !== name)) return
  held.over = true
  held = null
  // At once: the loop above may be between two renewals.
  void drive(STILL).catch(() => undefined)
}

function drive({ x, y, z }: Direction): Promise<unknown> {
  const { stepXyUm, stepZUm } = microscopeStore.get()
  return bench.microscope.drive({ x, y, z, stepXyUm, stepZUm })
}
