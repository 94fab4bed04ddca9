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
  { name: 'radius of the narrower piece', mean: 1.752, deviation: 1.302, weight: -1.155 },
  { name: 'radius of the wider piece', mean: 3.485, deviation: 1.816, weight: 1.111 },
  { name: 'gap between the nuclei', mean: 1.513, deviation: 1.633, weight: -0.5457 },
  { name: 'neck over the narrower radius', mean: 0.1381, deviation: 0.2512, weight: 0.7387 },
  { name: 'border between the bodies', mean: 40.22, deviation: 27.74, weight: 0.7862 },
  { name: 'nucleus, long axis', mean: 17.02, deviation: 7.858, weight: -1.324 },
  { name: 'nucleus, short axis', mean: 8.742, deviation: 3.869, weight: -0.5819 },
  { name: 'cell, root of the area', mean: 12.61, deviation: 4.221, weight: -1.761 },
  { name: 'cell, fill of its ellipse', mean: 0.9012, deviation: 0.07762, weight: -0.6531 },
  { name: 'cell, long axis', mean: 19.48, deviation: 7.492, weight: -2.555 },
  { name: 'cell, short axis', mean: 11.77, deviation: 3.967, weight: 1.751 },
  { name: 'same body', mean: 0.6738, deviation: 0.4688, weight: 1.615 },
  { name: 'widest disc, share of the nucleus', mean: 0.4779, deviation: 0.2034, weight: -0.9442 },
]
export const CONSTANT = -0.591
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
