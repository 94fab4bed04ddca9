import { AXES, type Axis, type AxisTargets, type PerAxis } from './protocol.ts'

export interface LegPlan {
  readonly here: PerAxis<number>
  readonly to: AxisTargets
  readonly approachUm: PerAxis<number>
  /** Whether the axis came to its place from below, by at least its approach. */
  readonly takenUp: PerAxis<boolean>
  readonly quantumUm: PerAxis<number>
}

/**
 * The way to a target so that every axis arrives from below: one leg, or two where an axis has to go below its target first. Axes
 * that are where they should be, and came from below, stay.
 */
export function legsTo({ here, to, approachUm, takenUp, quantumUm }: LegPlan): AxisTargets[] {
  const first: Partial<Record<Axis, number>> = {}
  const second: Partial<Record<Axis, number>> = {}
  for (const axis of AXES) {
    const target = to[axis]
    if (target === undefined) continue
    const way = target - here[axis]
    const near = quantumUm[axis] * 0.6
    const taken = takenUp[axis] || approachUm[axis] === 0
    if (Math.abs(way) <= near && taken) continue
    if (approachUm[axis] === 0 || way >= approachUm[axis] || (taken && way >= 0)) first[axis] = target
    else {
      first[axis] = target - approachUm[axis]
      second[axis] = target
    }
  }
  return [first, second].filter((leg) => Object.keys(leg).length > 0)
}

/** A straight way in pieces that take at most `pieceMs` each; the last one ends at the target. */
export function piecesTo(
  here: PerAxis<number>,
  to: AxisTargets,
  pieceMs: number,
  speedUmPerMs: PerAxis<number>,
): AxisTargets[] {
  const count = Math.max(
    1,
    ...AXES.map((axis) => Math.ceil(Math.abs((to[axis] ?? here[axis]) - here[axis]) / (speedUmPerMs[axis] * pieceMs))),
  )
  return Array.from({ length: count }, (_, i) => {
    const share = (i + 1) / count
    const piece: Partial<Record<Axis, number>> = {}
    for (const axis of AXES) {
      const target = to[axis]
      if (target !== undefined) piece[axis] = i + 1 === count ? target : here[axis] + share * (target - here[axis])
    }
    return piece
  })
}
