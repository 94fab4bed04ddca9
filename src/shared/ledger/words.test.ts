import { describe, expect, it } from 'vitest'
import { compareCounts } from '../differential/comparison.ts'
import type { ClassCode } from '../taxonomy.ts'
import { comparisonWords } from './comparison-words.ts'
import { alreadyWords } from './words.ts'

const field = (index: number, share: number) => ({
  by: { kind: 'run' as const, runId: 3, field: index },
  areaUm: { x: 0, y: 0, width: 1, height: 1 },
  share,
})

describe('what was counted already, in words', () => {
  it('names the run and the field, counted from 1, and how much of the view', () => {
    expect(alreadyWords({ already: [], share: 0 })).toBeNull()
    expect(alreadyWords({ already: [field(16, 0.611)], share: 0.611 })).toBe(
      'already counted: run 3, field 17, 61 % of this view',
    )
    expect(alreadyWords({ already: [field(16, 0.004)], share: 0.004 })).toContain('under 1 % of this view')
  })

  it('names a person, and of many areas the largest', () => {
    const by = { kind: 'sitting' as const, sittingId: 2, reader: 'A. Reader', view: 0, purpose: 'add' as const }
    const already = [{ ...field(0, 0.5), by }, field(1, 0.2), field(2, 0.1), field(3, 0.05), field(4, 0.01)]
    expect(alreadyWords({ already, share: 0.86 })).toBe(
      'already counted: A. Reader by hand (sitting 2, place 1) (50 %); run 3, field 2 (20 %); run 3, field 3 (10 %) and 2 more; together 86 % of this view',
    )
  })
})

describe('a comparison in words', () => {
  const counts = (entries: [ClassCode | '', number][]) => new Map<ClassCode | '', number>(entries)

  it('names shares that differ beyond chance, and says nothing of what that would mean', () => {
    const differs = compareCounts(
      counts([
        ['NGS', 60],
        ['LYT', 40],
        ['ART', 3],
      ]),
      counts([
        ['NGS', 95],
        ['LYT', 5],
        ['', 2],
      ]),
    ) // prettier-ignore
    const words = comparisonWords(differs, true)
    expect(words).toBe(
      'By hand 100 cells were counted (103 seen), by machine 100 (102 found). Shares in the same places that differ by more than chance explains: ' +
        'segmented neutrophil (60.0 % by hand, 95.0 % by machine), lymphocyte (40.0 % by hand, 5.0 % by machine).',
    )
    expect(words).not.toMatch(/normal|diagnos|patholog|disease|wrong|error/i)
  })

  it('says so where nothing differs, and where one side counted nothing', () => {
    const alike = compareCounts(
      counts([
        ['NGS', 60],
        ['LYT', 40],
      ]),
      counts([
        ['NGS', 63],
        ['LYT', 37],
      ]),
    ) // prettier-ignore
    expect(comparisonWords(alike, false)).toContain('No share of all that either counted differs')
    expect(alike.rows.find((row) => row.class === 'NGS')).toMatchObject({
      manual: { count: 60, percent: 60, low: expect.closeTo(49.72, 1), high: expect.closeTo(69.67, 1) },
    })
    const empty = compareCounts(counts([]), counts([['NGS', 63]]))
    expect(comparisonWords(empty, false)).toContain('nothing to hold against it')
    expect(empty.rows.every((row) => row.p === null && !row.differs)).toBe(true)
  })
})
