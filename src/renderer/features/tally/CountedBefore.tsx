import { useEffect, useState } from 'react'
import { bench } from '../../app/bench.ts'
import { useDesk } from '../../app/desk.ts'
import { useTally } from './tally-store.ts'

/** Of the run that is shown: how many of its cells lie where a person, or another run, had counted before. */
export function CountedBefore() {
  const runId = useDesk((state) => state.run?.runId ?? null)
  const state = useDesk((store) => store.run?.state ?? null)
  const areas = useTally((store) => store.onSlide)
  const [sentences, setSentences] = useState<readonly string[]>([])
  // biome-ignore lint/correctness/useExhaustiveDependencies: asked again when a run ends, and when somebody counted on its slide.
  useEffect(() => {
    setSentences([])
    if (runId === null) return
    let stale = false
    bench.tally.ofRun({ runId }).then(
      (answer) => {
        if (!stale) setSentences(answer.sentences)
      },
      () => undefined,
    )
    return () => {
      stale = true
    }
  }, [runId, state, areas])
  return sentences.map((sentence) => (
    <p key={sentence} data-testid="counted-before">
      {sentence}
    </p>
  ))
}
