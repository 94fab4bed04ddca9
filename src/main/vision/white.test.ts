import { expect, test } from 'vitest'
import { Random } from '../microscope/simulator/random.ts'
import type { ReducedImage } from './reduce.ts'
import { estimateWhite, whiteAt } from './white.ts'

/** Glass under a light, three fifths of it under cells that take two thirds of the green. */
function field(light: (x: number, y: number) => readonly [number, number, number], covered = 0.6): ReducedImage {
  const [widthPx, heightPx] = [256, 192]
  const random = new Random(5)
  const [red, green, blue] = [0, 1, 2].map(() => new Uint8Array(widthPx * heightPx)) as [
    Uint8Array,
    Uint8Array,
    Uint8Array,
  ]
  const stained = Array.from({ length: 16 * 12 }, () => random.chance(covered))
  for (let y = 0; y < heightPx; y++) {
    for (let x = 0; x < widthPx; x++) {
      const [r, g, b] = light((2 * x) / widthPx - 1, (2 * y) / heightPx - 1)
      const isStained = stained[Math.floor(y / 16) * 16 + Math.floor(x / 16)]
      const noise = 2 * random.normal()
      red[y * widthPx + x] = (isStained ? r * 0.7 : r) + noise
      green[y * widthPx + x] = (isStained ? g * 0.34 : g) + noise
      blue[y * widthPx + x] = (isStained ? b * 0.8 : b) + noise
    }
  }
  return { red, green, blue, widthPx, heightPx, factor: 4 }
}

test('follows light that falls off and changes its colour, between the cells', () => {
  const light = (x: number, y: number) =>
    [205 * (1 - 0.15 * x), 225 * (1 - 0.12 * (x * x + y * y)), 200 * (1 + 0.1 * x)] as const
  const white = estimateWhite(field(light))
  for (const [x, y] of [
    [0, 0],
    [-0.8, 0.7],
    [0.9, 0.9],
    [0.5, -0.9],
  ]) {
    const [r, g, b] = light(x, y)
    expect(whiteAt(white, 0, x, y) / r).toBeCloseTo(1, 1)
    expect(whiteAt(white, 1, x, y) / g).toBeCloseTo(1, 1)
    expect(whiteAt(white, 2, x, y) / b).toBeCloseTo(1, 1)
  }
})

test('takes the light for even where hardly any glass shows', () => {
  const white = estimateWhite(field(() => [230, 225, 200], 0.98))
  expect(whiteAt(white, 1, -0.9, 0.9)).toBe(whiteAt(white, 1, 0.9, -0.9))
})
