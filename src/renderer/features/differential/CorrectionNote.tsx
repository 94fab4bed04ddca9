import type { Correction } from '../../../shared/contract/differential.ts'
import { counted } from '../../ui/format.ts'

/** Under the corrected view: what was corrected and what was not, or why nothing was. */
export function CorrectionNote({ correction }: { readonly correction: Correction }) {
  if (correction.problem !== null) {
    return (
      <p className="correction-note" data-testid="correction-problem">
        <b>Not corrected.</b> {correction.problem} The intervals are of sampling alone.
      </p>
    )
  }
  const { uncorrected } = correction
  return (
    <p className="correction-note" data-testid="correction-note">
      Percentages and intervals are <b>corrected for the model's known errors</b>; n is as named.{' '}
      <b>{correction.counted?.toFixed(1)}</b> cells expected in the denominator,{' '}
      {correction.read === 0 ? 'none' : counted(correction.read, 'cell')} known from a person.
      {uncorrected.length > 0 && (
        <span
          className="muted"
          title="The model was never tried on such images of these classes: they are counted as it named them."
        >
          {' '}
          As named: {uncorrected.join(' ')}.
        </span>
      )}
    </p>
  )
}
