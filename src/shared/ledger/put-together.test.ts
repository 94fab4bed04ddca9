import { describe, expect, it } from 'vitest'
import { type Rect, type StageUm, stageUm } from '../geometry.ts'
import type { ClassCode } from '../taxonomy.ts'
import { type LedgerUnit, putTogether } from './put-together.ts'

const square = (x: number, side = 100): Rect<StageUm> => ({ origin: stageUm(x, 0), width: side, height: side })

/** A field whose cells are 10 um apart, from 5 um on. */
const field = (runId: number, at: string, x: number, cells = 10): LedgerUnit => ({
  owner: `run ${runId}`,
  area: square(x),
  at,
  counted: {
    kind: 'cells',
    cells: Array.from({ length: cells }, (_, i) => ({ at: stageUm(x + 5 + 10 * i, 50), class: 'NGS' as const })),
  },
})
const view = (sittingId: number, at: string, x: number, cells: number, code: ClassCode = 'EBO'): LedgerUnit => ({
  owner: `sitting ${sittingId}`,
  area: square(x),
  at,
  counted: { kind: 'counts', counts: new Map([[code, cells]]) },
})

const counted = (units: readonly LedgerUnit[]) => {
  const { counts, parts } = putTogether(units)
  return { counts: Object.fromEntries(counts), parts: Object.fromEntries(parts) }
}

describe('what several counted on one slide', () => {
  it('is added where nothing overlaps', () => {
    expect(counted([field(1, '10:00', 0), view(1, '11:00', 100, 7)])).toEqual({
      counts: { NGS: 10, EBO: 7 },
      parts: { 'run 1': { cells: 10, leftOut: 0 }, 'sitting 1': { cells: 7, leftOut: 0 } },
    })
  })

  it('leaves out cells of a run that lie where a person had counted, and only those', () => {
    // The view ends at 40: cells at 5, 15, 25 and 35 lie in it.
    expect(counted([view(1, '10:00', -60, 7), field(1, '11:00', 0)])).toEqual({
      counts: { EBO: 7, NGS: 6 },
      parts: { 'sitting 1': { cells: 7, leftOut: 0 }, 'run 1': { cells: 10, leftOut: 4 } },
    })
  })

  it('takes a person’s cells in a view that is partly new, and none in one that is not', () => {
    expect(counted([field(1, '10:00', 0), view(1, '11:00', 50, 3)]).counts).toEqual({ NGS: 10, EBO: 3 })
    expect(counted([field(1, '10:00', 0), view(1, '11:00', 0, 9)])).toEqual({
      counts: { NGS: 10 },
      parts: { 'run 1': { cells: 10, leftOut: 0 }, 'sitting 1': { cells: 9, leftOut: 9 } },
    })
  })

  it('counts a place that a person comes back to once', () => {
    expect(counted([view(1, '10:00', 0, 5), view(1, '10:05', 300, 2), view(1, '10:10', 0, 5)]).counts).toEqual({
      EBO: 7,
    })
  })

  it('leaves a second run out where the first had been, and takes no field for a double of its own run', () => {
    const first = [field(1, '10:00', 0), field(1, '10:01', 100)]
    const second = [field(2, '11:00', 50), field(2, '11:01', 150), field(2, '11:02', 250)]
    expect(counted([...second, ...first])).toEqual({
      counts: { NGS: 35 },
      parts: { 'run 1': { cells: 20, leftOut: 0 }, 'run 2': { cells: 30, leftOut: 15 } },
    })
  })

  it('goes by time, not by the order it is told in', () => {
    const units = [view(1, '10:00', 0, 8), field(1, '11:00', 0)]
    expect(counted(units.toReversed())).toEqual({ ...counted(units) })
    expect(counted(units).counts).toEqual({ EBO: 8 })
  })
})
