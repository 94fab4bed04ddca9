import { basename } from 'node:path'
import type { ModelManifest } from './manifest.ts'

/** Recalls are written with four digits. */
const ROUNDING = 1e-3
const ROW_SUM_ERROR = 1e-3

/** What in a manifest contradicts itself, as the end of a sentence; null: nothing. */
export function contradiction(manifest: ModelManifest): string | null {
  for (const check of [files, outputs, classes, evidence, rules, confusion, candidates, testVector, measured]) {
    const found = check(manifest)
    if (found) return found
  }
  return null
}

type Finding = string | null

function files({ file, int8, testVector }: ModelManifest): Finding {
  const named = [file, int8?.file, testVector?.crops].filter((name) => name !== undefined)
  for (const name of named) {
    if (name === '' || name === '.' || name === '..' || basename(name) !== name || name.includes('\\'))
      return `the file ${name || '""'} it names lies outside the package`
  }
  const all = [...named, 'manifest.json', 'card.md'].map((name) => name.toLowerCase())
  return new Set(all).size === all.length ? null : 'its manifest gives two parts the same file'
}

function outputs({ output }: ModelManifest): Finding {
  const names = [output.name, output.embedding?.name, output.unfamiliarity?.name].filter((name) => name !== undefined)
  return new Set(names).size === names.length ? null : 'its manifest names an output of the graph twice'
}

function classes({ classes }: ModelManifest): Finding {
  return new Set(classes).size === classes.length ? null : 'its manifest names a class twice'
}

function evidence(manifest: ModelManifest): Finding {
  for (const [code, { images, n }] of Object.entries(manifest.evidence)) {
    if (!includes(manifest.classes, code)) return `its manifest has evidence for ${code}, which the model does not name`
    if ((images === 'none') !== (n === 0)) return `its manifest counts ${n} validation images of ${code} (${images})`
  }
  return null
}

function rules({ output, unsure, unfamiliar }: ModelManifest): Finding {
  if (unfamiliar && !output.unfamiliarity)
    return 'its manifest has a limit for an unfamiliarity that the graph does not give'
  const table = [...(unsure?.table ?? [])].sort((a, b) => a.errorRate - b.errorRate)
  for (const [i, entry] of table.entries()) {
    const stricter = table[i - 1]
    if (stricter && (stricter.below < entry.below || stricter.share < entry.share))
      return `its manifest's rule for unsure cells asks for more at an error rate of ${entry.errorRate} than at ${stricter.errorRate}`
  }
  return null
}

function confusion(manifest: ModelManifest): Finding {
  for (const matrix of [manifest.confusion, manifest.confusionRendered]) {
    for (const [code, row] of Object.entries(matrix ?? {})) {
      const stray = [code, ...Object.keys(row)].find((named) => !includes(manifest.classes, named))
      if (stray) return `its confusion matrix has ${stray}, which the model does not name`
    }
  }
  for (const [code, row] of Object.entries(manifest.confusion ?? {})) {
    const known = Object.entries(manifest.evidence).find(([named]) => named === code)?.[1]
    const sum = Object.values(row).reduce((total, count) => total + count, 0)
    if (sum !== (known?.n ?? 0))
      return `its confusion matrix has ${sum} images of ${code}, its evidence ${known?.n ?? 0}`
    const right = Object.entries(row).find(([named]) => named === code)?.[1] ?? 0
    if (known?.recall != null && Math.abs(right / sum - known.recall) > ROUNDING)
      return `its confusion matrix gives ${code} a recall of ${(right / sum).toFixed(4)}, its evidence ${known.recall}`
  }
  return null
}

function candidates(manifest: ModelManifest): Finding {
  for (const images of ['real', 'rendered'] as const) {
    for (const [code, { of, othersOf, table }] of Object.entries(manifest.candidates?.[images] ?? {})) {
      const where = `its manifest's figures for finding ${code} on ${images} images`
      if (!includes(manifest.classes, code)) return `${where} are of a class that the model does not name`
      for (const [i, entry] of table.entries()) {
        const above = table[i - 1]
        if (above && !(entry.atLeast < above.atLeast && entry.hits >= above.hits && entry.others >= above.others))
          return `${where} do not grow as less probability is asked for`
        if (entry.hits > of || entry.others > othersOf) return `${where} count more images than there are`
      }
    }
  }
  return null
}

function testVector({ testVector: vector, int8, classes }: ModelManifest): Finding {
  if (int8 && (int8.probabilities === undefined) !== (int8.tolerance === undefined))
    return 'its manifest gives the 8 bit graph probabilities without a tolerance, or the other way round'
  if (int8?.probabilities && !vector)
    return 'its manifest has answers of the 8 bit graph, but no test vector they answer to'
  if (!vector) return null
  for (const rows of [vector.probabilities, int8?.probabilities ?? vector.probabilities]) {
    if (rows.length !== vector.n || rows.some((row) => row.length !== classes.length))
      return `its test vector is not ${vector.n} rows of ${classes.length} probabilities`
    const sums = rows.map((row) => row.reduce((sum, value) => sum + value, 0))
    if (sums.some((sum) => Math.abs(sum - 1) > ROW_SUM_ERROR))
      return 'the probabilities of its test vector do not sum to 1'
  }
  return null
}

function measured({ measured: sets, int8 }: ModelManifest): Finding {
  for (const { set, path, variant } of sets ?? []) {
    if (/^([\\/]|[a-z]:)|(^|[\\/])\.\.([\\/]|$)/i.test(path))
      return `its figures on ${set} name a path outside the data folder (${path})`
    if (variant === 'int8' && !int8) return `its figures on ${set} are of an 8 bit graph that it does not have`
  }
  return null
}

function includes(classes: readonly string[], code: string): boolean {
  return classes.includes(code)
}
