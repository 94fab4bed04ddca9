import { describe, expect, it } from 'vitest'
import type { Cell } from '../../shared/contract/cells.ts'
import type { Field } from '../../shared/contract/slide.ts'
import { CLASS_CODES } from '../../shared/taxonomy.ts'
import { EMPTY_BOOK, withCells } from '../app/cell-book.ts'
import { boxTable, cellAt, UNNAMED } from './box-table.ts'
import { extent, fieldInWork, onSlide } from './field-in-work.ts'
import { detailFor, dotPx, shadeFor } from './level-of-detail.ts'
import { scaleBar } from './scale-bar.ts'

const cell = (id: number, changes: Partial<Cell> = {}): Cell => ({
  id,
  field: 0,
  image: null,
  xPx: 0,
  yPx: 0,
  widthPx: 100,
  heightPx: 100,
  slideX: id * 1000,
  slideY: 500,
  score: 1,
  class: 'NGS',
  machineClass: 'NGS',
  probability: 0.9,
  alternatives: [],
  reader: null,
  unsure: false,
  unfamiliar: null,
  leftOut: null,
  revision: id,
  ...changes,
})

describe('level of detail', () => {
  it('draws dots below 8 pixels, boxes above, codes once they can be read', () => {
    expect([7.9, 8, 35.9, 36].map(detailFor)).toEqual(['dots', 'boxes', 'boxes', 'labels'])
  })

  it('keeps a dot visible and smaller than a box', () => {
    expect([0.1, 4, 7.9].map(dotPx)).toEqual([2, 3, 5])
  })

  it('fades the shade of the counted area out as the eye comes near', () => {
    expect(shadeFor(100)).toBe(1)
    expect(shadeFor(280)).toBeCloseTo(0.5)
    expect(shadeFor(2000)).toBe(0)
  })
})

describe('scale bar', () => {
  it('is the longest 1-2-5 length that fits, and as long as it says', () => {
    for (const umPerPx of [0.005, 0.023, 0.092, 0.31, 1, 7.7, 40]) {
      const bar = scaleBar(umPerPx, 160)!
      expect(bar.px).toBeLessThanOrEqual(160)
      expect(bar.px).toBeGreaterThan(160 / 2.5 - 1e-6)
      const [number, unit] = bar.label.split(' ')
      const um = Number(number) * { nm: 1e-3, µm: 1, mm: 1e3 }[unit as 'nm' | 'µm' | 'mm']
      expect(um).toBeCloseTo(bar.px * umPerPx, 9)
    }
    expect(scaleBar(0.092, 160)!.label).toBe('10 µm')
    expect(scaleBar(10, 160)!.label).toBe('1 mm')
  })

  it('is absent where no scale is known', () => {
    expect(scaleBar(0, 160)).toBeNull()
    expect(scaleBar(Number.NaN, 160)).toBeNull()
  })
})

describe('the table of boxes', () => {
  const book = withCells(EMPTY_BOOK, [
    cell(1, { class: 'BLA', machineClass: 'NGS', reader: 'A' }),
    cell(2),
    cell(3, { class: null, machineClass: null, probability: null }),
    cell(4, { probability: 0.3, unsure: true }),
  ])

  it('keeps classes together, by the view', () => {
    const span = (view: 'machine' | 'reviewed', place: number) => {
      const { start, ids } = boxTable(book, view)
      return [...ids.slice(start[place], start[place + 1])]
    }
    expect(span('reviewed', CLASS_CODES.indexOf('BLA'))).toEqual([1])
    expect(span('reviewed', CLASS_CODES.indexOf('NGS'))).toEqual([2, 4])
    expect(span('machine', CLASS_CODES.indexOf('NGS'))).toEqual([1, 2, 4])
    expect(span('machine', UNNAMED)).toEqual([3])
  })

  it('marks what a person said and where the machine is unsure', () => {
    const { ids, read, unsure } = boxTable(book, 'reviewed')
    const of = (id: number) => [...ids].indexOf(id)
    expect(read[of(1)]).toBe(1)
    expect(unsure[of(1)]).toBe(0)
    expect(unsure[of(4)]).toBe(1)
    expect(unsure[of(3)]).toBe(0)
  })

  it('keeps what does not count, marked', () => {
    const { ids, leftOut, count } = boxTable(withCells(EMPTY_BOOK, [cell(1), cell(2, { leftOut: 'focus' })]), 'machine')
    expect(count).toBe(2)
    expect([...ids].map((id, row) => [id, leftOut[row]])).toEqual([
      [1, 0],
      [2, 1],
    ])
  })

  it('finds the cell under a point, and none beside it', () => {
    const table = boxTable(book, 'reviewed')
    expect(cellAt(table, 1040, 520, 0)).toBe(1)
    expect(cellAt(table, 1060, 520, 0)).toBeNull()
    expect(cellAt(table, 1060, 520, 200)).toBe(1)
  })
})

describe('the field in work', () => {
  const field: Field = {
    index: 0,
    slideX: 1000,
    slideY: 2000,
    widthPx: 2048,
    heightPx: 1536,
    owned: { x: 1000, y: 2000, width: 2048, height: 1536 },
    stage: { xUm: 500, yUm: 700, zUm: 3 },
    image: null,
    focusScore: null,
    quality: null,
    focus: null,
    leftOut: null,
    stitch: null,
    cells: 0,
    revision: 1,
  }
  const slide = {
    runId: 1,
    widthPx: 1e5,
    heightPx: 1e5,
    pixelSizeUm: 0.1,
    pixelSizeEstimate: null,
    tileSizePx: 512,
    levels: 18,
    lowestLevel: 9,
  }

  it('lies as far from a committed field as the stage has moved', () => {
    expect(fieldInWork({ xUm: 600, yUm: 690 }, [field], slide)).toEqual({ x: 2000, y: 1900, width: 2048, height: 1536 })
  })

  it('so does an area of the stage, by the middle of the field', () => {
    const area = { xUm: 510, yUm: 690, widthUm: 300, heightUm: 80 }
    expect(onSlide(area, [field], slide)).toEqual({ x: 1100 + 1024, y: 1900 + 768, width: 3000, height: 800 })
    expect(onSlide(area, [], slide)).toBeNull()
  })

  it('is not known without a stage or a committed field', () => {
    expect(fieldInWork(null, [field], slide)).toBeNull()
    expect(fieldInWork({ xUm: 0, yUm: 0 }, [], slide)).toBeNull()
  })

  it('is taken in by the extent', () => {
    expect(extent([])).toBeNull()
    expect(
      extent([
        { x: 0, y: 5, width: 10, height: 10 },
        { x: 20, y: 0, width: 5, height: 5 },
      ]),
    ).toEqual({ x: 0, y: 0, width: 25, height: 15 })
  })
})
