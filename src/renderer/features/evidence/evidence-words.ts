import type { Saliency } from '../../../shared/contract/evidence.ts'
import { cellClass } from '../../../shared/taxonomy.ts'
import { LEAST_EFFECT, strongestOf } from './saliency-field.ts'

const whole = (share: number): string => (share * 100).toFixed(0)

/** What a map of weights says, in sentences. */
export function whyWords(saliency: Saliency, map: Saliency['maps'][number]): readonly string[] {
  const { name } = cellClass(map.class)
  const { lost, gained } = strongestOf(map.weights)
  const spot = `a spot ${saliency.spotUm.toFixed(0)} µm wide`
  const words: string[] = []
  if (lost < LEAST_EFFECT) {
    words.push(
      `No single place speaks for ${name}: covering any one spot costs it less than ${whole(LEAST_EFFECT)} points.`,
    )
  } else {
    const left = whole(Math.max(0, map.probability - lost))
    words.push(
      `Lit: what speaks for ${name}. With ${spot} covered there it goes from ${whole(map.probability)} to ${left} %.`,
    )
  }
  if (gained >= LEAST_EFFECT && gained >= lost / 10) {
    const most = whole(Math.min(1, map.probability + gained))
    words.push(`Blue, dotted: what speaks against it. Covered, ${name} rises to ${most} %.`)
  }
  return words
}
