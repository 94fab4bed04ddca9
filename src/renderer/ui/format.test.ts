import { describe, expect, it } from 'vitest'
import type { RunSummary } from '../../shared/contract/runs.ts'
import { againstReference, axisShare, meAxisShare } from '../features/differential/forest.ts'
import { INITIAL_FORM, requestOf } from '../features/new-scan/scan-form.ts'
import { rigWords } from '../features/runbar/words.ts'
import { clock, counted, millimetres, percent, range, referenceRange } from './format.ts'

describe('numbers as text', () => {
  it('tell absence from zero', () => {
    expect([percent(0, 0, 0.7), percent(null, null, null)]).toEqual(['0.0', '–'])
    expect([range(0, 0.7), range(1.3, null), range(null, null)]).toEqual(['0.0–0.7', '1.3–∞', '–'])
    expect(referenceRange(null)).toBe('–')
  })

  it('have as many digits as the count supports', () => {
    expect([percent(0, 0, 0.0188), range(0, 0.0188)]).toEqual(['0.000', '0.000–0.019'])
    expect([percent(25, 24.4, 25.61), range(24.4, 25.61)]).toEqual(['25.0', '24.4–25.6'])
  })

  it('carry their units as people write them', () => {
    expect([clock(130), clock(3725), clock(null), clock(0)]).toEqual(['02:10', '1:02:05', null, '00:00'])
    expect(millimetres(12104.3)).toBe('12.104')
    expect([counted(1, 'cell'), counted(12, 'cell')]).toEqual(['1 cell', '12 cells'])
  })
})

describe('the forest plot', () => {
  it('spreads low percentages and keeps to its axis', () => {
    expect([axisShare(0), axisShare(60), axisShare(99)]).toEqual([0, 1, 1])
    expect(axisShare(2) - axisShare(1)).toBeGreaterThan(axisShare(41) - axisShare(40))
    expect(meAxisShare(10)).toBe(1)
  })

  it('says how interval and reference range lie to each other', () => {
    const reference = { low: 2, high: 6 }
    expect(againstReference(6.1, 9, reference)).toContain('above')
    expect(againstReference(0, 1.9, reference)).toContain('below')
    expect(againstReference(2, 6, reference)).toContain('within')
    expect(againstReference(5, 9, reference)).toContain('edge')
    expect(againstReference(5, null, reference)).toContain('edge')
    expect(againstReference(null, null, reference)).toBeNull()
  })
})

describe('the form of a new scan', () => {
  it('stands for the first scan as it opens', () => {
    expect(requestOf(INITIAL_FORM)).toEqual({
      request: {
        run: {
          rig: {
            kind: 'simulated',
            profile: 'normal',
            seed: 1,
            timeScale: 1,
            mount: null,
            stage: 'good',
            objective: null,
          },
          targetCells: 500,
          area: null,
          order: 'serpentine',
          stopWhen: [],
          caseId: null,
        },
        newCase: null,
      },
    })
  })

  it('has the simulated stage it was told, and says so of the run', () => {
    const answer = requestOf({ ...INITIAL_FORM, stage: 'worn' })
    expect(answer).toMatchObject({ request: { run: { rig: { kind: 'simulated', stage: 'worn' } } } })
    const rig = 'request' in answer ? answer.request.run.rig : null
    expect(rigWords({ rig } as RunSummary)).toBe('Simulated: reference marrow, seed 1, worn stage')
  })

  it('reads a folder, a decimal comma and an empty number of cells', () => {
    const answer = requestOf({ ...INITIAL_FORM, kind: 'folder', images: ' /a b ', pixelSizeUm: '0,1', targetCells: '' })
    expect(answer).toMatchObject({
      request: { run: { rig: { images: '/a b', pixelSizeUm: 0.1, watch: false }, targetCells: null } },
    })
  })

  it('asks for an estimate of the pixel size where nobody knows it, whatever number was there', () => {
    const answer = requestOf({
      ...INITIAL_FORM,
      kind: 'folder',
      images: 'a',
      pixelSizeUm: 'x',
      estimatePixelSize: true,
    })
    expect(answer).toMatchObject({ request: { run: { rig: { pixelSizeUm: 'auto' } } } })
  })

  it('makes a case for a number that is given', () => {
    expect(requestOf({ ...INITIAL_FORM, accession: '26-1183' })).toMatchObject({
      request: { newCase: { accession: '26-1183' } },
    })
  })

  it('says what cannot be read', () => {
    const problem = (changes: Partial<typeof INITIAL_FORM>) => requestOf({ ...INITIAL_FORM, ...changes })
    expect(problem({ seed: 'x' })).toMatchObject({ problem: expect.stringContaining('seed') })
    expect(problem({ kind: 'folder' })).toMatchObject({ problem: expect.stringContaining('folder') })
    expect(problem({ kind: 'folder', images: 'a', pixelSizeUm: '0' })).toMatchObject({
      problem: expect.stringContaining('pixel size'),
    })
    expect(problem({ kind: 'microscope' })).toMatchObject({ problem: expect.stringContaining('microscope') })
    expect(problem({ targetCells: '-3' })).toMatchObject({ problem: expect.stringContaining('number of cells') })
  })
})
