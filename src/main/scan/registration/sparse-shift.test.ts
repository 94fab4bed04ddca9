import { expect, it } from 'vitest'
import { fieldPx } from '../../../shared/geometry.ts'
import { hash, Random } from '../../microscope/simulator/random.ts'
import { comparedScale } from './compared-scale.ts'
import { readyPart } from './match.ts'
import { sparseShift } from './sparse-shift.ts'

const PIXEL_SIZE_UM = 0.092
const SIDE_PX = 300
const scale = comparedScale(PIXEL_SIZE_UM)

/** Details of glass with one dark line of a length in it, fading out at both ends, `dx` and `dy` field pixels off the middle. */
function line(lengthUm: number, dx: number, dy: number, seed: number) {
  const noise = new Random(hash(seed))
  const data = new Uint8Array(3 * SIDE_PX * SIDE_PX)
  for (let i = 0; i < SIDE_PX * SIDE_PX; i++) {
    const x = (i % SIDE_PX) - SIDE_PX / 2 - dx
    const y = Math.floor(i / SIDE_PX) - SIDE_PX / 2 - dy
    const along = (0.6 * x - 0.8 * y) * PIXEL_SIZE_UM
    const across = 0.8 * x + 0.6 * y
    const dark = Math.exp(-((along / (lengthUm / 2)) ** 4)) * Math.exp(-((across / 8) ** 2))
    data.fill(Math.round(225 - 60 * dark + 2 * noise.normal()), 3 * i, 3 * i + 3)
  }
  const image = { data, widthPx: SIDE_PX, heightPx: SIDE_PX }
  return readyPart({ image, corner: fieldPx(0, 0), binning: 1 }, scale).details
}

const shiftOf = (lengthUm: number) =>
  sparseShift(line(lengthUm, 0, 0, 1), line(lengthUm, -20, 14, 2), { x: 0, y: 0 }, 12 / scale.pixelUm, scale.pixelUm)!

it('the one thing in an overlap tells the shift, and how much less alike everything else is', () => {
  const { by, score, next } = shiftOf(3)
  expect(Math.hypot(by.x + 10, by.y - 7)).toBeLessThan(0.1)
  expect(score).toBeGreaterThan(0.9)
  expect(score - next).toBeGreaterThan(0.2)
})

it('a long line is nearly as much alike a little farther along: the slope of its one hill says so', () => {
  const { score, next } = shiftOf(8)
  expect(score).toBeGreaterThan(0.9)
  expect(score - next).toBeLessThan(0.2)
})
