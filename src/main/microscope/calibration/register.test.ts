import { describe, expect, it } from 'vitest'
import type { RgbImage } from '../../../shared/image.ts'
import { hash, Random } from '../simulator/random.ts'
import { PlaneTransform } from './fft.ts'
import { greyPlane } from './grey-plane.ts'
import { LEAST_CERTAINTY, register, registrable } from './register.ts'

/** Soft spots seen from a place, so that any part of a pixel can be moved exactly; noise and stuck pixels stay with the sensor. */
function view(xPx: number, yPx: number, noiseSeed: number, pattern = 7): RgbImage {
  const [widthPx, heightPx] = [320, 240]
  const places = new Random(hash(pattern))
  const noise = new Random(hash(noiseSeed))
  const values = Float64Array.from({ length: widthPx * heightPx }, () => 200 + 2 * noise.normal())
  for (let spot = 0; spot < 700; spot++) {
    const [x, y] = [places.range(-200, 520) + xPx, places.range(-200, 440) + yPx]
    const [size, depth] = [places.range(1.5, 6), places.range(10, 70)]
    for (let j = Math.max(0, Math.ceil(y - 4 * size)); j < Math.min(heightPx, y + 4 * size); j++) {
      for (let i = Math.max(0, Math.ceil(x - 4 * size)); i < Math.min(widthPx, x + 4 * size); i++) {
        values[j * widthPx + i]! -= depth * Math.exp(-((i - x) ** 2 + (j - y) ** 2) / (2 * size * size))
      }
    }
  }
  const data = new Uint8Array(3 * widthPx * heightPx)
  for (const [i, value] of values.entries()) data.fill(Math.round(Math.max(0, Math.min(255, value))), 3 * i, 3 * i + 3)
  for (let i = 0; i < 5; i++) data.fill(255, 3 * (7919 * i + 300), 3 * (7919 * i + 300) + 3)
  return { data, widthPx, heightPx }
}

describe('register', () => {
  it('finds parts of a pixel, under noise and stuck pixels, wherever it is told to look', () => {
    const random = new Random(3)
    const from = registrable(view(0, 0, 1))
    for (let run = 0; run < 8; run++) {
      const [xPx, yPx] = [random.range(-90, 90), random.range(-70, 70)]
      const to = registrable(view(xPx, yPx, 2 + run))
      const shift = register(from, to, { xPx: xPx + random.range(-12, 12), yPx: yPx + random.range(-12, 12) })
      expect(Math.hypot(shift.xPx - xPx, shift.yPx - yPx), `${xPx}, ${yPx}`).toBeLessThan(0.2)
      expect(shift.certainty).toBeGreaterThan(LEAST_CERTAINTY)
    }
    const near = register(from, registrable(view(11.3, -17.6, 99)))
    expect(near.xPx).toBeCloseTo(11.3, 1)
    expect(near.yPx).toBeCloseTo(-17.6, 1)
  })

  it('does not take two places for one', () => {
    const from = registrable(view(0, 0, 1, 7))
    for (const pattern of [8, 9, 10])
      expect(register(from, registrable(view(0, 0, 2, pattern))).certainty).toBeLessThan(LEAST_CERTAINTY)
    // Nothing in common at all: the shift leads out of the image.
    expect(register(from, from, { xPx: 400, yPx: 0 }).certainty).toBe(0)
  })
})

describe('PlaneTransform', () => {
  it('comes back, and puts one wave into one place', () => {
    const transform = new PlaneTransform(16, 8)
    const re = Float64Array.from({ length: 128 }, (_, i) => Math.cos((2 * Math.PI * 3 * (i % 16)) / 16))
    const im = new Float64Array(128)
    const before = re.slice()
    transform.forward(re, im)
    expect(re[3]).toBeCloseTo(64)
    expect(re[13]).toBeCloseTo(64)
    expect(re.filter((value) => Math.abs(value) > 1e-9)).toHaveLength(2)
    transform.backward(re, im)
    for (const [i, value] of before.entries()) expect(re[i]! / 128).toBeCloseTo(value, 12)
    expect(() => new PlaneTransform(12, 8)).toThrow(RangeError)
  })
})

it('greyPlane takes the green channel in bins and leaves stuck pixels out', () => {
  const data = new Uint8Array(3 * 5 * 4)
  for (let i = 0; i < 20; i++) data[3 * i + 1] = 100
  data[3 * 6 + 1] = 255
  const plane = greyPlane({ data, widthPx: 5, heightPx: 4 }, 2)
  expect(plane).toMatchObject({ widthPx: 2, heightPx: 2, binned: 2 })
  expect([...plane.values]).toEqual([100, 100, 100, 100])
})
