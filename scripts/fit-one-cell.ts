/**
 * Fits what tells two lobes of one nucleus from two touching cells, and prints the table for `src/main/vision/one-cell.ts`.
 *
 *   node scripts/fit-one-cell.ts [--crops ../shared/data/pbc-160.tar] [--pixel-size 0.144] [--out FILE.json]
 *
 * Looks at every pair that `mergeFragments` asks about in simulated clumps of touching cells and, where they are there, in mosaics
 * of single blood cells (which hold many lobed nuclei and hardly two cells that touch). Which pairs are asked about depends a little
 * on the answers of the table in use: run twice after a change to the steps before it. Prints how many pairs the new table gets wrong.
 */
import { existsSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import type { Profile } from '../src/main/microscope/simulator/world.ts'
import type { Group } from '../src/main/vision/group.ts'
import { evidenceOf, FARTHEST, judgeOneCell, TERMS } from '../src/main/vision/one-cell.ts'
import { segmentCells } from '../src/main/vision/segment.ts'
import { shapeOf } from '../src/main/vision/shape.ts'
import { mosaicTruth, simulatedTruth, type TruthField } from '../test/support/truth-fields.ts'

const { values } = parseArgs({
  options: {
    crops: { type: 'string', default: '../shared/data/pbc-160.tar' },
    'pixel-size': { type: 'string', default: '0.144' },
    out: { type: 'string' },
  },
})

const SMEARS: readonly (readonly [seed: number, profile: Profile, stainSpread: number])[] = [
  [31, 'normal', 1],
  [32, 'aml', 1],
  [33, 'cll', 2.2],
  [34, 'myeloma', 2.2],
  [35, 'normal', 3],
  [36, 'eosinophilia', 3],
  [37, 'aml', 3],
  [38, 'eosinophilia', 1],
]
/** Cells known by their centre only count as so wide. */
const USUAL_CELL_UM = 14
/** Pieces smaller than this say little. */
const SMALL_UM2 = 5
/** Held to small weights a little. */
const RIDGE = 1

interface Pair {
  readonly evidence: readonly number[]
  readonly oneCell: boolean
  readonly weight: number
}

/** Every pair asked about in a field whose two sides both lie in a known cell. */
function pairsIn(field: TruthField): Pair[] {
  const asked = new Map<string, { readonly a: Group; readonly b: Group; readonly evidence: readonly number[] }>()
  let um = 0
  const { factor } = segmentCells(field.image, field.pixelSizeUm, (a, b, link, workingUm) => {
    um = workingUm
    const key = [a, b].map((group) => [...group.members].sort().join()).join('|')
    asked.set(key, { a, b, evidence: evidenceOf(a, b, link, workingUm) })
    return judgeOneCell(a, b, link, workingUm)
  })
  const cellAt = (group: Group): number => {
    const { x, y } = shapeOf(group.nucleus)
    const [xPx, yPx] = [(x + 0.5) * factor, (y + 0.5) * factor]
    const usualPx = USUAL_CELL_UM / field.pixelSizeUm
    const distances = field.cells.map((cell) => {
      const { widthPx = usualPx, heightPx = usualPx } = cell
      return Math.hypot(cell.xPx - xPx, cell.yPx - yPx) / ((widthPx + heightPx) / 4)
    })
    const nearest = distances.indexOf(Math.min(...distances))
    return distances[nearest] < 1 ? nearest : -1
  }
  const pairs: Pair[] = []
  for (const { a, b, evidence } of asked.values()) {
    const [first, second] = [cellAt(a), cellAt(b)]
    if (first < 0 || second < 0) continue
    const small = Math.min(a.nucleus.area, b.nucleus.area) * um ** 2 < SMALL_UM2
    pairs.push({ evidence, oneCell: first === second, weight: small ? 0.3 : 1 })
  }
  return pairs
}

/** Newton's method. The last weight is the constant. */
function logistic(rows: readonly (readonly number[])[], pairs: readonly Pair[]): number[] {
  const n = rows[0].length
  let weights = new Array<number>(n).fill(0)
  for (let round = 0; round < 30; round++) {
    const hessian = Array.from({ length: n }, (_, i) =>
      Array.from({ length: n + 1 }, (_, j) => (i === j && i < n - 1 ? RIDGE : 0)),
    )
    for (const [k, row] of rows.entries()) {
      const odds = row.reduce((sum, value, i) => sum + value * weights[i], 0)
      const p = 1 / (1 + Math.exp(-odds))
      const curve = pairs[k].weight * p * (1 - p)
      const pull = pairs[k].weight * ((pairs[k].oneCell ? 1 : 0) - p)
      for (let i = 0; i < n; i++) {
        for (let j = 0; j < n; j++) hessian[i][j] += curve * row[i] * row[j]
        hessian[i][n] += pull * row[i]
      }
    }
    for (let i = 0; i < n - 1; i++) hessian[i][n] -= RIDGE * weights[i]
    const step = solved(hessian)
    weights = weights.map((weight, i) => weight + step[i])
  }
  return weights
}

/** Gauss and Jordan; positive definite, so no pivoting. */
function solved(matrix: number[][]): number[] {
  const n = matrix.length
  for (let i = 0; i < n; i++) {
    const pivot = matrix[i][i]
    for (let j = i; j <= n; j++) matrix[i][j] /= pivot
    for (let k = 0; k < n; k++) {
      const factor = matrix[k][i]
      if (k !== i) for (let j = i; j <= n; j++) matrix[k][j] -= factor * matrix[i][j]
    }
  }
  return matrix.map((row) => row[n])
}

const pairs: Pair[] = []
for (const [seed, profile, stainSpread] of SMEARS) {
  const fields = await simulatedTruth({ seed, profile, stainSpread, clumped: true }, { places: [0.2, 0.4, 0.7] })
  for (const field of fields) pairs.push(...pairsIn(field))
}
const simulated = pairs.length
if (existsSync(values.crops)) {
  const isCell = (code: string): boolean => code !== 'ART'
  for (const field of await mosaicTruth(values.crops, Number(values['pixel-size']), 20, 15, isCell)) {
    pairs.push(...pairsIn(field))
  }
} else {
  console.error(`No crops at ${values.crops}: fitted on simulated cells alone.`)
}
const columns = TERMS.map((_, k) => pairs.map(({ evidence }) => evidence[k]))
const means = columns.map((column) => column.reduce((sum, value) => sum + value, 0) / column.length)
const deviations = columns.map((column, k) =>
  Math.sqrt(column.reduce((sum, value) => sum + (value - means[k]) ** 2, 0) / column.length),
)
const rows = pairs.map(({ evidence }) => [
  ...evidence.map((value, k) => Math.max(-FARTHEST, Math.min(FARTHEST, (value - means[k]) / deviations[k]))),
  1,
])
const weights = logistic(rows, pairs)
const odds = rows.map((row) => row.reduce((sum, value, i) => sum + value * weights[i], 0))
const wrong = (oneCell: boolean): number =>
  pairs.filter((pair, k) => pair.weight === 1 && pair.oneCell === oneCell && odds[k] > 0 !== oneCell).length
const rounded = (value: number): number => Number(value.toPrecision(4))
for (const [k, { name }] of TERMS.entries()) {
  console.log(
    `  { name: '${name}', mean: ${rounded(means[k])}, deviation: ${rounded(deviations[k])}, weight: ${rounded(weights[k])} },`,
  )
}
const summary = {
  pairs: pairs.length,
  simulated,
  oneCell: pairs.filter((pair) => pair.oneCell).length,
  split: wrong(true),
  merged: wrong(false),
  constant: rounded(weights[TERMS.length]),
}
console.log(JSON.stringify(summary))
if (values.out) writeFileSync(values.out, `${JSON.stringify({ ...summary, means, deviations, weights })}\n`)
