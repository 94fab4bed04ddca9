import { expect, test } from 'vitest'
import type { RgbImage } from '../../shared/image.ts'
import { drawCells } from './drawn-cells.ts'
import { estimatePixelSize, type RedCellLook } from './estimate-pixel-size.ts'
import { viewRedCells } from './red-cells.ts'

const look: RedCellLook = async (image, diametersPx) => diametersPx.map((px) => viewRedCells(image, px))
const estimate = (images: readonly RgbImage[]) =>
  estimatePixelSize(
    images.map((image) => async () => image),
    look,
  )

const GLASS = [228, 226, 224]

/** Colours by place in micrometres; 60 x 45 um. */
function draw(pixelSizeUm: number, colour: (x: number, y: number) => readonly number[]): RgbImage {
  const [widthPx, heightPx] = [Math.round(60 / pixelSizeUm), Math.round(45 / pixelSizeUm)]
  const data = new Uint8Array(widthPx * heightPx * 3)
  for (let y = 0; y < heightPx; y++) {
    for (let x = 0; x < widthPx; x++)
      data.set(colour((x + 0.5) * pixelSizeUm, (y + 0.5) * pixelSizeUm), (y * widthPx + x) * 3)
  }
  return { data, widthPx, heightPx }
}

/** How far a point is from the middle of its square of a grid. */
const fromMiddle = (x: number, y: number, pitch: number): number =>
  Math.hypot((x % pitch) - pitch / 2, (y % pitch) - pitch / 2)

// Red cells 7.0 um across among lymphocytes of 10 um.
test.each([0.025, 0.05, 0.092, 0.15, 0.3])(
  'red cells of known size give the pixel size, %s um',
  async (pixelSizeUm) => {
    const field = drawCells(Math.round(90 / pixelSizeUm), Math.round(66 / pixelSizeUm), pixelSizeUm, [
      { x: 30 / pixelSizeUm, y: 30 / pixelSizeUm },
      { x: 55 / pixelSizeUm, y: 40 / pixelSizeUm },
    ])
    const found = await estimate([field])
    expect(Math.abs(found.pixelSizeUm / pixelSizeUm - 1)).toBeLessThan(0.05)
    expect(found.lowUm).toBeLessThanOrEqual(found.pixelSizeUm)
    expect(found.highUm).toBeGreaterThanOrEqual(found.pixelSizeUm)
    expect(found.redCells).toBeGreaterThanOrEqual(12)
    expect(found.images).toBe(1)
  },
)

test('red cells with a pale middle as light as glass count, specks and what is larger do not', async () => {
  const field = draw(0.1, (x, y) => {
    if (fromMiddle(x + 5.5, y + 5.5, 11) < 0.5) return [150, 110, 170]
    const r = fromMiddle(x, y, 11)
    if (x < 11 && y < 11) return r < 5.3 ? [206, 150, 146] : GLASS
    return r < 3.6 && r > 1.6 ? [206, 150, 146] : GLASS
  })
  expect(Math.abs((await estimate([field])).pixelSizeUm / 0.1 - 1)).toBeLessThan(0.05)
})

test('few red cells a field are enough where there are many fields; one number for them all', async () => {
  const one = (corner: number) =>
    draw(0.1, (x, y) => (Math.hypot(x - 15 - corner, y - 20) < 3.55 ? [206, 150, 146] : GLASS))
  const found = await estimate(Array.from({ length: 14 }, (_, i) => one(i)))
  expect(Math.abs(found.pixelSizeUm / 0.1 - 1)).toBeLessThan(0.05)
  expect(found).toMatchObject({ redCells: 14, images: 14 })
  await expect(estimate(Array.from({ length: 6 }, (_, i) => one(i)))).rejects.toMatchObject({
    code: 'pixel-size-unknown',
  })
})

test.each([
  ['bare glass', () => GLASS],
  ['one colour', () => [206, 150, 146]],
  ['nuclei alone', (x: number, y: number) => (fromMiddle(x, y, 11) < 3.6 ? [70, 40, 130] : GLASS)],
  ['stripes', (x: number) => (x % 8 < 4 ? [206, 150, 146] : GLASS)],
  // Sizes without a commonest one: nobody can say which are the red cells.
  [
    'discs of every size',
    (x: number, y: number) => (fromMiddle(x, y, 9) < 0.7 + Math.floor(x / 9) * 0.45 ? [206, 150, 146] : GLASS),
  ],
])('%s: the pixel size stays unknown, and the error says what to do', async (_, colour) => {
  await expect(estimate([draw(0.1, colour)])).rejects.toMatchObject({
    code: 'pixel-size-unknown',
    message: expect.stringContaining('too few red cells'),
    detail: { remedy: expect.stringContaining('micrometres') },
  })
})

test('no image: unknown', async () => {
  await expect(estimate([])).rejects.toMatchObject({ code: 'pixel-size-unknown' })
})

test('an image that cannot be read is told, not passed over', async () => {
  const unreadable = async (): Promise<RgbImage> => {
    throw new Error('torn')
  }
  await expect(estimatePixelSize([unreadable], look)).rejects.toThrow('torn')
})
