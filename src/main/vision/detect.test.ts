import { expect, test } from 'vitest'
import type { RgbImage } from '../../shared/image.ts'
import { detectCells } from './detect.ts'
import { drawCells } from './drawn-cells.ts'

/** A plain image, each pixel as `colour` says. */
function draw(widthPx: number, heightPx: number, colour: (x: number, y: number) => readonly number[]): RgbImage {
  const data = new Uint8Array(widthPx * heightPx * 3)
  for (let y = 0; y < heightPx; y++) for (let x = 0; x < widthPx; x++) data.set(colour(x, y), (y * widthPx + x) * 3)
  return { data, widthPx, heightPx }
}

const GLASS = [228, 226, 224]
const NUCLEUS = [70, 40, 130]
const CYTOPLASM = [214, 178, 212]

/** Discs of nucleus on discs of cytoplasm on glass; lengths in micrometres. */
function discs(
  pixelSizeUm: number,
  nuclei: readonly (readonly [x: number, y: number, radius: number])[],
  bodies: readonly (readonly [x: number, y: number, radius: number])[],
): RgbImage {
  const inside = (x: number, y: number, list: typeof nuclei) =>
    list.some(([cx, cy, radius]) => Math.hypot((x + 0.5) * pixelSizeUm - cx, (y + 0.5) * pixelSizeUm - cy) < radius)
  const side = Math.round(40 / pixelSizeUm)
  return draw(side, side, (x, y) => (inside(x, y, nuclei) ? NUCLEUS : inside(x, y, bodies) ? CYTOPLASM : GLASS))
}

test.each([0.03, 0.072, 0.1, 0.15, 0.3])(
  'cells are found where they are, boxed whole, at %s um a pixel',
  (pixelSizeUm) => {
    const at = (um: number) => um / pixelSizeUm
    const places = [
      { x: at(15), y: at(12) },
      { x: at(42), y: at(13) },
      { x: at(30), y: at(33) },
    ]
    const cells = detectCells(drawCells(Math.round(at(60)), Math.round(at(45)), pixelSizeUm, places), pixelSizeUm)
    expect(cells).toHaveLength(3)
    for (const [i, cell] of cells.entries()) {
      expect(Math.hypot(cell.xPx - places[i].x, cell.yPx - places[i].y) * pixelSizeUm).toBeLessThan(0.6)
      for (const size of [cell.widthPx, cell.heightPx]) {
        expect(size * pixelSizeUm).toBeGreaterThan(9.4)
        expect(size * pixelSizeUm).toBeLessThan(11.6)
      }
      expect(cell.score).toBeGreaterThan(0.5)
      expect(cell.score).toBeLessThanOrEqual(1)
      // The outline of a disc 10 um across: all corners 5 um from its centre, give or take a working pixel.
      expect(cell.outlinePx.length).toBeGreaterThan(16)
      for (let k = 0; k < cell.outlinePx.length; k += 2) {
        const [x, y] = [cell.outlinePx[k] - places[i].x, cell.outlinePx[k + 1] - places[i].y]
        expect(Math.abs(Math.hypot(x, y) * pixelSizeUm - 5)).toBeLessThan(0.8)
      }
    }
  },
)

test('the lobes of a granulocyte are one cell', () => {
  const lobes = [
    [17, 18, 2.2],
    [22.5, 17, 2.2],
    [20, 22.5, 2.2],
  ] as const
  const cells = detectCells(discs(0.1, lobes, [[20, 20, 7]]), 0.1)
  expect(cells).toHaveLength(1)
  expect(cells[0].widthPx * 0.1).toBeGreaterThan(13)
})

test('touching lymphocytes are two cells', () => {
  const pair = [
    [16.4, 20, 3.6],
    [23.4, 20, 3.6],
  ] as const
  expect(detectCells(discs(0.1, pair, pair), 0.1)).toHaveLength(2)
})

test('platelets, dust and red cells are not cells', () => {
  const specks = [
    [8, 8, 1.2],
    [20, 9, 1],
    [30, 30, 1.5],
  ] as const
  expect(detectCells(discs(0.1, specks, []), 0.1)).toEqual([])
  expect(detectCells(drawCells(600, 450, 0.1, []), 0.1)).toEqual([])
  const dust = draw(400, 400, (x, y) => (Math.hypot(x - 200, y - 200) < 50 ? [30, 30, 30] : GLASS))
  expect(detectCells(dust, 0.1)).toEqual([])
})

test('a platelet as large as a small cell is none: it is paler than the nuclei about it', () => {
  const cells = [
    [10, 12, 4],
    [30, 12, 4],
  ] as const
  const [small, pale] = [
    [12, 30, 2.4],
    [28, 30, 2.4],
  ] as const
  const side = 400
  const isIn = (x: number, y: number, [cx, cy, radius]: readonly [number, number, number]) =>
    Math.hypot((x + 0.5) * 0.1 - cx, (y + 0.5) * 0.1 - cy) < radius
  const image = draw(side, side, (x, y) =>
    [...cells, small].some((disc) => isIn(x, y, disc)) ? NUCLEUS : isIn(x, y, pale) ? [150, 110, 170] : GLASS,
  )
  const found = detectCells(image, 0.1)
  expect(found).toHaveLength(3)
  expect(Math.hypot(found[2].xPx - 120, found[2].yPx - 300)).toBeLessThan(5)
})

test('alone in a field, a small lymphocyte is a cell and a platelet as large is none: it thins out from its middle', () => {
  const alone = (density: (fromMiddleUm: number) => number) =>
    draw(300, 300, (x, y) => {
      const d = density(Math.hypot(x - 150, y - 150) * 0.1)
      return [224 * Math.exp(-1.2 * d), 222 * Math.exp(-1.4 * d), 224 * Math.exp(-0.5 * d)].map(Math.round)
    })
  const flat = alone((r) => (r < 3.2 ? 1 : 0))
  const bell = alone((r) => (r < 3.2 ? Math.exp(-0.5 * (r / 1.9) ** 2) : 0))
  expect(detectCells(flat, 0.1)).toHaveLength(1)
  expect(detectCells(bell, 0.1)).toEqual([])
})

test('a cell at the edge is found where its nucleus shows', () => {
  const cells = detectCells(discs(0.1, [[1, 20, 4]], [[1, 20, 6]]), 0.1)
  expect(cells).toHaveLength(1)
  expect(cells[0].xPx - cells[0].widthPx / 2).toBe(0)
})

test('images without contrast, tiny ones and those full of one colour hold no cells', () => {
  for (const colour of [GLASS, NUCLEUS, [0, 0, 0], [255, 255, 255], [206, 150, 146]]) {
    for (const [width, height] of [
      [1, 1],
      [3, 200],
      [160, 160],
    ]) {
      const cells = detectCells(
        draw(width, height, () => colour),
        0.1,
      )
      expect(cells).toEqual([])
    }
  }
})

test.each([160, 250])('a crop of %s px round one cell holds that cell', (side) => {
  const pixelSizeUm = 23 / side
  const cells = detectCells(drawCells(side, side, pixelSizeUm, [{ x: side / 2, y: side / 2 }]), pixelSizeUm)
  expect(cells).toHaveLength(1)
})

test('light that changes its colour over the field makes no cells of red ones, nor hides any', () => {
  const places = [
    { x: 150, y: 120 },
    { x: 420, y: 330 },
  ]
  const plain = drawCells(600, 450, 0.1, places)
  const loss = [0.4, 0.2, 0]
  const data = plain.data.map((value, i) => Math.round(value * (1 - (loss[i % 3] * (Math.floor(i / 3) % 600)) / 600)))
  const cells = detectCells({ ...plain, data }, 0.1)
  expect(cells).toHaveLength(places.length)
  for (const [i, cell] of cells.entries()) {
    expect(Math.hypot(cell.xPx - places[i].x, cell.yPx - places[i].y)).toBeLessThan(8)
  }
})

test('lighting and white balance do not matter, and the answer is always the same', () => {
  const places = [
    { x: 150, y: 120 },
    { x: 420, y: 130 },
  ]
  const plain = drawCells(600, 450, 0.1, places)
  const before = detectCells(plain, 0.1)
  expect(detectCells(plain, 0.1)).toEqual(before)
  for (const gains of [
    [0.6, 0.6, 0.6],
    [1.1, 0.95, 0.7],
    [0.75, 0.95, 1.1],
  ]) {
    const data = plain.data.map((value, i) => Math.min(255, Math.round(value * gains[i % 3])))
    const cells = detectCells({ ...plain, data }, 0.1)
    expect(cells).toHaveLength(before.length)
    for (const [i, cell] of cells.entries()) {
      expect(Math.hypot(cell.xPx - before[i].xPx, cell.yPx - before[i].yPx)).toBeLessThan(8)
    }
  }
})
