/** What was done in this window and can be taken back there. */
export interface Act {
  readonly runId: number
  readonly takeBack: (reader: string) => void
  /** It went wrong when its turn came: there is nothing to take back. */
  failed: boolean
}

/** Newest last. */
const acts: Act[] = []

/** Kept from the moment it is asked for, so that a key that takes it back finds it even before the bench has answered. */
export function rememberAct(runId: number, takeBack: (reader: string) => void): Act {
  const act = { runId, takeBack, failed: false }
  acts.push(act)
  return act
}

export function forgetFailedAct(act: Act): void {
  act.failed = true
  const at = acts.indexOf(act)
  if (at >= 0) acts.splice(at, 1)
}

/** The newest act on a run that was not taken back yet, to be taken back now; undefined: there is none. */
export function takeNewestAct(runId: number): Act | undefined {
  const at = acts.findLastIndex((act) => act.runId === runId)
  return at < 0 ? undefined : acts.splice(at, 1)[0]
}

/** It could not be taken back: the next try may. */
export function returnAct(act: Act): void {
  acts.push(act)
}
