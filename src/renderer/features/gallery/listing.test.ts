import { describe, expect, it } from 'vitest'
import type { Cell } from '../../../shared/contract/cells.ts'
import { EMPTY_BOOK, withCells } from '../../app/cell-book.ts'
import { errorRates, markedUnsure, unsureLimit } from '../../app/unsure.ts'
import { chipsOf } from './chips.ts'
import { between, listCells, stepThrough } from './listing.ts'

const cell = (
  id: number,
  machineClass: Cell['machineClass'],
  probability: number | null,
  changes: Partial<Cell> = {},
): Cell => ({
  id,
  field: 0,
  image: null,
  xPx: 0,
  yPx: 0,
  widthPx: 10,
  heightPx: 10,
  slideX: 0,
  slideY: 0,
  score: 1,
  class: machineClass,
  machineClass,
  probability,
  alternatives: [],
  reader: null,
  unsure: false,
  unfamiliar: null,
  leftOut: null,
  revision: id,
  ...changes,
})

const book = withCells(EMPTY_BOOK, [
  cell(1, 'NGS', 0.9),
  cell(2, 'BLA', 0.4),
  cell(3, 'NGS', 0.6, { class: 'BLA', reader: 'A' }),
  cell(4, null, null),
  cell(5, 'NGS', 0.2),
])

describe('the gallery lists', () => {
  it('every cell, or those of a class in the view shown', () => {
    expect(listCells(book, 'reviewed', 'all', 'scan', null).ids).toEqual([1, 2, 3, 4, 5])
    expect(listCells(book, 'reviewed', 'BLA', 'scan', null).ids).toEqual([2, 3])
    expect(listCells(book, 'machine', 'BLA', 'scan', null).ids).toEqual([2])
    expect(listCells(book, 'machine', 'none', 'scan', null).ids).toEqual([4])
  })

  it('those picked on the map and no other, whatever they are called, under a chip of their own', () => {
    const picked = new Set([3, 4])
    expect(listCells(book, 'reviewed', 'picked', 'scan', null, picked).ids).toEqual([3, 4])
    expect(listCells(book, 'reviewed', 'picked', 'scan', null).ids).toEqual([])
    const chips = chipsOf(book, 'reviewed', picked.size)
    expect(chips.slice(0, 2)).toEqual([
      { filter: 'all', count: 5 },
      { filter: 'picked', count: 2 },
    ])
  })

  it('in the order asked for; cells without a probability come last among the unsure', () => {
    expect(listCells(book, 'reviewed', 'all', 'unsure', null).ids).toEqual([5, 2, 3, 1, 4])
    expect(listCells(book, 'reviewed', 'all', 'newest', null).ids).toEqual([5, 4, 3, 2, 1])
  })

  it('without the cells held back, and says how many', () => {
    expect(listCells(book, 'reviewed', 'all', 'newest', 3)).toEqual({ ids: [3, 2, 1], heldBack: 2 })
    expect(listCells(book, 'machine', 'NGS', 'unsure', 3)).toEqual({ ids: [3, 1], heldBack: 1 })
  })

  it('under chips that add up to every cell', () => {
    const chips = chipsOf(book, 'reviewed')
    expect(chips.map(({ filter, count }) => `${filter} ${count}`)).toEqual(['all 5', 'BLA 2', 'NGS 2', 'none 1'])
  })
})

describe('cells in doubt', () => {
  const doubted = withCells(EMPTY_BOOK, [
    cell(1, 'NGS', 0.9),
    cell(2, 'BLA', 0.4, { unsure: true }),
    cell(3, 'BLA', 0.7, { unfamiliar: true }),
    cell(4, 'MON', 0.5, { unsure: true, unfamiliar: true }),
    cell(5, 'MON', 0.3, { unfamiliar: false, reader: 'A' }),
  ])

  it('have chips and lists of their own', () => {
    const chips = chipsOf(doubted, 'reviewed')
    expect(chips.map(({ filter, count }) => `${filter} ${count}`)).toEqual([
      'all 5',
      'unsure 2',
      'unfamiliar 2',
      'BLA 2',
      'NGS 1',
      'MON 2',
    ])
    expect(listCells(doubted, 'reviewed', 'unsure', 'scan', null).ids).toEqual([2, 4])
    expect(listCells(doubted, 'reviewed', 'unfamiliar', 'unsure', null).ids).toEqual([4, 3])
  })

  it('follow the error rate the reader asks for', () => {
    const doubt = {
      unsure: { errorRate: 0.05, below: 0.6, cells: 2 },
      atOtherRates: [
        { errorRate: 0.1, below: 0.45, cells: 1 },
        { errorRate: 0.02, below: 0.8, cells: 3 },
      ],
      unfamiliar: 2,
    }
    expect(errorRates(doubt)).toEqual([0.02, 0.05, 0.1])
    expect([unsureLimit(doubt, 0), unsureLimit(doubt, 0.05), unsureLimit(doubt, 0.5)]).toEqual([null, null, null])
    const unsureAt = (rate: number) =>
      [...doubted.byId.values()]
        .map((entry) => markedUnsure(entry, unsureLimit(doubt, rate)!))
        .filter((entry) => entry.unsure)
        .map((entry) => entry.id)
    expect(unsureAt(0.02)).toEqual([2, 3, 4])
    expect(unsureAt(0.1)).toEqual([2])
    expect(errorRates({ unsure: null, atOtherRates: [], unfamiliar: null })).toEqual([])
  })
})

describe('the selection', () => {
  it('steps through the list and stops at its ends', () => {
    expect(stepThrough([7, 8, 9], 8, 1)).toBe(9)
    expect(stepThrough([7, 8, 9], 9, 1)).toBe(9)
    expect(stepThrough([7, 8, 9], 8, -5)).toBe(7)
    expect(stepThrough([7, 8, 9], null, 1)).toBe(7)
    expect(stepThrough([7, 8, 9], 100, -1)).toBe(9)
    expect(stepThrough([], 1, 1)).toBeNull()
  })

  it('goes on from where a cell was that has left the list', () => {
    expect(stepThrough([7, 9, 10], 8, 1, 1)).toBe(9)
    expect(stepThrough([7, 9, 10], 8, -1, 1)).toBe(7)
    expect(stepThrough([7], 8, 1, 1)).toBe(7)
    expect(stepThrough([9], 8, -1, 0)).toBe(9)
  })

  it('reaches from one cell to another in either direction', () => {
    expect(between([1, 2, 3, 4], 3, 1)).toEqual([1, 2, 3])
    expect(between([1, 2, 3, 4], 9, 2)).toEqual([2])
  })
})

describe('the book of cells', () => {
  it('takes an older revision of a known cell for old news', () => {
    const first = withCells(EMPTY_BOOK, [cell(1, 'NGS', 0.9, { revision: 7 })], 7)
    const second = withCells(first, [cell(1, 'BLA', 0.9, { revision: 5 }), cell(2, 'MON', 0.5, { revision: 8 })], 8)
    expect(second.byId.get(1)?.class).toBe('NGS')
    expect(second.ids).toEqual([1, 2])
    expect(second.revision).toBe(8)
  })

  it('leaves the empty book empty', () => {
    withCells(EMPTY_BOOK, [cell(1, 'NGS', 0.9)])
    expect(EMPTY_BOOK.byId.size).toBe(0)
  })
})
