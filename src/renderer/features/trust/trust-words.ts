import type { ClassTrust, TrustFigure } from '../../../shared/contract/evidence.ts'
import { cellClass } from '../../../shared/taxonomy.ts'

/** A sign and words for what the evidence of a class is made of; colour alone says nothing. */
export const TRUST_KINDS = {
  real: { sign: '', words: 'tried on real images' },
  rendered: { sign: '◇', words: 'rendered-only evidence' },
  none: { sign: '○', words: 'no evidence' },
} as const

export const wholePercent = (share: number): string => (share * 100).toFixed(0)

/** "73 % (64–81)"; a dash where it is not known. */
export function figureText(figure: TrustFigure | null): string {
  return figure ? `${wholePercent(figure.value)} % (${wholePercent(figure.low)}–${wholePercent(figure.high)})` : '–'
}

/** How a figure lies to one of the reference network: as far as its interval can tell. */
export function besideReference(figure: TrustFigure | null, reference: number): string | null {
  if (!figure) return null
  if (figure.low > reference) return 'above it'
  if (figure.high < reference) return 'below it'
  return 'not told apart from it'
}

/** One line for a badge. */
export function trustLine(trust: ClassTrust): string {
  const { name } = cellClass(trust.class)
  if (trust.images === 'none') return `${name}: no evidence, the model was not tried on it.`
  const figures = `recall ${figureText(trust.recall)}, precision ${figureText(trust.precision)}, reference network's recall ${wholePercent(trust.reference.recall)} %`
  const images = trust.images === 'real' ? `${trust.n} real images` : `${trust.n} rendered images only`
  return `${name}: ${images}; ${figures}.`
}

/** What the evidence says and what to do about it, in sentences. */
export function trustSentences(trust: ClassTrust): readonly string[] {
  const { name } = cellClass(trust.class)
  if (!trust.named)
    return [`The model does not name this class at all: a ${name.toLowerCase()} is called something else.`]
  if (trust.images === 'none') {
    return [
      'The model was not tried on this class: nobody knows what its answer is worth.',
      'Look at every cell it calls so.',
    ]
  }
  const what = trust.images === 'real' ? 'real images' : 'drawn cells'
  const sentences: string[] = []
  if (trust.recall) {
    sentences.push(
      `Of ${trust.recall.of} ${what} of the class that it had not seen, it named ${trust.recall.hits} so (recall).`,
    )
  }
  if (trust.precision) {
    sentences.push(
      `Of ${trust.precision.of} images it named so, ${trust.precision.hits} were (precision, in the mix of classes it was tried on; a marrow's is another).`,
    )
  }
  if (trust.images === 'rendered') {
    sentences.push(
      'It was never tried on a real image of this class: figures of drawings say nothing of real cells. Look at every one.',
    )
  }
  return sentences
}
