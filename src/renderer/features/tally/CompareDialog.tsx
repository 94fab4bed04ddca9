import { useEffect, useState } from 'react'
import type { Comparison } from '../../../shared/contract/tally.ts'
import { comparisonWords } from '../../../shared/ledger/comparison-words.ts'
import { RESEARCH_USE_ONLY } from '../../../shared/taxonomy.ts'
import { bench } from '../../app/bench.ts'
import { useDesk } from '../../app/desk.ts'
import { openDialog } from '../../app/dialogs.ts'
import { describeProblem } from '../../app/problem.ts'
import { className, Swatch } from '../../ui/ClassName.tsx'
import { Dialog } from '../../ui/Dialog.tsx'
import { counted, percent, range } from '../../ui/format.ts'
import { tallyStore } from './tally-store.ts'

type Answer = Awaited<ReturnType<typeof bench.tally.compare>>

/** A person's count beside the machine's: in the places that both counted, and in all. */
export function CompareDialog() {
  const runId = useDesk((state) => state.run?.runId ?? null)
  const reading = useDesk((state) => state.reading)
  const [sitting] = useState(() => tallyStore.get().compared)
  const [answer, setAnswer] = useState<Answer | null>(null)
  const [problem, setProblem] = useState<string | null>(null)
  const [whole, setWhole] = useState(false)
  useEffect(() => {
    if (!sitting || runId === null) return
    bench.tally.compare({ sittingId: sitting.sittingId, runId, modelId: reading }).then(setAnswer, (error: unknown) => {
      const { message, remedy } = describeProblem(error)
      setProblem(`${message} ${remedy}`)
    })
  }, [sitting, runId, reading])
  const shown = answer && (whole || !answer.sameArea ? answer.whole : answer.sameArea)
  return (
    <Dialog
      title={`By hand and by machine: sitting ${sitting?.sittingId}, run ${runId}`}
      testId="compare-dialog"
      onClose={() => openDialog(null)}
      wide
    >
      <div className="dialog-body compare">
        {problem && <p role="alert">{problem}</p>}
        {answer?.sameArea && (
          <div className="segments">
            {[false, true].map((all) => (
              <label key={String(all)}>
                <input
                  type="radio"
                  name="compared"
                  data-testid={all ? 'compare-whole' : 'compare-same'}
                  checked={whole === all}
                  onChange={() => setWhole(all)}
                />
                {all ? 'All that either counted' : `The ${counted(answer.views.covered, 'place')} both counted`}
              </label>
            ))}
          </div>
        )}
        {answer?.problem && (
          <p data-testid="compare-problem">{answer.problem} So all that either counted stands here.</p>
        )}
        {answer && shown && (
          <>
            <p data-testid="compare-words">{comparisonWords(shown, shown === answer.sameArea)}</p>
            <Table comparison={shown} />
          </>
        )}
        <p className="muted">
          Percent with exact (Clopper-Pearson) 95 % intervals. Fisher's exact test, two-sided; “differs” holds at 5 %
          for all classes together (Holm).
        </p>
        <p className="muted">{RESEARCH_USE_ONLY}</p>
      </div>
    </Dialog>
  )
}

function Table({ comparison: { rows } }: { readonly comparison: Comparison }) {
  const there = rows.filter((row) => row.manual.count + row.machine.count > 0)
  return (
    <table className="compare-table">
      <thead>
        <tr>
          <th scope="col">Class</th>
          <th scope="col" colSpan={3}>
            by hand: n, %, 95 % CI
          </th>
          <th scope="col" colSpan={3}>
            machine: n, %, 95 % CI
          </th>
          <th scope="col">p</th>
          <th scope="col">beyond chance</th>
        </tr>
      </thead>
      <tbody>
        {there.map(({ class: code, manual, machine, p, differs }) => (
          <tr key={code} data-testid={`compare-row-${code}`} data-differs={differs}>
            <th scope="row">
              <Swatch code={code} /> {className(code)}
            </th>
            <Side side={manual} />
            <Side side={machine} />
            <td>{p === null ? '–' : p < 0.0001 ? '< 0.0001' : p.toFixed(4)}</td>
            <td>{differs ? 'differs' : ''}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function Side({ side }: { readonly side: Comparison['rows'][number]['manual'] }) {
  return (
    <>
      <td>{side.count}</td>
      <td>{percent(side.percent, side.low, side.high)}</td>
      <td className="muted">{range(side.low, side.high)}</td>
    </>
  )
}
