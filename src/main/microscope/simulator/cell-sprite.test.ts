import { describe, expect, test } from 'vitest'
import { CLASS_CODES } from '../../../shared/taxonomy.ts'
import { cellOutline, cellRadiusUm } from './cell-size.ts'
import { ABSORPTION_STEPS, drawCell } from './cell-sprite.ts'
import { makeStain } from './stain.ts'

const stain = makeStain(1, 0)

describe.each(CLASS_CODES)('%s', (code) => {
  test('draws the same cell from the same seed and another from another', () => {
    const one = drawCell(code, 7, 0.184, 0.3, 0.6, stain)
    drawCell('BLA', 1, 0.2, 0, 0, stain)
    expect(drawCell(code, 7, 0.184, 0.3, 0.6, stain)).toEqual(one)
    expect(drawCell(code, 8, 0.184, 0.3, 0.6, stain).absorption).not.toEqual(one.absorption)
  })

  test('is drawn about as large as its outline says, around its centre', () => {
    for (let seed = 1; seed <= 12; seed++) {
      const outline = cellOutline(code, seed)
      expect(outline.radiusUm).toBe(cellRadiusUm(code, seed))
      const sprite = drawCell(code, seed, 0.184, 0.5, 0.5, stain)
      const width = sprite.width * 0.184
      expect(width).toBeGreaterThan(outline.halfWidthUm * 2 * 0.45)
      expect(width).toBeLessThan(outline.halfWidthUm * 2 * 1.45 + 2)
      expect(sprite.left).toBeLessThan(0)
      expect(sprite.left + sprite.width).toBeGreaterThan(0)
      expect(Math.max(...sprite.absorption)).toBeLessThanOrEqual(6 * ABSORPTION_STEPS)
    }
  })
})
