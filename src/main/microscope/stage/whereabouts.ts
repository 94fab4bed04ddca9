import { type Clock, sleep } from '../clock.ts'
import { LineFault } from './line/line-fault.ts'
import { RECOVERY_MS } from './line/line-session.ts'
import type { ControllerLink } from './link.ts'
import { AXES, type AxisTargets, type PerAxis, type StageProtocol } from './protocol.ts'
import { positionUnknown } from './stage-errors.ts'

export const POLL_MS = 10
/** Interruptions of the line that one move or question survives. */
export const RECOVERIES = 5
const NONE: PerAxis<boolean> = { x: false, y: false, z: false }

export interface WhereaboutsOptions {
  readonly clock: Clock
  readonly protocol: StageProtocol
  readonly retractedZUm: number
  readonly movedByHand: () => void
}

/**
 * Where a stage is and what is known of how it came there: read back, never remembered as true. What was left behind serves to notice
 * that somebody else moved it, and to spare readings where one agrees with it.
 */
export class Whereabouts {
  readonly #link: ControllerLink
  readonly #options: WhereaboutsOptions
  /** On start and after a fault the objective goes out of the way first. */
  retractFirst = true
  /** Which axes came to rest from below. */
  takenUp = NONE
  /** Where the stage was left; null: not known. */
  rest: PerAxis<number> | null = null

  constructor(link: ControllerLink, options: WhereaboutsOptions) {
    this.#link = link
    this.#options = options
  }

  forget(): void {
    this.rest = null
    this.takenUp = NONE
  }

  /** Nobody has moved it but the controller itself. */
  stands(at: PerAxis<number>): void {
    this.rest = at
  }

  arrived(here: PerAxis<number>, target: AxisTargets): boolean {
    const { quantumUm } = this.#options.protocol
    return AXES.every((axis) => Math.abs((target[axis] ?? here[axis]) - here[axis]) <= quantumUm[axis] * 1.01)
  }

  /** Whether the objective is out of the way of anything on the slide. */
  isClear({ z }: PerAxis<number>): boolean {
    const { protocol, retractedZUm } = this.#options
    return z <= retractedZUm + protocol.quantumUm.z
  }

  /** Where a move begins. The last place is believed if one reading agrees. */
  async start(): Promise<PerAxis<number>> {
    this.#assertTrusted()
    if (this.rest && this.arrived(await this.#link.counts(), this.rest)) return this.rest
    return this.read('in-motion')
  }

  /** @param state at-rest: what is found elsewhere was moved by hand. */
  async read(state: 'at-rest' | 'in-motion'): Promise<PerAxis<number>> {
    for (let recoveries = 0; ; recoveries++) {
      try {
        await this.#link.reach()
        this.#assertTrusted()
        const here = await this.#link.position(state === 'in-motion' ? 'in-motion' : (this.rest ?? 'unknown'))
        if (state === 'at-rest') this.#noticeHand(here)
        return here
      } catch (error) {
        if (!(error instanceof LineFault) || error.kind !== 'lost' || recoveries >= RECOVERIES) throw error
        this.retractFirst = true
      }
    }
  }

  /** Twice at rest: one answer may be an old one. */
  async comeToRest(deadlineMs = this.#options.clock.nowMs() + RECOVERY_MS): Promise<void> {
    const { clock } = this.#options
    for (let still = 0; still < 2; ) {
      still = (await this.#link.idle()) ? still + 1 : 0
      if (clock.nowMs() > deadlineMs) throw new LineFault('timeout', 'The stage does not come to rest')
      await sleep(clock, POLL_MS)
    }
  }

  #noticeHand(here: PerAxis<number>): void {
    const { rest } = this
    this.rest = here
    if (!rest || this.arrived(here, rest)) return
    this.takenUp = NONE
    this.#options.movedByHand()
  }

  #assertTrusted(): void {
    if (!this.#link.trusted) throw positionUnknown('Where the stage is is not known', false)
  }
}
