import { useEffect, useState } from 'react'
import type { CaseCount } from '../../../shared/contract/tally.ts'
import { bench } from '../../app/bench.ts'
import { useDesk } from '../../app/desk.ts'
import { className } from '../../ui/ClassName.tsx'
import { percent, range } from '../../ui/format.ts'
import { useTally } from './tally-store.ts'

interface Answer {
  readonly counts: readonly CaseCount[]
  readonly problem: string | null
}

/** Machine and people put together; what both counted counts once. */
export function CaseCountNote() {
  const caseId = useTally((state) => state.caseId)
  const sittings = useTally((state) => state.sittings)
  const cells = useDesk((state) => state.run?.cells ?? 0)
  const [answer, setAnswer] = useState<Answer | null>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: what was counted meanwhile changes the answer.
  useEffect(() => {
    if (caseId === null || sittings.length === 0) return setAnswer(null)
    let stale = false
    bench.tally.ofCase({ caseId }).then(
      (found) => {
        if (!stale) setAnswer(found)
      },
      () => undefined,
    )
    return () => {
      stale = true
    }
  }, [caseId, sittings, cells])
  if (!answer || answer.counts.length === 0) return null
  return (
    <section aria-label="The case put together" data-testid="case-count">
      <h3>The case put together</h3>
      {answer.counts.map((count) => (
        <CountOf key={count.parts.map(({ by }) => JSON.stringify(by)).join()} count={count} />
      ))}
      {answer.problem && <p className="muted">{answer.problem}</p>}
    </section>
  )
}

function CountOf({ count: { parts, differential } }: { readonly count: CaseCount }) {
  const rows = differential.rows.filter((row) => row.count > 0)
  return (
    <details className="case-count">
      <summary>
        <b>{differential.counted}</b> cells: {parts.map(partWords).join('; ')}
      </summary>
      <ul>
        {rows.map((row) => (
          <li key={row.class}>
            <span>{className(row.class)}</span> <b>{row.count}</b>
            <span>{percent(row.percent, row.low, row.high)} %</span>
            <span className="muted">{range(row.low, row.high)}</span>
          </li>
        ))}
      </ul>
    </details>
  )
}

function partWords({ by, cells, leftOut }: CaseCount['parts'][number]): string {
  const who = by.kind === 'run' ? `run ${by.runId}` : `${by.reader} (sitting ${by.sittingId})`
  return leftOut === 0 ? `${who} found ${cells}` : `${who} found ${cells}, ${leftOut} of them counted before`
}
