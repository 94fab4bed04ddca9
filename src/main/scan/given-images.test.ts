import { describe, expect, it } from 'vitest'
import { type RgbImage, rgbMemory } from '../../shared/image.ts'
import { Random } from '../microscope/simulator/random.ts'
import { GivenImages } from './given-images.ts'

const SIZE = { widthPx: 80, heightPx: 60 }
const here = { xUm: 1000, yUm: 2000, zUm: 30 }
const there = { ...here, xUm: 1150 }

function image(value: (i: number) => number): RgbImage {
  const data = rgbMemory(SIZE.widthPx, SIZE.heightPx)
  for (let i = 0; i < data.length; i++) data[i] = value(i)
  return { data, ...SIZE }
}

/** Glass as a camera with noise of two grey levels sees it. */
function exposure(seed: number): RgbImage {
  const random = new Random(seed)
  return image(() => 225 + 2 * random.normal())
}

describe('an image that was given before', () => {
  it('is told where the stage stood elsewhere, sideways or in height', () => {
    const given = new GivenImages()
    expect(given.isRepeated(exposure(1), here)).toBe(false)
    expect(given.isRepeated(exposure(1), there)).toBe(true)
    expect(given.isRepeated(exposure(1), { ...here, zUm: -900 })).toBe(true)
    expect(given.isRepeated(exposure(2), there)).toBe(false)
    expect(given.isRepeated(exposure(2), here)).toBe(true)
  })

  it('may be given at its own place again, as far as a stage comes back to it', () => {
    const given = new GivenImages()
    given.isRepeated(exposure(1), here)
    expect(given.isRepeated(exposure(1), here)).toBe(false)
    expect(given.isRepeated(exposure(1), { ...here, xUm: here.xUm + 3, yUm: here.yUm - 3 })).toBe(false)
  })

  it('is told by its last byte, and by its first', () => {
    for (const at of [0, 3 * SIZE.widthPx * SIZE.heightPx - 1]) {
      const given = new GivenImages()
      given.isRepeated(exposure(1), here)
      const other = exposure(1)
      other.data[at] ^= 1
      expect(given.isRepeated(other, there)).toBe(false)
    }
  })

  it('is told among the buffers that a driver hands round', () => {
    const given = new GivenImages()
    for (let i = 0; i < 50; i++) expect(given.isRepeated(exposure(i), { ...here, yUm: 150 * i })).toBe(false)
    for (let i = 0; i < 50; i++) expect(given.isRepeated(exposure(i), { ...here, yUm: 150 * (50 + i) })).toBe(true)
  })
})

describe('a plain image', () => {
  it.each([
    ['overexposed', () => 255],
    ['black', () => 0],
    ['clipped below the end of the scale', () => 252],
    ['black but for a stuck pixel', (i: number) => (i === 3000 ? 255 : 0)],
    ['of one colour', (i: number) => [255, 240, 255][i % 3]!],
  ])('that is %s may be given anywhere', (_what, value) => {
    const given = new GivenImages()
    given.isRepeated(image(value), here)
    expect(given.isRepeated(image(value), there)).toBe(false)
  })

  it('is none with a cell in it', () => {
    const cell = (i: number) => {
      const [x, y] = [Math.floor(i / 3) % SIZE.widthPx, Math.floor(i / 3 / SIZE.widthPx)]
      return Math.hypot(x - 40, y - 30) < 8 ? 120 + 5 * (x % 7) : 255
    }
    const given = new GivenImages()
    given.isRepeated(image(cell), here)
    expect(given.isRepeated(image(cell), there)).toBe(true)
  })
})
