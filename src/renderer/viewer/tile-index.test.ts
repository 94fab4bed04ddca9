import { describe, expect, it } from 'vitest'
import type { Field, SlideInfo } from '../../shared/contract/slide.ts'
import { TileIndex, tilesUnder } from './tile-index.ts'

const slide: SlideInfo = {
  runId: 1,
  widthPx: 8000,
  heightPx: 6000,
  pixelSizeUm: 0.092,
  pixelSizeEstimate: null,
  tileSizePx: 512,
  levels: 14,
  lowestLevel: 9,
}

const field = (index: number, slideX: number, slideY: number, revision = index + 1): Field => ({
  index,
  slideX,
  slideY,
  widthPx: 2048,
  heightPx: 1536,
  owned: { x: slideX, y: slideY, width: 2048, height: 1536 },
  stage: null,
  image: null,
  focusScore: null,
  cells: 0,
  revision,
})

describe('tiles under a field', () => {
  it('are those of every level from the lowest kept to full resolution', () => {
    const tiles = [...tilesUnder(field(0, 0, 0), slide)]
    const at = (level: number) => tiles.filter((tile) => tile.level === level).map(({ x, y }) => `${x}_${y}`)
    expect(at(13)).toHaveLength(4 * 3)
    expect(at(12)).toEqual(['0_0', '1_0', '0_1', '1_1'])
    expect(at(9)).toEqual(['0_0'])
    expect(at(8)).toEqual([])
  })

  it('leave out a tile the field only borders on', () => {
    const tiles = [...tilesUnder(field(0, 512, 512), slide)].filter((tile) => tile.level === 13)
    expect(Math.min(...tiles.map((tile) => tile.x))).toBe(1)
    expect(Math.max(...tiles.map((tile) => tile.x))).toBe(4)
    expect(Math.max(...tiles.map((tile) => tile.y))).toBe(3)
  })

  it('stay on the slide where a field reaches beyond it', () => {
    const tiles = [...tilesUnder(field(0, 7000, 5500), slide)].filter((tile) => tile.level === 13)
    expect(Math.max(...tiles.map((tile) => tile.x))).toBe(Math.floor(7999 / 512))
    expect(Math.max(...tiles.map((tile) => tile.y))).toBe(Math.floor(5999 / 512))
    expect([...tilesUnder(field(0, 9000, 0), slide)]).toEqual([])
  })
})

describe('the index of tiles', () => {
  it('knows only what committed fields touch, and the newest revision on each tile', () => {
    const index = new TileIndex(slide)
    const tile = { level: 13, x: 0, y: 0 }
    expect(index.has(tile)).toBe(false)
    expect(index.revision(tile)).toBe(0)
    index.add([field(0, 0, 0, 5)])
    expect(index.has(tile)).toBe(true)
    expect(index.has({ level: 13, x: 10, y: 0 })).toBe(false)
    index.add([field(1, 100, 0, 9)])
    expect(index.revision(tile)).toBe(9)
  })

  it('answers each touched tile once', () => {
    const touched = new TileIndex(slide).add([field(0, 0, 0), field(1, 1900, 0)])
    const keys = touched.map(({ level, x, y }) => `${level}/${x}_${y}`)
    expect(new Set(keys).size).toBe(keys.length)
    expect(keys.filter((key) => key === '9/0_0')).toHaveLength(1)
  })
})
