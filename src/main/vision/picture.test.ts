import { expect, test } from 'vitest'
import type { RgbImage } from '../../shared/image.ts'
import { decodeImage } from '../images/read-image.ts'
import { pictureOf } from './picture.ts'

/** Left half red, right half blue. */
function halves(widthPx: number, heightPx: number): RgbImage {
  const data = new Uint8Array(widthPx * heightPx * 3)
  for (let i = 0; i < widthPx * heightPx; i++) data[3 * i + (i % widthPx < widthPx / 2 ? 0 : 2)] = 220
  return { data, widthPx, heightPx }
}

async function colourAt(jpeg: Uint8Array, across: number, down: number): Promise<string> {
  const { data, widthPx, heightPx } = await decodeImage(Buffer.from(jpeg), 'picture')
  const i = 3 * (Math.floor(down * heightPx) * widthPx + Math.floor(across * widthPx))
  return data[i] > data[i + 2] ? 'red' : 'blue'
}

test.each([
  [0.02, 313],
  [0.092, 272],
  [0.3, 83],
])('at %f um a pixel the picture is 25 um wide', async (pixelSizeUm, sidePx) => {
  const { widthPx, heightPx } = await decodeImage(
    Buffer.from(pictureOf(halves(900, 700), 450, 350, pixelSizeUm)),
    'picture',
  )
  expect([widthPx, heightPx]).toEqual([sidePx, sidePx])
})

test('shows what lies where, its point in the middle', async () => {
  const picture = pictureOf(halves(900, 700), 450, 350, 0.092)
  expect(await colourAt(picture, 0.4, 0.5)).toBe('red')
  expect(await colourAt(picture, 0.6, 0.5)).toBe('blue')
})

test.each([
  [0, 0, 'red'],
  [899, 699, 'blue'],
])('repeats the outermost pixels beyond the corner at %i, %i', async (x, y, colour) => {
  const picture = pictureOf(halves(900, 700), x, y, 0.092)
  for (const [across, down] of [
    [0.05, 0.05],
    [0.95, 0.05],
    [0.05, 0.95],
    [0.95, 0.95],
  ]) {
    expect(await colourAt(picture, across, down)).toBe(colour)
  }
})
