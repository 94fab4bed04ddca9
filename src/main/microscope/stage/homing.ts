import { sleep } from '../clock.ts'
import type { Exchange } from './line/exchange.ts'
import { LineFault } from './line/line-fault.ts'
import type { Operation } from './operation.ts'
import type { Axis, PerAxis } from './protocol.ts'
import type { TravelParts } from './travel.ts'

/** The objective first. */
export const HOMING_ORDER: readonly (readonly Axis[])[] = [['z'], ['x', 'y']]

const HOMING_POLL_MS = 50
/** A refused command moves nothing and may be told again; so often. */
const TELLINGS = 4
/** From when nothing moves any more until the controller says that it has arrived. */
const ARRIVAL_MS = 1000

/** Runs every axis that has one to its reference. Rejects `LineFault`, or with the reason of the halt. @returns the position read back. */
export async function runHome(parts: TravelParts, operation: Operation): Promise<PerAxis<number>> {
  const { link, whereabouts, protocol } = parts
  // A reset that nobody noticed is noticed now, and does no harm any more.
  await link.wasReset()
  await whereabouts.comeToRest()
  const notReset = link.sinceNow()
  for (const axes of HOMING_ORDER) {
    const arrivals: Arrival[] = []
    for (const exchange of protocol.home(axes) ?? []) {
      const arrival = await tell(parts, exchange, operation)
      if (arrival) arrivals.push(arrival)
    }
    try {
      await untilHome(parts, arrivals, operation)
    } catch (error) {
      // A controller that was reset has forgotten what it was asked, and does not say so.
      if (error instanceof LineFault && error.kind === 'garbled' && !operation.halted.aborted) await notReset()
      throw error
    }
    operation.halted.throwIfAborted()
    await notReset()
    for (const exchange of protocol.afterHoming?.(axes) ?? []) await link.instruct(exchange)
  }
  operation.halted.throwIfAborted()
  await notReset()
  await link.trust()
  whereabouts.forget()
  whereabouts.retractFirst = false
  const there = await link.position('unknown')
  whereabouts.stands(there)
  return there
}

/** What a controller says when it has arrived. */
class Arrival {
  readonly answer: Promise<unknown>
  fault: unknown = null

  constructor(answer: Promise<unknown>) {
    this.answer = answer
    answer.catch((error: unknown) => {
      this.fault = error
    })
  }
}

async function untilHome(
  { link, clock, settings }: TravelParts,
  arrivals: readonly Arrival[],
  operation: Operation,
): Promise<void> {
  const deadlineMs = clock.nowMs() + settings.homeTimeoutMs
  while (!(await link.idle())) {
    if (clock.nowMs() > deadlineMs) throw new LineFault('refused', 'homing does not end')
    await sleep(clock, HOMING_POLL_MS, operation.halted)
    for (const { fault } of arrivals) if (fault) throw fault
  }
  const silence = sleep(clock, arrivals.length > 0 ? ARRIVAL_MS : 0, operation.halted).then(() => {
    if (arrivals.length > 0) throw new LineFault('garbled', 'It stands still and does not say that it has arrived')
  })
  await Promise.race([silence, Promise.all(arrivals.map(({ answer }) => answer))])
}

/** @returns what is still to come; null: it has answered, or does not. */
async function tell(
  { link, settings }: TravelParts,
  exchange: Exchange<unknown>,
  operation: Operation,
): Promise<Arrival | null> {
  const timeoutMs = exchange.timeoutMs ?? settings.homeTimeoutMs
  let believeAgain = () => {}
  for (let telling = 1; ; telling++) {
    const permitted = () => {
      if (operation.halted.aborted) return false
      operation.motionPossible = true
      if (telling === 1) believeAgain = link.distrust()
      return true
    }
    try {
      if (exchange.later) return new Arrival((await link.session.begin(exchange, permitted)).answer)
      await link.session.tell({ ...exchange, timeoutMs }, permitted)
      return null
    } catch (error) {
      // Refused means that nothing moves; a garbled command is refused too.
      if (!(error instanceof LineFault) || error.kind !== 'refused') throw error
      if (telling < TELLINGS) continue
      believeAgain()
      throw error
    }
  }
}
