import { expect, test } from 'vitest'
import { levelSize, slideGeometry, tileRect, tilesIn } from './geometry.ts'

test.each([
  [65_536, 65_536, 17, 9],
  [20_000, 15_000, 16, 9],
  [513, 512, 11, 9],
  [512, 512, 10, 9],
  [300, 200, 10, 9],
  [1, 1, 1, 0],
])('%i x %i px has %i levels, the lowest kept is %i', (width, height, levels, lowestLevel) => {
  const geometry = slideGeometry(width, height)
  expect(geometry).toMatchObject({ levels, lowestLevel })
  expect(levelSize(geometry, levels - 1)).toEqual({ width, height })
  expect(levelSize(geometry, 0)).toEqual({ width: 1, height: 1 })
  const lowest = levelSize(geometry, lowestLevel)
  expect(Math.max(lowest.width, lowest.height)).toBeLessThanOrEqual(512)
})

test('tiles at the edge end with their level', () => {
  const geometry = slideGeometry(1300, 700)
  expect(tilesIn({ left: 0, top: 0, right: 1300, bottom: 700 })).toEqual({ left: 0, top: 0, right: 3, bottom: 2 })
  expect(tileRect(geometry, geometry.levels - 1, 2, 1)).toEqual({ left: 1024, top: 512, right: 1300, bottom: 700 })
})
