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
  quality: null,
  focus: null,
  leftOut: null,
  stitch: null,
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
  const tile = { level: 13, x: 0, y: 0 }
  const keys = (tiles: readonly { level: number; x: number; y: number }[]) =>
    tiles.map(({ level, x, y }) => `${level}/${x}_${y}`)

  it('knows only what committed fields touch', () => {
    const index = new TileIndex(slide)
    expect(index.has(tile)).toBe(false)
    index.take([field(0, 0, 0, 5)])
    expect(index.has(tile)).toBe(true)
    expect(index.has({ level: 13, x: 10, y: 0 })).toBe(false)
  })

  it('answers each touched tile once', () => {
    const touched = keys(new TileIndex(slide).take([field(0, 0, 0), field(1, 1900, 0)]))
    expect(new Set(touched).size).toBe(touched.length)
    expect(touched.filter((key) => key === '9/0_0')).toHaveLength(1)
  })

  it('gives a tile another version for other fields or other places, and the same for the same', () => {
    const index = new TileIndex(slide)
    index.take([field(0, 0, 0, 5)])
    const alone = index.version(tile)
    index.take([field(1, 100, 0, 9)])
    const both = index.version(tile)
    index.take([field(1, 4000, 0, 12)])
    expect(index.version(tile)).toBe(alone)
    index.take([field(0, 3, 0, 13)])
    expect(new Set([alone, both, index.version(tile)]).size).toBe(3)
    const other = new TileIndex(slide)
    other.take([field(1, 100, 0, 9), field(0, 0, 0, 5)])
    expect(other.version(tile)).toBe(both)
    // One that only the moved field touches knows nothing of the other.
    const apart = new TileIndex(slide)
    apart.take([field(1, 4000, 0, 12)])
    expect(index.version({ level: 13, x: 9, y: 0 })).toBe(apart.version({ level: 13, x: 9, y: 0 }))
  })

  it('answers the tiles of the old place and of the new, and no longer has those that all have left', () => {
    const index = new TileIndex(slide)
    index.take([field(0, 0, 0, 1), field(1, 0, 3072, 2)])
    const touched = keys(index.take([field(0, 5120, 0, 3)])).filter((key) => key.startsWith('13/'))
    expect(touched).toHaveLength(24)
    expect(touched).toContain('13/0_0')
    expect(touched).toContain('13/10_0')
    expect(index.has(tile)).toBe(false)
    expect(index.has({ level: 13, x: 0, y: 6 })).toBe(true)
    expect(index.has({ level: 13, x: 10, y: 0 })).toBe(true)
    expect(index.has({ level: 9, x: 0, y: 0 })).toBe(true)
  })
})
