import type { ModelInfo } from '../contract/models.ts'
import type { JudgedCell } from './classification.ts'
import { type Share, share } from './share.ts'

/** Cells under a limit are unsure. */
export interface UnsureFigures {
  /** What the model promises: at most this share of the sure cells is named wrongly. */
  readonly errorRate: number
  readonly below: number
  /** Of all cells. */
  readonly unsure: Share
  /** Of the sure ones, those named wrongly; and of the unsure. */
  readonly wrongAmongSure: Share
  readonly wrongAmongUnsure: Share
}

export interface UnfamiliarFigures {
  readonly above: number
  /** Of all cells; on validation images it was `statedShare`. */
  readonly unfamiliar: Share
  readonly statedShare: number
  readonly wrongAmongFamiliar: Share
  readonly wrongAmongUnfamiliar: Share
}

export interface DoubtFigures {
  /** At the model's own error rate, then at the others it states a limit for; empty: it states none. */
  readonly unsure: readonly UnsureFigures[]
  /** null: the model cannot tell. */
  readonly unfamiliar: UnfamiliarFigures | null
}

/** What a model's own doubts are worth on labelled cells. */
export function doubtFigures(
  cells: readonly JudgedCell[],
  { unsure, unfamiliar }: Pick<ModelInfo, 'unsure' | 'unfamiliar'>,
): DoubtFigures {
  const split = (isDoubtful: (cell: JudgedCell) => boolean) => {
    const doubtful = cells.filter(isDoubtful)
    const wrong = (of: readonly JudgedCell[]) => of.filter((cell) => cell.truth !== cell.predicted).length
    const rest = cells.length - doubtful.length
    return {
      share: share(doubtful.length, cells.length),
      wrongInside: share(wrong(doubtful), doubtful.length),
      wrongOutside: share(wrong(cells) - wrong(doubtful), rest),
    }
  }
  const rules = unsure ? [unsure, ...unsure.table.filter(({ errorRate }) => errorRate !== unsure.errorRate)] : []
  const isKnown = cells.every((cell) => cell.unfamiliarity !== null)
  return {
    unsure: rules.map(({ errorRate, below }) => {
      const { share, wrongInside, wrongOutside } = split((cell) => cell.probability < below)
      return { errorRate, below, unsure: share, wrongAmongSure: wrongOutside, wrongAmongUnsure: wrongInside }
    }),
    unfamiliar: unfamiliar && isKnown ? unfamiliarFigures(unfamiliar.above, unfamiliar.share) : null,
  }

  function unfamiliarFigures(above: number, statedShare: number): UnfamiliarFigures {
    const { share, wrongInside, wrongOutside } = split((cell) => (cell.unfamiliarity ?? above) > above)
    const wrong = { wrongAmongFamiliar: wrongOutside, wrongAmongUnfamiliar: wrongInside }
    return { above, unfamiliar: share, statedShare, ...wrong }
  }
}
