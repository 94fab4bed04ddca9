import { useEffect } from 'react'
import { Icon } from '../../ui/Icon.tsx'
import { CaseCountNote } from './CaseCountNote.tsx'
import { Counter } from './Counter.tsx'
import { Sittings } from './Sittings.tsx'
import { StartCount } from './StartCount.tsx'
import { readSittings, toggleTally } from './tally-actions.ts'
import { useTally } from './tally-store.ts'
import './tally.css'

/** Counting by hand, in place of the differential: one key a class. */
export function TallyPanel() {
  const counting = useTally((state) => state.counting)
  const problem = useTally((state) => state.problem)
  useEffect(() => void readSittings(), [])
  return (
    <section className="tally" data-region="tally" data-testid="tally" aria-label="Count by hand" tabIndex={-1}>
      <div className="panel-title">
        <h2 className="panel-heading">Count by hand</h2>
        <button
          type="button"
          className="plain"
          aria-label="Back to the differential"
          title="Back to the differential (Shift H)"
          data-testid="tally-close"
          onClick={toggleTally}
        >
          <Icon name="close" />
        </button>
      </div>
      {problem && (
        <p className="tally-problem" role="alert" data-testid="tally-problem">
          <b>{problem.message}</b> {problem.remedy}
        </p>
      )}
      {counting ? (
        <Counter />
      ) : (
        <div className="tally-idle">
          <StartCount />
          <Sittings />
          <CaseCountNote />
        </div>
      )}
    </section>
  )
}
