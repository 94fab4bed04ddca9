import { expect, test } from 'vitest'
import { Random } from '../microscope/simulator/random.ts'
import { reduceImage } from './reduce.ts'

const SIZES: readonly (readonly [width: number, height: number, factor: number])[] = [
  [64, 40, 4],
  [61, 37, 4],
  [64, 40, 8],
  [68, 38, 12],
  [66, 35, 8],
  [63, 41, 3],
  [50, 50, 5],
  [31, 20, 2],
  [40, 19, 1],
  [70, 75, 18],
  [3, 50, 5],
  [1, 1, 4],
]

test.each(SIZES)(
  '%s x %s px by %s: the mean of every square, from four on of every second row',
  (width, height, factor) => {
    const random = new Random(width)
    // One byte in front: rows then begin at no whole word.
    for (const offset of [0, 1]) {
      const data = new Uint8Array(width * height * 3 + offset).subarray(offset)
      for (let i = 0; i < data.length; i++) data[i] = random.int(256)
      const reduced = reduceImage({ data, widthPx: width, heightPx: height }, factor)
      expect([reduced.widthPx, reduced.heightPx]).toEqual([
        Math.max(1, Math.floor(width / factor)),
        Math.max(1, Math.floor(height / factor)),
      ])
      for (const [c, plane] of [reduced.red, reduced.green, reduced.blue].entries()) {
        for (const [i, value] of plane.entries()) {
          const left = (i % reduced.widthPx) * factor
          const top = Math.floor(i / reduced.widthPx) * factor
          let [sum, count] = [0, 0]
          for (let y = top; y < Math.min(top + factor, height); y += factor >= 4 ? 2 : 1) {
            for (let x = left; x < Math.min(left + factor, width); x++) {
              sum += data[(y * width + x) * 3 + c]
              count++
            }
          }
          expect(value).toBe(Math.floor(sum / count + 0.5))
        }
      }
    }
  },
)
