import { useEffect, useState } from 'react'
import { bench } from '../../app/bench.ts'
import { useDesk } from '../../app/desk.ts'
import { areaWords } from './area-words.ts'

/** Where the run was told to count, and why there: what the overview it was chosen on says of that area. The slide shows its outline. */
export function RunArea() {
  const runId = useDesk((state) => state.run?.runId ?? null)
  // By its text: the run is told anew with every field, its area stays.
  const text = useDesk((state) => (state.run?.area ? JSON.stringify(state.run.area) : null))
  const area = useDesk((state) => state.run?.area ?? null)
  const reasons = useReasons(runId, text)
  if (!area) return null
  return (
    <p className="run-area" data-testid="run-area">
      Area {areaWords(area)}.{' '}
      <span className="muted">
        {area.overviewId === null
          ? 'Named by hand, without a look over the smear.'
          : `Chosen on overview ${area.overviewId}. ${reasons.join(' ')}`}
      </span>
    </p>
  )
}

/** Empty: not read yet, or it was chosen on no overview. */
function useReasons(runId: number | null, area: string | null): readonly string[] {
  const [reasons, setReasons] = useState<readonly string[]>([])
  useEffect(() => {
    setReasons([])
    if (runId === null || area === null) return
    const { overviewId, rects, excluded } = JSON.parse(area)
    if (overviewId === null) return
    const abort = new AbortController()
    bench.overview
      .expect({ overviewId, rects, excluded }, { signal: abort.signal })
      .then((answer) => setReasons(answer.reasons))
      // The area is shown all the same; a bench that went away is told of elsewhere.
      .catch(() => undefined)
    return () => abort.abort()
  }, [runId, area])
  return reasons
}
