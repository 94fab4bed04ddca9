/** What a person asked for, while it waits for its turn or has it. */
interface Waiting {
  readonly what: string
  readonly done: Promise<boolean>
}

export interface Turns {
  /**
   * Does the work once all that was asked for before is done, well or not. Resolves whether it went well; a failure goes to `onFailure`, if
   * there is none to the listener of all. Work is told whether something failed that waited or had its turn when it was asked for.
   */
  readonly ask: (what: string, work: Work, onFailure?: (error: unknown) => void) => Promise<boolean>
  /** As `ask`; but what is the very same as the newest that waits is not done twice: that one's outcome is the answer. */
  readonly askOnce: (what: string, work: Work) => Promise<boolean>
  /** Whether one more may wait; if not, that is told as when it is asked for. */
  readonly admit: () => boolean
}

type Work = (failedBefore: boolean) => Promise<void>

interface Listeners {
  /** What waits or has its turn, oldest first; empty: nothing. */
  readonly changed: (waiting: readonly string[]) => void
  readonly failed: (error: unknown) => void
  readonly turnedDown: () => void
}

/** A row of requests, of which at most `most` wait: each has its turn in the order in which a person asked. */
export function takeTurns(most: number, { changed, failed, turnedDown }: Listeners): Turns {
  let waiting: readonly Waiting[] = []
  let last: Promise<unknown> = Promise.resolve()
  let failures = 0

  const tell = (now: readonly Waiting[]): void => {
    waiting = now
    changed(now.map(({ what }) => what))
  }

  const admit = (): boolean => {
    if (waiting.length < most) return true
    turnedDown()
    return false
  }

  const ask: Turns['ask'] = (what, work, onFailure = failed) => {
    if (!admit()) return Promise.resolve(false)
    const failuresBefore = failures
    const done = last.then(async () => {
      try {
        await work(failures > failuresBefore)
        return true
      } catch (error) {
        failures++
        onFailure(error)
        return false
      } finally {
        tell(waiting.slice(1))
      }
    })
    last = done
    tell([...waiting, { what, done }])
    return done
  }

  return {
    admit,
    ask,
    askOnce: (what, work) => {
      const newest = waiting.at(-1)
      return newest?.what === what ? newest.done : ask(what, work)
    },
  }
}
