import { useEffect, useState } from 'react'
import type { RigSettings } from '../../../shared/contract/rig-settings.ts'
import { bench } from '../../app/bench.ts'

interface Props {
  /** null: a case that is made for the scan. */
  readonly caseId: number | null
  /** null: the form does not say yet. */
  readonly rig: RigSettings | null
}

/** In the form of a new scan: what people counted of the case before. */
export function CountedAhead({ caseId, rig }: Props) {
  const asked = caseId === null || rig === null ? null : JSON.stringify({ caseId, rig })
  const [answer, setAnswer] = useState<{ readonly asked: string; readonly sentences: readonly string[] } | null>(null)
  useEffect(() => {
    if (asked === null) return
    bench.tally.ahead(JSON.parse(asked)).then(
      ({ sentences }) => setAnswer({ asked, sentences }),
      // The scan is refused with the same reason, if it stands in its way.
      () => undefined,
    )
  }, [asked])
  if (!answer || answer.asked !== asked) return null
  return answer.sentences.map((sentence) => (
    <p key={sentence} className="note" data-testid="counted-ahead">
      {sentence}
    </p>
  ))
}
