import { expect, it } from 'vitest'
import { Random } from '../simulator/random.ts'
import { type RawFormat, rawBytes, toRgb } from './pixels.ts'

const pixelAt = (rgb: Uint8Array, widthPx: number, x: number, y: number) => [
  ...rgb.subarray(3 * (y * widthPx + x), 3 * (y * widthPx + x) + 3),
]

it('leaves RGB as it is, in memory of its own that threads can share', () => {
  const data = Uint8Array.from({ length: 2 * 3 * 3 }, (_, i) => i)
  const rgb = toRgb({ data, widthPx: 2, heightPx: 3, format: 'rgb24' })
  expect([...rgb]).toEqual([...data])
  expect(rgb.buffer).toBeInstanceOf(SharedArrayBuffer)
})

it('makes three alike of grey', () => {
  const rgb = toRgb({ data: Uint8Array.of(0, 90, 255, 7), widthPx: 2, heightPx: 2, format: 'gray' })
  expect([...rgb]).toEqual([0, 0, 0, 90, 90, 90, 255, 255, 255, 7, 7, 7])
})

/** As JFIF has them, full range. */
const COLOURS = [
  { ycc: [76, 85, 255], rgb: [254, 0, 0] },
  { ycc: [150, 44, 21], rgb: [0, 255, 1] },
  { ycc: [29, 255, 107], rgb: [0, 0, 254] },
  { ycc: [180, 128, 128], rgb: [180, 180, 180] },
]

it.each(['nv12', 'yuv420p'] as const)('takes %s for the colours of JFIF, also of odd sizes', (format) => {
  const [widthPx, heightPx] = [5, 3]
  for (const { ycc, rgb } of COLOURS) {
    const data = new Uint8Array(rawBytes(format, widthPx, heightPx))
    expect(data.length).toBe(15 + 2 * 6)
    data.fill(ycc[0], 0, 15)
    for (let i = 0; i < 6; i++) {
      data[format === 'nv12' ? 15 + 2 * i : 15 + i] = ycc[1]
      data[format === 'nv12' ? 16 + 2 * i : 21 + i] = ycc[2]
    }
    const image = toRgb({ data, widthPx, heightPx, format })
    for (const [x, y] of [
      [0, 0],
      [4, 2],
      [3, 1],
    ]) {
      for (const [i, value] of pixelAt(image, widthPx, x, y).entries()) {
        expect(Math.abs(value - rgb[i])).toBeLessThanOrEqual(1)
      }
    }
  }
})

const noise = (length: number, seed: number) => {
  const random = new Random(seed)
  return Uint8Array.from({ length }, () => Math.floor(256 * random.next()))
}

it.each([
  ['nv12', 37, 5],
  ['yuv420p', 64, 4],
  ['yuv420p', 35, 7],
] as const)('rounds the colours of %s, %d x %d, to the nearest', (format, widthPx, heightPx) => {
  const data = noise(rawBytes(format, widthPx, heightPx), 11)
  const image = toRgb({ data, widthPx, heightPx, format })
  const halfWidth = Math.ceil(widthPx / 2)
  const differences = data.subarray(widthPx * heightPx)
  for (let y = 0; y < heightPx; y++) {
    for (let x = 0; x < widthPx; x++) {
      const at = (y >> 1) * halfWidth + (x >> 1)
      const [cb, cr] = (
        format === 'nv12'
          ? [differences[2 * at], differences[2 * at + 1]]
          : [differences[at], differences[halfWidth * Math.ceil(heightPx / 2) + at]]
      ).map((value) => value - 128)
      const luma = data[y * widthPx + x]
      const exact = [luma + 1.402 * cr, luma - 0.344136 * cb - 0.714136 * cr, luma + 1.772 * cb]
      for (const [i, value] of pixelAt(image, widthPx, x, y).entries()) {
        const within = Math.min(255, Math.max(0, exact[i]))
        expect(Math.abs(value - within), `${x} ${y} ${i}`).toBeLessThan(0.505)
      }
    }
  }
})

/** Which of red, green, blue a Bayer filter passes at a place. */
const passes: Record<string, (x: number, y: number) => number> = {
  'bayer-rg8': (x, y) => (y % 2 === 0 ? [0, 1][x % 2] : [1, 2][x % 2]),
  'bayer-gr8': (x, y) => (y % 2 === 0 ? [1, 0][x % 2] : [2, 1][x % 2]),
  'bayer-gb8': (x, y) => (y % 2 === 0 ? [1, 2][x % 2] : [0, 1][x % 2]),
  'bayer-bg8': (x, y) => (y % 2 === 0 ? [2, 1][x % 2] : [1, 0][x % 2]),
}

it.each(Object.keys(passes))(
  'interpolates %s: flat colours exactly, ramps but for rounding, what was measured untouched',
  (name) => {
    const format = name as RawFormat
    const [widthPx, heightPx] = [12, 10]
    const mosaic = (colour: (x: number, y: number) => number[]) =>
      Uint8Array.from({ length: widthPx * heightPx }, (_, i) => {
        const [x, y] = [i % widthPx, Math.floor(i / widthPx)]
        return colour(x, y)[passes[name](x, y)]
      })
    const flat = toRgb({ data: mosaic(() => [200, 90, 30]), widthPx, heightPx, format })
    for (let i = 0; i < widthPx * heightPx; i++) expect([...flat.subarray(3 * i, 3 * i + 3)]).toEqual([200, 90, 30])
    const ramp = (x: number, y: number) => [10 * x + y, 5 * x + 12 * y, 200 - 8 * x]
    const image = toRgb({ data: mosaic(ramp), widthPx, heightPx, format })
    for (let y = 1; y < heightPx - 1; y++) {
      for (let x = 1; x < widthPx - 1; x++) {
        for (const [i, value] of pixelAt(image, widthPx, x, y).entries()) {
          expect(Math.abs(value - ramp(x, y)[i]), `${x} ${y} ${i}`).toBeLessThanOrEqual(1)
        }
      }
    }
    const random = new Random(5)
    const noise = mosaic(() => [0, 1, 2].map(() => Math.floor(256 * random.next())))
    const noisy = toRgb({ data: noise, widthPx, heightPx, format })
    noise.forEach((value, i) => {
      expect(noisy[3 * i + passes[name](i % widthPx, Math.floor(i / widthPx))]).toBe(value)
    })
  },
)

/** Of each colour the mean of the nearest pixels, or pairs or fours of them, whose filter passes it; edges mirrored. */
it.each(Object.keys(passes))('fills in %s from the nearest pixels, at the edges too', (name) => {
  for (const [widthPx, heightPx] of [
    [37, 5],
    [48, 6],
    [2, 2],
  ]) {
    const data = noise(widthPx * heightPx, 12)
    const image = toRgb({ data, widthPx, heightPx, format: name as RawFormat })
    const mirrored = (at: number, size: number) => (at < 0 ? -at : at >= size ? 2 * size - 2 - at : at)
    for (let y = 0; y < heightPx; y++) {
      for (let x = 0; x < widthPx; x++) {
        const near: { colour: number; distance: number; value: number }[] = []
        for (let dy = -1; dy <= 1; dy++) {
          for (let dx = -1; dx <= 1; dx++) {
            const [column, row] = [mirrored(x + dx, widthPx), mirrored(y + dy, heightPx)]
            const value = data[row * widthPx + column]
            near.push({ colour: passes[name](column, row), distance: Math.hypot(dx, dy), value })
          }
        }
        const expected = [0, 1, 2].map((colour) => {
          const having = near.filter((each) => each.colour === colour)
          const nearest = Math.min(...having.map(({ distance }) => distance))
          const values = having.filter(({ distance }) => distance === nearest).map(({ value }) => value)
          return Math.floor(values.reduce((sum, value) => sum + value, 0) / values.length + 0.5)
        })
        expect(pixelAt(image, widthPx, x, y), `${widthPx}: ${x} ${y}`).toEqual(expected)
      }
    }
  }
})
