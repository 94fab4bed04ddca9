import type { StageSettings } from '../../../shared/contract/rig.ts'
import { type Clock, sleep } from '../clock.ts'
import { legsTo, piecesTo } from './legs.ts'
import { LineFault } from './line/line-fault.ts'
import type { ControllerLink } from './link.ts'
import type { Operation } from './operation.ts'
import { AXES, type Axis, type AxisTargets, type PerAxis, type StageProtocol } from './protocol.ts'
import type { MoveManner } from './stage.ts'
import { POLL_MS, RECOVERIES, type Whereabouts } from './whereabouts.ts'

/** An absolute target is safe to name again; so often, before the stage counts as stuck. */
const ATTEMPTS = 4
/** Longer than planned by this factor and this time: the stage does not come to rest. */
const PATIENCE = 2
const PATIENCE_MS = 2500
const NO_APPROACH: PerAxis<number> = { x: 0, y: 0, z: 0 }

export interface TravelParts {
  readonly link: ControllerLink
  readonly whereabouts: Whereabouts
  readonly protocol: StageProtocol
  readonly settings: StageSettings
  readonly clock: Clock
}

/**
 * Takes a stage to a target: the objective out of the way first where that is due, every axis from below, in pieces where a controller
 * cannot be halted; each command once, and what came of it read back.
 * Rejects `LineFault`, or with the reason of the halt.
 */
export class Travel {
  readonly #parts: TravelParts

  constructor(parts: TravelParts) {
    this.#parts = parts
  }

  async to(target: AxisTargets, operation: Operation, manner: MoveManner): Promise<PerAxis<number>> {
    const { link, whereabouts, settings, clock } = this.#parts
    for (let recoveries = 0; ; recoveries++) {
      try {
        await link.reach()
        operation.life ??= link.life
        if (recoveries > 0) await whereabouts.comeToRest()
        const start = await whereabouts.start()
        const itinerary = this.#itinerary(start, target)
        for (const stop of itinerary) await this.#goTo(stop, operation, manner)
        if (!manner.unsettled) await sleep(clock, settings.settleMs, operation.halted)
        // Axes that were sent nowhere are expected where they were: what a single reading says of them counts for nothing.
        const there = await link.position(Object.assign({ ...start }, ...itinerary))
        if (!whereabouts.arrived(there, target))
          throw new LineFault('refused', 'it moved away from where it had been sent')
        whereabouts.stands(there)
        return there
      } catch (error) {
        const lost = error instanceof LineFault && error.kind === 'lost' && !operation.halted.aborted
        if (!lost || recoveries >= RECOVERIES) throw error
        whereabouts.retractFirst = true
      }
    }
  }

  /**
   * Targets one after the other: the objective out of the way, sideways, and back, where that is due; else all at once. An objective that was out of
   * the way stays where it was, and one that stood beyond its limits comes back no further than to them.
   */
  #itinerary(here: PerAxis<number>, to: AxisTargets): AxisTargets[] {
    const { whereabouts, settings } = this.#parts
    const sideways = to.x !== undefined || to.y !== undefined
    if (!whereabouts.retractFirst || !sideways) return [to]
    const { z, ...across } = to
    if (whereabouts.isClear(here)) return z === undefined ? [across] : [across, { z }]
    const { minUm, maxUm } = settings.limits.z
    return [{ z: settings.retractedZUm }, across, { z: z ?? Math.min(Math.max(here.z, minUm), maxUm) }]
  }

  async #goTo(to: AxisTargets, operation: Operation, manner: MoveManner): Promise<void> {
    const { link, whereabouts, protocol, settings } = this.#parts
    const here = whereabouts.rest ?? (await link.position('unknown'))
    const { quantumUm } = protocol
    const { approachUm } = settings
    const below = manner.straight ? NO_APPROACH : approachUm
    for (const leg of legsTo({ here, to, approachUm: below, takenUp: whereabouts.takenUp, quantumUm })) {
      const from = whereabouts.rest ?? (await link.position('unknown'))
      const before = whereabouts.takenUp
      const axes = AXES.filter((axis) => leg[axis] !== undefined)
      whereabouts.takenUp = { ...before, ...Object.fromEntries(axes.map((axis) => [axis, false])) }
      const there = { ...from, ...pick(await this.#travel(from, leg, operation), axes) }
      whereabouts.stands(there)
      const taken = axes.map((axis) => {
        const way = there[axis] - from[axis]
        return [axis, way > 0 && (before[axis] || way >= approachUm[axis] - quantumUm[axis])]
      })
      whereabouts.takenUp = { ...before, ...Object.fromEntries(taken) }
    }
    if (whereabouts.isClear(whereabouts.rest ?? here)) whereabouts.retractFirst = false
  }

  async #travel(from: PerAxis<number>, to: AxisTargets, operation: Operation): Promise<PerAxis<number>> {
    const { link, whereabouts, protocol } = this.#parts
    let here = from
    let refusal: LineFault | null = null
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      refusal = null
      whereabouts.rest = null
      for (const piece of this.#pieces(here, to)) {
        const before = here
        const clear = await this.#sendMove(piece, here, operation)
        if (clear instanceof LineFault && clear.kind === 'refused') refusal = clear
        await this.#untilIdle(here, piece, operation)
        here = await link.counts()
        if (whereabouts.arrived(here, piece)) continue
        // Once more, in case the first answer to "do you move?" was an old one.
        await this.#untilIdle(here, piece, operation)
        here = await link.position({ ...from, ...piece })
        if (whereabouts.arrived(here, piece)) continue
        // Where it began it may never have heard of the move.
        if (protocol.answersWhenArrived && clear !== true && !whereabouts.arrived(here, before)) {
          link.lose('The stage controller was reset in the middle of a move')
          throw new LineFault('restarted', 'A move was never reported as done')
        }
        break
      }
      if (whereabouts.arrived(here, to)) return here
    }
    throw refusal ?? new LineFault('refused', 'the stage stopped before it reached its target')
  }

  /** true: acknowledged; else what came instead of an acknowledgement, after which it may or may not be under way. */
  async #sendMove(to: AxisTargets, from: PerAxis<number>, operation: Operation): Promise<true | LineFault> {
    const { link } = this.#parts
    let unclear: LineFault | null = null
    this.#assertNotReset(operation)
    for (const exchange of link.move(to, from)) {
      try {
        operation.halted.throwIfAborted()
        await link.session.tell(exchange, () => {
          if (operation.halted.aborted) return false
          if (exchange.motion) operation.motionPossible = true
          return true
        })
      } catch (error) {
        if (!(error instanceof LineFault)) throw error
        if (!['timeout', 'garbled', 'refused'].includes(error.kind)) throw error
        unclear = error
      }
    }
    return unclear ?? true
  }

  async #untilIdle(from: PerAxis<number>, to: AxisTargets, operation: Operation): Promise<void> {
    const { link, clock } = this.#parts
    const speed = this.#speedUmPerMs()
    const wayMs = Math.max(0, ...AXES.map((axis) => Math.abs((to[axis] ?? from[axis]) - from[axis]) / speed[axis]))
    const deadlineMs = clock.nowMs() + PATIENCE * wayMs + PATIENCE_MS
    while (!(await link.idle())) {
      if (clock.nowMs() > deadlineMs) throw new LineFault('refused', 'the stage does not come to rest')
      await sleep(clock, POLL_MS, operation.halted)
    }
    operation.halted.throwIfAborted()
    this.#assertNotReset(operation)
  }

  #assertNotReset({ life }: Operation): void {
    if (life !== null && life !== this.#parts.link.life)
      throw new LineFault('restarted', 'The controller has been reset')
  }

  #pieces(here: PerAxis<number>, to: AxisTargets): AxisTargets[] {
    const { pieceMs } = this.#parts.protocol
    return pieceMs === null ? [to] : piecesTo(here, to, pieceMs, this.#speedUmPerMs())
  }

  #speedUmPerMs(): PerAxis<number> {
    const { xyMmPerS, zMmPerS } = this.#parts.link.speed
    return { x: xyMmPerS, y: xyMmPerS, z: zMmPerS }
  }
}

function pick(place: PerAxis<number>, axes: readonly Axis[]): AxisTargets {
  return Object.fromEntries(axes.map((axis) => [axis, place[axis]]))
}
