import type { Group, Link } from './group.ts'
import { shapeOf, sumOf } from './shape.ts'

/** Log odds that two neighbouring pieces of nucleus (each perhaps put together from several) lie in one cell. */
export type OneCellJudge = (a: Group, b: Group, link: Link, workingUm: number) => number

/**
 * What tells two lobes of one nucleus from the nuclei of two touching cells, in the order of `TERMS`: lengths in micrometres, so
 * that neither the pixel size nor the stain matters.
 */
export function evidenceOf(a: Group, b: Group, link: Link, workingUm: number): number[] {
  const nucleus = shapeOf(sumOf(a.nucleus, b.nucleus))
  const cell = shapeOf(sumOf(a.territory, b.territory))
  const smaller = Math.min(a.radius, b.radius)
  const larger = Math.max(a.radius, b.radius)
  return [
    smaller * workingUm,
    larger * workingUm,
    link.gap * workingUm,
    link.neck / smaller,
    link.contact * workingUm,
    nucleus.majorAxis * workingUm,
    nucleus.minorAxis * workingUm,
    Math.sqrt(cell.area) * workingUm,
    cell.fill,
    cell.majorAxis * workingUm,
    cell.minorAxis * workingUm,
    link.sameBody ? 1 : 0,
    (Math.PI * larger ** 2) / nucleus.area,
  ]
}

interface Term {
  readonly name: string
  readonly mean: number
  readonly deviation: number
  /** Log odds a deviation above the mean. */
  readonly weight: number
}

/**
 * Logistic regression, fitted by `scripts/fit-one-cell.ts` on simulated clumps of touching cells and on single blood cells of one
 * laboratory (Acevedo et al. 2020); no field of view took part. Beyond four deviations nothing more is learnt from a term.
 */
export const TERMS: readonly Term[] = [
  { name: 'radius of the narrower piece', mean: 1.954, deviation: 1.384, weight: -0.952 },
  { name: 'radius of the wider piece', mean: 3.615, deviation: 1.788, weight: 0.308 },
  { name: 'gap between the nuclei', mean: 1.796, deviation: 1.802, weight: -0.824 },
  { name: 'neck over the narrower radius', mean: 0.11, deviation: 0.2273, weight: 0.698 },
  { name: 'border between the bodies', mean: 37.13, deviation: 26.04, weight: 0.599 },
  { name: 'nucleus, long axis', mean: 18.64, deviation: 8.421, weight: -0.86 },
  { name: 'nucleus, short axis', mean: 8.985, deviation: 3.702, weight: 0.301 },
  { name: 'cell, root of the area', mean: 13.35, deviation: 4.223, weight: -2.694 },
  { name: 'cell, fill of its ellipse', mean: 0.8961, deviation: 0.07585, weight: -0.525 },
  { name: 'cell, long axis', mean: 21.23, deviation: 7.825, weight: -1.547 },
  { name: 'cell, short axis', mean: 12.15, deviation: 3.738, weight: 1.478 },
  { name: 'same body', mean: 0.5681, deviation: 0.4953, weight: 1.378 },
  { name: 'widest disc, share of the nucleus', mean: 0.4715, deviation: 0.1971, weight: -0.492 },
]
export const CONSTANT = -1.994
export const FARTHEST = 4

/** The judge in use. */
export const judgeOneCell: OneCellJudge = (a, b, link, workingUm) => {
  const evidence = evidenceOf(a, b, link, workingUm)
  let odds = CONSTANT
  for (const [k, { mean, deviation, weight }] of TERMS.entries()) {
    odds += weight * Math.max(-FARTHEST, Math.min(FARTHEST, (evidence[k] - mean) / deviation))
  }
  return odds
}
