import type { MeasuredSet } from '../../shared/contract/models.ts'
import type { ModelManifest } from './manifest.ts'

/** The 8 bit graph may name so much less rightly, of balanced accuracy, and still be taken in place of the full one. */
const MAY_LOSE = 0.01

/**
 * Whether a package's 8 bit graph is as good as its full one by what its manifest states: measured on the same images wherever the full graph
 * is, and nowhere more than 0.01 of balanced accuracy below it. What nobody measured is not as good.
 */
export function isInt8AsGood({ int8, measured = [] }: Pick<ModelManifest, 'int8' | 'measured'>): boolean {
  if (!int8) return false
  const of = (variant: MeasuredSet['variant']) => measured.filter((set) => set.variant === variant)
  const float = of('float')
  return (
    float.length > 0 &&
    float.every((full) => {
      const small = of('int8').find((set) => isSameSet(set, full))
      return small !== undefined && small.balancedAccuracy >= full.balancedAccuracy - MAY_LOSE
    })
  )
}

const isSameSet = (a: MeasuredSet, b: MeasuredSet): boolean =>
  a.path === b.path && a.split === b.split && a.pixelSizeUm === b.pixelSizeUm && a.n === b.n
