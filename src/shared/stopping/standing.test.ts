import { describe, expect, it } from 'vitest'
import type { ModelInfo } from '../contract/models.ts'
import type { StopRule, StopWhen } from '../contract/stopping.ts'
import { CLASS_CODES, type ClassCode } from '../taxonomy.ts'
import { cellsToAssure } from './assurance.ts'
import { allAlternatives, normalised } from './rules.ts'
import { Rules, type Situation } from './standing.ts'

const IMAGES = 200
const info: ModelInfo = {
  name: 'marrow',
  version: '9',
  sha256: 'ab'.repeat(32),
  variant: 'float',
  classes: [...CLASS_CODES],
  inputPx: 112,
  pixelSizeUm: 0.192,
  licence: 'CC0-1.0',
  sources: [],
  evidence: { FGC: { images: 'rendered', n: IMAGES, precision: null, recall: null } },
  unsure: null,
  unfamiliar: null,
  confusion: Object.fromEntries(CLASS_CODES.map((code) => [code, { [code]: IMAGES }])),
  confusionRendered: Object.fromEntries(CLASS_CODES.map((code) => [code, { [code]: IMAGES }])),
  candidates: {
    real: {},
    rendered: {
      FGC: {
        of: 100,
        othersOf: 1000,
        table: [
          { atLeast: 0.5, hits: 80, others: 1 },
          { atLeast: 0.05, hits: 98, others: 30 },
        ],
      },
    },
  },
  measured: null,
  embeddingSize: null,
  card: '',
}
const rules = () => new Rules({ info, images: 'rendered' })
const at = (counts: Partial<Record<ClassCode, number>>, scanningSeconds = 0, read: boolean = false): Situation => ({
  rows: Object.entries(counts).map(([code, cells]) => ({
    named: code as ClassCode,
    read: read ? (code as ClassCode) : null,
    cells,
  })),
  scanningSeconds,
})
const cells = (count: number): StopRule => ({ kind: 'cells', cells: count })
const clear: StopRule = { kind: 'separation', classes: ['BLA'], percent: 5 }
const faggots: StopRule = { kind: 'assurance', class: 'FGC', percent: 0.5 }

describe('rules', () => {
  it('end a run when all of any alternative are met', () => {
    const stopWhen: StopWhen = [[clear, cells(300)], [{ kind: 'time', minutes: 10 }]]
    const met = (situation: Situation) => rules().met(stopWhen, situation)
    expect(met(at({ BLA: 100, NGS: 100 }))).toBeNull()
    expect(met(at({ BLA: 15, NGS: 300 }))).toBeNull()
    expect(met(at({ BLA: 200, NGS: 200 }))).toEqual([clear, cells(300)])
    expect(met(at({ NGS: 10 }, 600))).toEqual([{ kind: 'time', minutes: 10 }])
    expect(rules().met([], at({ NGS: 1e6 }, 1e6))).toBeNull()
  })

  it('count what a person said where somebody did, artefacts not', () => {
    expect(rules().met([[cells(100)]], at({ NGS: 99, ART: 50 }))).toBeNull()
    expect(
      rules().met([[cells(100)]], { rows: [{ named: 'ART', read: 'NGS', cells: 100 }], scanningSeconds: 0 }),
    ).not.toBeNull()
  })

  it('say where they stand and what they need', () => {
    const standing = rules().standing(clear, at({ BLA: 8, NGS: 292 }), { foresee: true })
    expect(standing).toMatchObject({ met: false, problem: null, share: { side: null } })
    expect(standing.cellsNeeded).toBeGreaterThan(0)
    expect(standing.cellsNeededLow!).toBeLessThanOrEqual(standing.cellsNeeded!)
    expect(rules().standing(clear, at({ BLA: 8, NGS: 292 }), { foresee: false }).cellsNeeded).toBeNull()
    expect(rules().standing(cells(500), at({ NGS: 460 }), { foresee: true }).cellsNeeded).toBe(40)
    expect(rules().standing({ kind: 'time', minutes: 2 }, at({}, 30), { foresee: true }).secondsNeeded).toBe(90)
    expect(rules().standing(clear, at({}), { foresee: true })).toMatchObject({ met: false, share: null })
  })

  it('assure of a class by the recall of its candidates, as long as no one is found', () => {
    const needed = cellsToAssure(0.005, { hits: 98, of: 100 })
    expect(rules().met([[faggots]], at({ NGS: needed - 1 }))).toBeNull()
    expect(rules().met([[faggots]], at({ NGS: needed }))).toEqual([faggots])
    // Named so by the machine is not found: a person has to say so.
    expect(rules().met([[faggots]], at({ NGS: needed, FGC: 2 }))).toEqual([faggots])
    const found = { rows: [...at({ NGS: needed }).rows, ...at({ FGC: 2 }, 0, true).rows], scanningSeconds: 0 }
    expect(rules().met([[faggots]], found)).toBeNull()
    expect(rules().standing(faggots, found, { foresee: true }).found).toMatchObject({ cells: 2 })
  })

  it('say why one can never be met', () => {
    const real = new Rules({ info, images: 'real' })
    expect(real.problem(faggots)).toBe('marrow 9 was never tried on a real image of: faggot cell.')
    expect(real.problem(clear)).toContain('never tried')
    expect(real.problem(cells(5))).toBeNull()
    expect(new Rules({ info: null, images: 'real' }).problem(clear)).toContain('No model')
    const silent = new Rules({ info: { ...info, confusion: null, confusionRendered: null }, images: 'rendered' })
    expect(silent.problem(clear)).toContain('does not state')
    expect(silent.standing(clear, at({ NGS: 500 }), { foresee: true })).toMatchObject({ met: false, share: null })
    expect(silent.met([[clear]], at({ NGS: 5000 }))).toBeNull()
  })
})

describe('what a run was asked to stop by', () => {
  it('has its plain number of cells in one place', () => {
    const request = { targetCells: 500, stopWhen: [[cells(200)], [clear, cells(100)], [cells(50), cells(300)]] }
    const settled = normalised(request)
    expect(settled).toEqual({ targetCells: 200, stopWhen: [[clear, cells(100)]] })
    expect(allAlternatives(settled)).toEqual([[cells(200)], [clear, cells(100)]])
    expect(normalised({ targetCells: null, stopWhen: [] })).toEqual({ targetCells: null, stopWhen: [] })
    expect(allAlternatives({ targetCells: null, stopWhen: [] })).toEqual([])
  })
})
