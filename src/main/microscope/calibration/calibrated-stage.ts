import { setTimeout as sleep } from 'node:timers/promises'
import { MedullaError } from '../../../shared/errors.ts'
import { legsTo } from '../stage/legs.ts'
import { AXES, type Axis, type PerAxis } from '../stage/protocol.ts'
import type { AxisLimits, MoveManner, Stage, StageLimits, StagePosition } from '../stage/stage.ts'
import type { CalibrationsInUse } from './in-use.ts'

/** So far above the measured backlash, for what varies from move to move. */
const APPROACH_TIMES = 1.5
const APPROACH_MORE_UM = 0.5
const SETTLE_TIMES = 1.2
/** From the place where the stage was stopped. */
const LIMIT_MARGIN_UM = 100
/** Nearer than this is there: finer than controllers count. */
const QUANTUM_UM: PerAxis<number> = { x: 0.1, y: 0.1, z: 0.05 }

type Known = Pick<CalibrationsInUse, 'backlash' | 'settle' | 'limits'>

/**
 * The stage with what was measured of it in place of what its settings say: how far below a target each axis comes from, how long it
 * settles, how far it can go. What is unknown stays with the stage itself.
 * @param timeScale device milliseconds in one of this process: 1 but for simulations.
 */
export function calibratedStage(stage: Stage, known: Known, timeScale = 1): Stage {
  const { backlash, settle, limits: travel } = known
  if (!backlash && !settle && !travel) return stage
  const limits = travel ? withinTravel(stage.limits, travel) : stage.limits
  const approachUm = backlash && {
    x: approach(backlash.x),
    y: approach(backlash.y),
    z: backlash.z ? approach(backlash.z) : null,
  }
  const settleMs = settle && (SETTLE_TIMES * (settle.settleMs + settle.errorMs)) / timeScale
  let takenUp: PerAxis<boolean> = { x: false, y: false, z: false }

  /** Straight legs, so that every axis arrives from below. */
  const approachAll = async (
    target: Partial<StagePosition>,
    signal?: AbortSignal,
    unsettled = false,
  ): Promise<void> => {
    const play = { ...approachUm!, z: approachUm!.z ?? 0 }
    const { xUm, yUm, zUm } = await stage.position()
    let here: PerAxis<number> = { x: xUm, y: yUm, z: zUm }
    const to = Object.fromEntries(
      AXES.flatMap((axis) => (target[`${axis}Um`] === undefined ? [] : [[axis, target[`${axis}Um`]!]])),
    ) as Partial<PerAxis<number>>
    const legs = legsTo({ here, to, approachUm: play, takenUp, quantumUm: QUANTUM_UM })
    for (const [i, leg] of legs.entries()) {
      const last = i === legs.length - 1
      const legTarget = Object.fromEntries(
        AXES.flatMap((axis) => (leg[axis] === undefined ? [] : [[`${axis}Um`, clamped(axis, leg[axis])]])),
      )
      const before = takenUp
      const axes = AXES.filter((axis) => leg[axis] !== undefined)
      takenUp = { ...before, ...Object.fromEntries(axes.map((axis) => [axis, false])) }
      const at = await stage.moveTo(legTarget, signal, { straight: true, unsettled: !last || unsettled })
      const there: PerAxis<number> = { x: at.xUm, y: at.yUm, z: at.zUm }
      const up = axes.map((axis) => {
        const way = there[axis] - here[axis]
        return [axis, way > 0 && (before[axis] || way >= play[axis] - QUANTUM_UM[axis])]
      })
      takenUp = { ...takenUp, ...Object.fromEntries(up) }
      here = there
    }
  }

  /** A run-up below a target at the rim is as long as the stage's own limits leave it. */
  const clamped = (axis: Axis, um: number): number => Math.max(um, stage.limits[axis].minUm)

  return {
    name: stage.name,
    limits,
    retractedZUm: stage.retractedZUm,
    position: () => stage.position(),
    async moveTo(target, signal, manner: MoveManner = {}) {
      requireWithin(target, limits)
      if (manner.straight) {
        takenUp = { x: false, y: false, z: false }
        return stage.moveTo(target, signal, manner)
      }
      const ownSettle = settleMs !== null && !manner.unsettled
      const unsettled = manner.unsettled || ownSettle
      // Without a measured play in z the stage's own way of taking it up stands.
      const { zUm, ...sideways } = target
      const byStage = approachUm === null ? target : approachUm.z === null && zUm !== undefined ? { zUm } : null
      const byUs = approachUm === null ? null : approachUm.z === null ? sideways : target
      if (byStage) await stage.moveTo(byStage, signal, { unsettled })
      if (byUs && Object.keys(byUs).length > 0) await approachAll(byUs, signal, unsettled)
      if (ownSettle) await settled(settleMs, signal)
      return stage.position()
    },
    halt: () => stage.halt(),
    close: () => stage.close(),
  }
}

function approach({ um, errorUm }: { readonly um: number; readonly errorUm: number }): number {
  return APPROACH_TIMES * (um + errorUm) + APPROACH_MORE_UM
}

async function settled(ms: number, signal?: AbortSignal): Promise<void> {
  try {
    await sleep(Math.ceil(ms), undefined, { signal })
  } catch (error) {
    signal?.throwIfAborted()
    throw error
  }
}

function withinTravel(stated: StageLimits, { x, y }: NonNullable<Known['limits']>): StageLimits {
  const within = (own: AxisLimits, travel: AxisLimits & { minStopped: boolean; maxStopped: boolean }) => ({
    minUm: travel.minStopped ? Math.max(own.minUm, travel.minUm + LIMIT_MARGIN_UM) : own.minUm,
    maxUm: travel.maxStopped ? Math.min(own.maxUm, travel.maxUm - LIMIT_MARGIN_UM) : own.maxUm,
  })
  return { ...stated, x: within(stated.x, x), y: within(stated.y, y) }
}

function requireWithin(target: Partial<StagePosition>, limits: StageLimits): void {
  for (const axis of AXES) {
    const um = target[`${axis}Um`]
    const { minUm, maxUm } = limits[axis]
    if (um === undefined || (um >= minUm && um <= maxUm)) continue
    throw new MedullaError(
      'position-out-of-limits',
      `The stage was asked for ${axis} = ${um} um; it was measured to go from ${minUm} to ${maxUm} um`,
      {
        remedy: 'Choose a position within the limits of the stage.',
        motionPossible: false,
        values: { axis, um, minUm, maxUm },
      },
    )
  }
}
