import { desk } from '../../app/desk.ts'
import type { SlideRect } from '../../viewer/placement.ts'
import { microscopeStore } from '../microscope/microscope-store.ts'
import { readSittings, refreshLook, refreshOnSlide, stopCounting } from './tally-actions.ts'
import { tallyStore } from './tally-store.ts'

/** Keeps what the panel and the pictures show up to date with where the stage stands and which run is open. */
export function followTally(): void {
  let stood = ''
  microscopeStore.subscribe(() => {
    const { state, counting } = tallyStore.get()
    if (!counting || state?.sitting.place !== 'live') return
    const { view } = microscopeStore.get()
    const stands = JSON.stringify([view?.holder, view?.stage?.position])
    if (stands === stood) return
    stood = stands
    void refreshLook()
  })
  let opened: number | null = null
  desk.subscribe(() => {
    const { run } = desk.get()
    const runId = run?.runId ?? null
    if (runId === opened || runId === null) return
    opened = runId
    const { state, counting, shown } = tallyStore.get()
    // Another slide is shown: letters mean its cells again.
    if (counting && state?.sitting.place === 'slide' && state.sitting.runId !== runId) stopCounting()
    if (shown) void readSittings()
    void refreshOnSlide()
  })
}

/** Once the view has come to rest. */
const RESTS_MS = 200
let seen: SlideRect | null = null
let timer: ReturnType<typeof setTimeout> | undefined

/** The slide's picture shows another part: what was counted there is asked for when it has come to rest. */
export function slideMoved(visible: SlideRect): void {
  const { state, counting } = tallyStore.get()
  if (!counting || state?.sitting.place !== 'slide') {
    seen = null
    return
  }
  if (seen && seen.x === visible.x && seen.y === visible.y && seen.width === visible.width) return
  seen = visible
  clearTimeout(timer)
  timer = setTimeout(() => void refreshLook(), RESTS_MS)
}
