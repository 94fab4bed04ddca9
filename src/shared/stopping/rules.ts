import type { StopRule, StopWhen } from '../contract/stopping.ts'

/** How a run was asked to stop: a plain number of counted cells (null: none), and further alternatives. */
export interface StopRequest {
  readonly targetCells: number | null
  readonly stopWhen: StopWhen
}

/** Every alternative once: the plain number of cells is the first of them. */
export function allAlternatives({ targetCells, stopWhen }: StopRequest): StopWhen {
  return targetCells === null ? stopWhen : [[{ kind: 'cells', cells: targetCells }], ...stopWhen]
}

/** The same request with the smallest plain number of cells as `targetCells`, whichever way it was given, and the others as alternatives. */
export function normalised({ targetCells, stopWhen }: StopRequest): StopRequest {
  const plain = stopWhen.flatMap((rules) => plainCells(rules) ?? [])
  const least = Math.min(targetCells ?? Number.POSITIVE_INFINITY, ...plain)
  return {
    targetCells: Number.isFinite(least) ? least : null,
    stopWhen: stopWhen.filter((rules) => plainCells(rules) === null),
  }
}

/** Nothing but a number of cells; of several the largest. null: there is another rule. */
function plainCells(rules: readonly StopRule[]): number | null {
  const cells = rules.flatMap((rule) => (rule.kind === 'cells' ? [rule.cells] : []))
  return cells.length === rules.length && cells.length > 0 ? Math.max(...cells) : null
}
