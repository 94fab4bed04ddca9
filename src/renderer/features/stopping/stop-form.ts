import { stopRequest } from '../../../shared/contract/runs.ts'
import type { StopRule, StopWhen } from '../../../shared/contract/stopping.ts'
import type { StopRequest } from '../../../shared/stopping/rules.ts'
import { type ClassCode, DEFAULT_TARGET_CELLS, TAXONOMY } from '../../../shared/taxonomy.ts'

/** What the fields of a stop rule hold: text, as typed. Whichever end comes first counts. */
export interface StopForm {
  /** Counted cells; empty: everything there is. */
  readonly targetCells: string
  readonly byThreshold: boolean
  /** Codes joined by "+". */
  readonly thresholdGroup: string
  readonly thresholdPercent: string
  /** Counted cells below which a threshold ends nothing; empty: none. */
  readonly thresholdLeast: string
  readonly byAssurance: boolean
  readonly assuranceClass: ClassCode
  readonly assurancePercent: string
  readonly byTime: boolean
  readonly minutes: string
}

export const INITIAL_STOP: StopForm = {
  targetCells: String(DEFAULT_TARGET_CELLS),
  byThreshold: false,
  thresholdGroup: 'BLA',
  thresholdPercent: '5',
  thresholdLeast: '200',
  byAssurance: false,
  assuranceClass: 'FGC',
  assurancePercent: '0.1',
  byTime: false,
  minutes: '30',
}

const COUNTED = TAXONOMY.filter((entry) => entry.counted)

/** Groups whose share may be held against a threshold, by codes joined by "+". */
export const THRESHOLD_GROUPS: readonly { readonly value: string; readonly label: string }[] = [
  ...COUNTED.map(({ code, name }) => ({ value: code, label: `${name}s` })),
  { value: 'BLA+LYI', label: 'Blasts + immature lymphocytes' },
]
export const ASSURED_CLASSES = COUNTED.map(({ code, name }) => ({ value: code, label: `${name}s` }))

/** Percent that people look at. Those of plasma cells are not verified by a source. */
const LOOKED_AT: Readonly<Record<string, { readonly percent: readonly number[]; readonly verified: boolean }>> = {
  BLA: { percent: [5, 10, 20], verified: true },
  PLM: { percent: [10, 60], verified: false },
}

/** In words for a note: "Often looked at: 5, 10, 20 %."; null: none known. */
export function thresholdNote(group: string): string | null {
  const known = LOOKED_AT[group]
  return known ? `Often looked at: ${known.percent.join(', ')} %${known.verified ? '' : ' (unverified)'}.` : null
}

/** What a form stands for, or what is wrong with it in one sentence. */
export function stopRequestOf(form: StopForm): { readonly request: StopRequest } | { readonly problem: string } {
  const stopWhen: StopWhen = []
  if (form.byThreshold) {
    const classes = form.thresholdGroup.split('+') as ClassCode[]
    const rules: StopRule[] = [{ kind: 'separation', classes, percent: number(form.thresholdPercent) }]
    if (form.thresholdLeast.trim() !== '') rules.push({ kind: 'cells', cells: number(form.thresholdLeast) })
    stopWhen.push(rules)
  }
  if (form.byAssurance) {
    stopWhen.push([{ kind: 'assurance', class: form.assuranceClass, percent: number(form.assurancePercent) }])
  }
  if (form.byTime) stopWhen.push([{ kind: 'time', minutes: number(form.minutes) }])
  const targetCells = form.targetCells.trim() === '' ? null : number(form.targetCells)
  const parsed = stopRequest.safeParse({ targetCells, stopWhen })
  if (parsed.success) return { request: parsed.data }
  const path = parsed.error.issues[0]?.path ?? []
  return { problem: PROBLEMS[String(path.at(path[0] === 'targetCells' ? 0 : -1))] ?? 'A rule cannot be read.' }
}

const number = (text: string): number => (text.trim() === '' ? Number.NaN : Number(text.trim().replace(',', '.')))

const PROBLEMS: Readonly<Record<string, string>> = {
  targetCells: 'The number of cells is a whole number from 1, or empty for everything.',
  cells: 'The least number of cells is a whole number from 1, or empty for none.',
  percent: 'A share is a percentage above 0 and below 100.',
  minutes: 'The time is a number of minutes above 0.',
}
