import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { CASE, modelWith, newCell, newField, newRun } from '../../../test/support/casebook-rows.ts'
import { temporaryFolder } from '../../../test/support/data-folder.ts'
import type { ConfusionCounts } from '../../shared/contract/models.ts'
import type { RigSettings } from '../../shared/contract/rig-settings.ts'
import { CLASS_CODES, type ClassCode } from '../../shared/taxonomy.ts'
import type { Casebook, NewCell, ReadingModel } from '../casebook/casebook.ts'
import { openCasebook } from '../casebook/open-casebook.ts'
import { Differentials } from './differentials.ts'

const REAL: RigSettings = { kind: 'folder', images: '/images', pixelSizeUm: 0.1, watch: false }
const DRAWN: RigSettings = {
  kind: 'simulated',
  profile: 'normal',
  seed: 1,
  timeScale: 1,
  mount: null,
  stage: 'good',
  objective: null,
}

const evidence = (images: 'real' | 'rendered') => ({ images, n: 100, precision: 0.9, recall: 0.8 })
const EVIDENCE = { NGS: evidence('real'), LYT: evidence('real'), PLM: evidence('rendered') }
const CONFUSION: ConfusionCounts = {
  NGS: { NGS: 95, LYT: 5 },
  LYT: { LYT: 80, NGS: 20 },
  PLM: { PLM: 100 },
}
const CORRECTABLE = { evidence: EVIDENCE, confusion: CONFUSION }

let casebook: Casebook
let differentials: Differentials
beforeEach(() => {
  casebook = openCasebook(temporaryFolder())
  differentials = new Differentials(casebook, async (run) => casebook.runModel(run.runId))
})
afterEach(() => casebook.close())

/** A cell named so, with this probability, the rest on lymphocytes (or segmented neutrophils where it is one). */
function named(code: ClassCode, probability: number, unfamiliarity: number | null = null): NewCell {
  const probabilities = new Float32Array(CLASS_CODES.length)
  probabilities[CLASS_CODES.indexOf(code === 'LYT' ? 'NGS' : 'LYT')] = 1 - probability
  probabilities[CLASS_CODES.indexOf(code)] = probability
  return { ...newCell(0), said: { probabilities, embedding: null, unfamiliarity } }
}

function scanned(rig: RigSettings, info: Partial<ReadingModel['info']> | null, cells: readonly NewCell[]): number {
  const { caseId } = casebook.createCase({ ...CASE, accession: `case ${casebook.listCases().length}` })
  const { runId } = casebook.createRun(newRun(caseId, { rig, model: info && modelWith(info) }))
  casebook.commitField(newField(runId, 0, cells))
  return runId
}

const CELLS = [
  ...Array.from({ length: 70 }, () => named('NGS', 0.9)),
  ...Array.from({ length: 25 }, () => named('LYT', 0.99)),
  ...Array.from({ length: 5 }, () => named('PLM', 0.99)),
]

describe('the corrected view', () => {
  it('moves percentages and limits, and leaves the counts as named', async () => {
    const runId = scanned(REAL, CORRECTABLE, CELLS)
    const reviewed = await differentials.of(runId, 'reviewed')
    const corrected = await differentials.of(runId, 'corrected')
    const row = (of: typeof corrected, code: ClassCode) => of.rows.find((entry) => entry.class === code)!
    expect(corrected.view).toBe('corrected')
    expect(corrected.rows.map(({ count }) => count)).toEqual(reviewed.rows.map(({ count }) => count))
    // One lymphocyte in five is named a neutrophil.
    expect(row(corrected, 'LYT').percent).toBeGreaterThan(row(reviewed, 'LYT').percent! + 0.5)
    expect(row(corrected, 'LYT').high! - row(corrected, 'LYT').low!).toBeGreaterThan(
      row(reviewed, 'LYT').high! - row(reviewed, 'LYT').low!,
    )
    expect(reviewed.correction).toBeNull()
    expect(corrected.correction).toMatchObject({ problem: null, through: ['confusion', 'probabilities'], read: 0 })
    expect(await differentials.of(runId, 'corrected')).toEqual(corrected)
  })

  it('takes what a person read as it is', async () => {
    const runId = scanned(REAL, CORRECTABLE, CELLS)
    const before = await differentials.of(runId, 'corrected')
    const ids = casebook.cells(runId).map((cell) => cell.id)
    casebook.relabel(ids.slice(0, 70), 'NGS', 'Ada', null)
    casebook.relabel(ids.slice(70), 'LYT', 'Ada', null)
    const after = await differentials.of(runId, 'corrected')
    expect(after).not.toEqual(before)
    expect(after.correction).toMatchObject({ read: 100, counted: 100 })
    const reviewed = await differentials.of(runId, 'reviewed')
    expect(after.rows).toEqual(reviewed.rows)
  })

  it('does not take drawings for evidence on real cells', async () => {
    const { correction } = await differentials.of(scanned(REAL, CORRECTABLE, CELLS), 'corrected')
    expect(correction!.uncorrected).toContain('PLM')
    expect(correction!.uncorrected).not.toContain('NGS')
  })

  it('goes on simulated smears by the matrix of drawn cells, without one by the probabilities', async () => {
    const drawn = { NGS: { NGS: 50 }, LYT: { LYT: 50 }, PLM: { PLM: 50 } }
    const withMatrix = await differentials.of(
      scanned(DRAWN, { ...CORRECTABLE, confusionRendered: drawn }, CELLS),
      'corrected',
    )
    expect(withMatrix.correction).toMatchObject({ through: ['confusion', 'probabilities'] })
    expect(withMatrix.correction!.uncorrected).not.toContain('PLM')
    const without = await differentials.of(scanned(DRAWN, CORRECTABLE, CELLS), 'corrected')
    expect(without.correction).toMatchObject({ through: ['probabilities'] })
    const drawnOnly = await differentials.of(
      scanned(REAL, { evidence: { PLM: evidence('rendered') }, confusionRendered: drawn }, CELLS),
      'corrected',
    )
    expect(drawnOnly.correction!.problem).toContain('no real image')
  })

  it('says why nothing is corrected, beside the exact intervals', async () => {
    for (const [info, why] of [
      [{}, 'confusion matrix'],
      [null, 'No model'],
    ] as const) {
      const cells = info ? CELLS : CELLS.map((cell) => ({ ...cell, said: null }))
      const runId = scanned(REAL, info, cells)
      const corrected = await differentials.of(runId, 'corrected')
      expect(corrected.correction!.problem).toContain(why)
      expect(corrected.correction!.counted).toBeNull()
      expect(corrected.rows).toEqual((await differentials.of(runId, 'reviewed')).rows)
    }
  })
})

describe('doubts', () => {
  const unsure = {
    below: 0.88,
    errorRate: 0.05,
    n: 1000,
    share: 0.2,
    table: [
      { errorRate: 0.02, below: 0.95, share: 0.4 },
      { errorRate: 0.05, below: 0.88, share: 0.2 },
      { errorRate: 0.1, below: 0.5, share: 0.01 },
    ],
  }

  it('are counted at the rate in force and at the others, without cells a person read', async () => {
    const runId = scanned(REAL, { unsure }, [
      ...Array.from({ length: 70 }, () => named('NGS', 0.9)),
      ...Array.from({ length: 25 }, () => named('LYT', 0.85)),
      named('PLM', 0.99),
    ])
    const { doubt } = await differentials.of(runId, 'machine')
    expect(doubt).toEqual({
      unsure: { errorRate: 0.05, below: 0.88, cells: 25 },
      atOtherRates: [
        { errorRate: 0.02, below: 0.95, cells: 95 },
        { errorRate: 0.1, below: 0.5, cells: 0 },
      ],
      unfamiliar: null,
    })
    const unread = casebook.cells(runId).filter((cell) => cell.unsure)
    expect(unread).toHaveLength(25)
    casebook.relabel([unread[0].id], 'LYT', 'Ada', null)
    expect((await differentials.of(runId, 'machine')).doubt.unsure!.cells).toBe(24)
  })

  it('tell none that is unfamiliar from a model that cannot tell', async () => {
    const unfamiliar = { above: 3, share: 0.01, n: 1000 }
    const calm = scanned(REAL, { unfamiliar }, [named('NGS', 0.9, 1), named('NGS', 0.9, 2.9)])
    expect((await differentials.of(calm, 'machine')).doubt).toEqual({ unsure: null, atOtherRates: [], unfamiliar: 0 })
    const strange = scanned(REAL, { unfamiliar }, [named('NGS', 0.9, 4), named('NGS', 0.9, 1)])
    expect((await differentials.of(strange, 'machine')).doubt.unfamiliar).toBe(1)
    expect((await differentials.of(scanned(REAL, { unfamiliar }, []), 'machine')).doubt.unfamiliar).toBe(0)
    expect((await differentials.of(scanned(REAL, {}, CELLS), 'machine')).doubt.unfamiliar).toBeNull()
  })
})
