import { useEffect, useState } from 'react'
import type { Saliency } from '../../../shared/contract/evidence.ts'
import { bench } from '../../app/bench.ts'
import { useDesk } from '../../app/desk.ts'
import { describeProblem, isAbort, type Problem } from '../../app/problem.ts'

export type Why =
  | { readonly state: 'asking' }
  | { readonly state: 'known'; readonly saliency: Saliency }
  | { readonly state: 'failed'; readonly problem: Problem }

/** Cells stepped through faster than this are not asked about. */
const SETTLE_MS = 120
const MOST_KEPT = 400

const ASKING: Why = { state: 'asking' }
const known = new Map<string, Saliency>()

/** Why the model shown names the cell as it does. Asks the bench once the selection has settled, and takes it back when it moves on. */
export function useWhy(cellId: number): Why {
  const modelId = useDesk((state) => state.reading)
  // Where the model that named the cell is gone, the one in use answers.
  const inUse = useDesk((state) => state.system?.model?.sha256 ?? '')
  const key = `${modelId} ${inUse} ${cellId}`
  const [answer, setAnswer] = useState<{ readonly key: string; readonly why: Why } | null>(null)
  const kept = known.get(key)
  useEffect(() => {
    if (known.has(key)) return
    const abort = new AbortController()
    const timer = setTimeout(async () => {
      try {
        const saliency = await bench.evidence.saliency({ cellId, modelId }, { signal: abort.signal })
        keep(key, saliency)
        setAnswer({ key, why: { state: 'known', saliency } })
      } catch (error) {
        if (!abort.signal.aborted && !isAbort(error))
          setAnswer({ key, why: { state: 'failed', problem: describeProblem(error) } })
      }
    }, SETTLE_MS)
    return () => {
      clearTimeout(timer)
      abort.abort()
    }
  }, [key, cellId, modelId])
  if (kept) return { state: 'known', saliency: kept }
  return answer?.key === key ? answer.why : ASKING
}

function keep(key: string, saliency: Saliency): void {
  known.set(key, saliency)
  const oldest = known.keys().next()
  if (known.size > MOST_KEPT && !oldest.done) known.delete(oldest.value)
}
