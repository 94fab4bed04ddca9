import type { Sitting } from '../../../shared/contract/tally.ts'
import { useDesk } from '../../app/desk.ts'
import { openDialog } from '../../app/dialogs.ts'
import { counted, moment } from '../../ui/format.ts'
import { continueCounting, sayMoved } from './tally-actions.ts'
import { tallyStore, useTally } from './tally-store.ts'

const PLACES = { live: 'live image', slide: 'image of run', none: 'eyepiece' } as const

/** What was counted by hand of this case: by whom, when, and how much. */
export function Sittings() {
  const sittings = useTally((state) => state.sittings)
  const run = useDesk((state) => state.run)
  if (sittings.length === 0) return null
  return (
    <section aria-label="Counted before">
      <h3>Counted by hand before</h3>
      <ul className="tally-sittings" data-testid="tally-sittings">
        {sittings.map((each) => (
          <li key={each.sittingId} data-testid={`sitting-${each.sittingId}`}>
            <span>
              <b>{each.reader}</b> {counted(each.counted, 'cell')}
              <small className="muted">
                sitting {each.sittingId}, {moment(each.startedAt)}, {placeWords(each)}
                {each.purpose === 'compare' ? ', to compare' : ''}
              </small>
              {each.noFrame !== null && <small className="muted">Its places are not known: {each.noFrame}.</small>}
            </span>
            <button type="button" data-testid={`continue-${each.sittingId}`} onClick={() => continueCounting(each)}>
              Go on
            </button>
            {run && run.caseId === each.caseId && each.cells > 0 && (
              <button
                type="button"
                data-testid={`compare-${each.sittingId}`}
                onClick={() => {
                  tallyStore.set({ compared: each })
                  openDialog('tally-compare')
                }}
              >
                Compare
              </button>
            )}
          </li>
        ))}
      </ul>
      <p className="muted tally-moved">
        Places are compared as long as the slide stays where it is.{' '}
        <button type="button" className="link" data-testid="slide-moved" onClick={sayMoved}>
          The slide was moved
        </button>
      </p>
    </section>
  )
}

const placeWords = ({ place, runId }: Sitting): string =>
  place === 'slide' ? `${PLACES.slide} ${runId}` : PLACES[place]
