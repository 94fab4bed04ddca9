import type { CountingFrame } from '../../../shared/contract/counted-areas.ts'
import type { CaseCount, TallyDifferential } from '../../../shared/contract/tally.ts'
import { differentialOf } from '../../../shared/differential/differential.ts'
import { putTogether } from '../../../shared/ledger/put-together.ts'
import type { ClassCode } from '../../../shared/taxonomy.ts'
import type { Casebook } from '../../casebook/casebook.ts'
import { sameFrame } from './frames.ts'
import { Ledger, type LedgerBook, ownerOfRun, ownerOfSitting } from './ledger.ts'

export type CountBook = LedgerBook & Pick<Casebook, 'counts' | 'sittingCounts'>

/** As shown of cells that no model named: exact intervals, nothing that only a model has. */
export function tallyDifferentialOf(counts: ReadonlyMap<ClassCode | '', number>): TallyDifferential {
  const { counted, rows, excluded, erythroid, meRatio } = differentialOf({
    runId: 0,
    view: 'reviewed',
    targetCells: null,
    counts,
    relabelled: 0,
    evidence: () => 'none',
    doubt: { unsure: null, atOtherRates: [], unfamiliar: null },
    leftOut: { fields: 0, cells: 0 },
  })
  return { counted, rows: rows.map(({ evidence: _, ...row }) => row), excluded, erythroid, meRatio }
}

/** Machine and people put together, frame by frame; what has no place on a stage is counted for itself. */
export function caseCounts(book: CountBook, caseId: number): { counts: CaseCount[]; problem: string | null } {
  const ledger = new Ledger(book, caseId)
  const sittings = book.sittings(caseId).filter(({ purpose, cells }) => purpose === 'add' && cells > 0)
  const placed = framesOf(ledger).map((frame): CaseCount => {
    const { counts, parts } = putTogether(ledger.units(frame))
    const runs = ledger.runs.map(({ runId }) => ({ by: { kind: 'run' as const, runId }, of: ownerOfRun(runId) }))
    const people = sittings.map(({ sittingId, reader }) => ({
      by: { kind: 'sitting' as const, sittingId, reader },
      of: ownerOfSitting(sittingId),
    }))
    return {
      frame,
      parts: [...runs, ...people.toReversed()].flatMap(({ by, of }) => {
        const part = parts.get(of)
        return part ? [{ by, ...part }] : []
      }),
      differential: tallyDifferentialOf(counts),
    }
  })
  const apart: CaseCount[] = [
    ...ledger.runs.flatMap(({ runId, frame }): CaseCount[] => {
      if (frame !== null) return []
      const { current } = book.counts(runId)
      const cells = [...current.values()].reduce((sum, count) => sum + count, 0)
      const by = { kind: 'run' as const, runId }
      return [
        {
          frame: null,
          parts: [{ by, cells, leftOut: 0 }],
          differential: tallyDifferentialOf(current),
        },
      ]
    }),
    ...sittings.toReversed().flatMap(({ sittingId, reader, frame, cells }): CaseCount[] => {
      if (frame !== null) return []
      const by = { kind: 'sitting' as const, sittingId, reader }
      return [
        {
          frame: null,
          parts: [{ by, cells, leftOut: 0 }],
          differential: tallyDifferentialOf(book.sittingCounts(sittingId)),
        },
      ]
    }),
  ]
  const counts = [...placed, ...apart].filter(({ parts }) => parts.some(({ cells }) => cells > 0))
  const problem =
    counts.length > 1
      ? 'These counts are not put together: whether they counted the same cells cannot be told, because their places cannot be compared.'
      : null
  return { counts, problem }
}

/** Every frame that something of the case was counted in, runs' first. */
function framesOf(ledger: Ledger): CountingFrame[] {
  const all = [...ledger.runs.map(({ frame }) => frame), ...ledger.ofPeople().map(({ frame }) => frame)]
  return all
    .filter((frame) => frame !== null)
    .filter((frame, i, list) => list.findIndex((other) => sameFrame(other, frame)) === i)
}

/** What a run with a place on the stage counted that others had counted before, in sentences. */
export function countedBeforeRun(book: CountBook, caseId: number, runId: number): string[] {
  const ledger = new Ledger(book, caseId)
  const frame = ledger.run(runId)?.frame ?? null
  if (frame === null) return []
  const sittings = book.sittings(caseId).filter(({ purpose, cells }) => purpose === 'add' && cells > 0)
  const runs = ledger.runs.filter((run) => run.runId !== runId && sameFrame(run.frame, frame))
  // Asked of every run that is opened, and mostly there is nobody else.
  if (sittings.length + runs.length === 0) return []
  const units = ledger.units(frame)
  const own = ownerOfRun(runId)
  const others = new Set(units.map(({ owner }) => owner).filter((owner) => owner !== own))
  return [...others].flatMap((other) => {
    const part = putTogether(units.filter(({ owner }) => owner === own || owner === other)).parts.get(own)
    if (!part || part.leftOut === 0) return []
    const sitting = sittings.find(({ sittingId }) => ownerOfSitting(sittingId) === other)
    const cells = `${part.leftOut} of its ${part.cells} cells ${part.leftOut === 1 ? 'lies' : 'lie'} where ${
      sitting ? `${sitting.reader} had counted by hand (sitting ${sitting.sittingId})` : `${other} had counted`
    }`
    return [`${cells}: they are counted once when the case is put together.`]
  })
}
