import { useEffect, useState } from 'react'
import type { RigFile } from '../../../shared/contract/rig.ts'
import { bench } from '../../app/bench.ts'
import { describeProblem } from '../../app/problem.ts'

export interface RigCheck {
  /** null: not as it should be, or not looked at yet. */
  readonly rig: RigFile | null
  readonly problems: readonly string[]
}

const UNCHECKED: RigCheck = { rig: null, problems: [] }

/** What the bench says of a rig file's text, a moment after the last change of it. */
export function useRigCheck(text: string): RigCheck {
  const [check, setCheck] = useState<{ readonly text: string; readonly says: RigCheck } | null>(null)
  useEffect(() => {
    if (text.trim() === '') return
    const abort = new AbortController()
    const timer = setTimeout(() => {
      bench.rigs
        .check({ text }, { signal: abort.signal })
        .then((says) => setCheck({ text, says }))
        .catch((error: unknown) => {
          if (!abort.signal.aborted) setCheck({ text, says: { rig: null, problems: [describeProblem(error).message] } })
        })
    }, 250)
    return () => {
      clearTimeout(timer)
      abort.abort()
    }
  }, [text])
  return check?.text === text ? check.says : UNCHECKED
}
