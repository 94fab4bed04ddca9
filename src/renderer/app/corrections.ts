import type { ClassCode } from '../../shared/taxonomy.ts'
import { desk } from './desk.ts'
import { showError, showProblem } from './notices.ts'
import { takeTurns } from './turns.ts'

/** Far more than a hand types while the bench is slow; beyond it, the bench is not slow but stuck. */
const MOST_WAITING = 200

/**
 * What a reader said of cells and fields: labels, which fields count, signatures, and what takes them back. One after the other, each about the
 * cells that were shown when it was asked for, whatever is shown when its turn comes.
 */
export const corrections = takeTurns(MOST_WAITING, {
  changed: (waiting) => desk.set({ correcting: waiting.length }),
  failed: showError,
  turnedDown: () =>
    showProblem({
      message: `${MOST_WAITING} corrections wait for the bench, so the last one was not taken.`,
      remedy: 'Wait until their number at the foot of the window goes down, then press the key again.',
      code: null,
    }),
})

/** A label on its way to the bench; `to` null: the newest label is being taken back. */
interface OnItsWay {
  readonly cellIds: readonly number[]
  readonly to: ClassCode | null
}

let onTheirWay: readonly OnItsWay[] = []

/** Marks cells as being labelled until `work` is done. */
export async function whileLabelling(label: OnItsWay, work: () => Promise<unknown>): Promise<void> {
  show([...onTheirWay, label])
  try {
    await work()
  } finally {
    show(onTheirWay.filter((each) => each !== label))
  }
}

function show(labels: readonly OnItsWay[]): void {
  onTheirWay = labels
  desk.set({ onTheirWay: new Map(labels.flatMap(({ cellIds, to }) => cellIds.map((id) => [id, to] as const))) })
}

/** Keeps the window open until what was said is kept, unless the person insists. */
export function holdWindowWhileCorrecting(): void {
  addEventListener('beforeunload', (event) => {
    if (desk.get().correcting > 0) event.preventDefault()
  })
}
