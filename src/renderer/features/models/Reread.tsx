import type { StoredModel } from '../../../shared/contract/models.ts'
import { isRunning, useDesk } from '../../app/desk.ts'
import { clock } from '../../ui/format.ts'
import { Icon } from '../../ui/Icon.tsx'
import { refOf, rereadWith, stopRereading, useShelf } from './model-shelf.ts'

/** Offers to have the model read the cells of the run on the desk, where it has not. */
export function ReadAgain({ model }: { readonly model: StoredModel }) {
  const run = useDesk((state) => state.run)
  const readings = useDesk((state) => state.readings)
  const working = useShelf((state) => state.reread?.state === 'working')
  const has = readings.some(
    (each) => each.name === model.name && each.version === model.version && (each.own || each.finishedAt !== null),
  )
  if (!run || run.cells === 0 || isRunning(run) || has) return null
  return (
    <button
      type="button"
      disabled={working}
      data-testid={`reread-${refOf(model)}`}
      title="Have it name the cells of the run on the desk; what named them first stays beside it"
      onClick={() => void rereadWith(model)}
    >
      Read this run
    </button>
  )
}

/** How far it is with that, and what came of it. */
export function Reread({ model }: { readonly model: StoredModel }) {
  const reread = useShelf((state) => (state.reread?.ref === refOf(model) ? state.reread : null))
  if (!reread) return null
  if (reread.state === 'failed')
    return (
      <p role="alert" className="models-problem">
        <b>{reread.problem.message}</b> {reread.problem.remedy}
      </p>
    )
  if (reread.state === 'working') {
    const left = clock(reread.secondsLeft)
    return (
      <p className="checking" role="status">
        Reading: {reread.done} of {reread.of} cells{left !== null && `, ${left} left`}
        <button type="button" onClick={stopRereading}>
          <Icon name="stop" /> Stop
        </button>
      </p>
    )
  }
  return (
    <p role="status" data-testid="reread-done">
      Read: {reread.same} of {reread.cells} cells are named as they were first. Choose whose names are shown at the head
      of the differential.
    </p>
  )
}
