import { spawn } from 'node:child_process'
import { afterAll, expect, test } from 'vitest'
import { fieldPx } from '../../shared/geometry.ts'
import type { RgbImage } from '../../shared/image.ts'
import { decodeImage } from '../images/read-image.ts'
import { openAnalyser } from './analyser.ts'
import { cropForModel } from './crop.ts'
import { drawCells } from './drawn-cells.ts'

const PIXEL_UM = 0.1
const places = [
  { x: 150, y: 120 },
  { x: 420, y: 130 },
  { x: 300, y: 330 },
]
const field = drawCells(600, 450, PIXEL_UM, places)
const analyser = openAnalyser({ workers: 2 })
afterAll(() => analyser.close())

test('a field comes back with its cells in reading order, their model crops and pictures', async () => {
  const scale = { inputPx: 64, pixelSizeUm: 0.25 }
  const { detections, modelCrops, cropJpegs } = await analyser.analyse(field, PIXEL_UM, scale, null)
  expect(detections.map(({ xPx, yPx }) => [Math.round(xPx / 30), Math.round(yPx / 30)])).toEqual([
    [5, 4],
    [14, 4],
    [10, 11],
  ])
  expect(modelCrops).toHaveLength(3 * 64 * 64 * 3)
  const second = cropForModel(field, detections[1].xPx, detections[1].yPx, PIXEL_UM, scale)
  expect(modelCrops?.subarray(64 * 64 * 3, 2 * 64 * 64 * 3)).toEqual(second)
  for (const jpeg of cropJpegs) {
    const picture = await decodeImage(Buffer.from(jpeg), 'crop')
    expect([picture.widthPx, picture.heightPx]).toEqual([25 / PIXEL_UM, 25 / PIXEL_UM])
  }
})

test('only cells inside the given rectangle are cropped', async () => {
  const within = { origin: fieldPx(0, 0), width: 300, height: 225 }
  const { detections, modelCrops, cropJpegs } = await analyser.analyse(field, PIXEL_UM, null, within)
  expect([detections.length, modelCrops, cropJpegs.length]).toEqual([1, null, 1])
})

test('many fields at once each get their own answer, the same every time', async () => {
  const alone = await analyser.analyse(field, PIXEL_UM, null, null)
  const blank: RgbImage = { ...field, data: new Uint8Array(field.data.length).fill(230) }
  const answers = await Promise.all(
    Array.from({ length: 8 }, (_, i) => analyser.analyse(i % 2 === 0 ? field : blank, PIXEL_UM, null, null)),
  )
  for (const [i, answer] of answers.entries()) expect(answer.detections).toEqual(i % 2 === 0 ? alone.detections : [])
})

test.each([0, -1, 0.01, 0.6, 9.2, Number.NaN])(
  'a pixel size of %s um is refused with a remedy',
  async (pixelSizeUm) => {
    await expect(analyser.analyse(field, pixelSizeUm, null, null)).rejects.toMatchObject({
      code: 'pixel-size-implausible',
      detail: { remedy: expect.stringContaining('micrometres') },
    })
  },
)

test('an image too small to hold a cell at its scale is refused', async () => {
  const speck = { data: new Uint8Array(30 * 30 * 3), widthPx: 30, heightPx: 30 }
  await expect(analyser.analyse(speck, 0.05, null, null)).rejects.toMatchObject({ code: 'pixel-size-implausible' })
})

test('an image whose bytes do not fit its size is refused', async () => {
  const torn = { ...field, data: field.data.subarray(0, 1000) }
  await expect(analyser.analyse(torn, PIXEL_UM, null, null)).rejects.toMatchObject({ code: 'invalid-input' })
})

test('a thread that dies fails its own field; the pool goes on', async () => {
  const pool = openAnalyser({ workers: 1 })
  // A crop of this size cannot be allocated: the thread runs out of memory or throws, the caller sees an error either way.
  const absurd = { inputPx: 2 ** 20, pixelSizeUm: 0.1 }
  await expect(pool.analyse(field, PIXEL_UM, absurd, null)).rejects.toThrow(/analysis/)
  expect((await pool.analyse(field, PIXEL_UM, null, null)).detections).toHaveLength(3)
  await pool.close()
  await expect(pool.analyse(field, PIXEL_UM, null, null)).rejects.toThrow(/closed/)
})

test('closed at any moment of its start, the pool leaves the process alive', async () => {
  const analyserUrl = new URL('./analyser.ts', import.meta.url).href
  // A process of its own: what goes wrong here cannot be caught. Threads load native code in their first tenths of a second.
  const program = `
    const { openAnalyser } = await import(${JSON.stringify(analyserUrl)})
    for (let ms = 0; ms < 160; ms += 8) {
      const pool = openAnalyser({ workers: 2 })
      await new Promise((resolve) => setTimeout(resolve, ms))
      await pool.close()
    }
    process.exit()`
  const { promise, resolve } = Promise.withResolvers<unknown>()
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  child.once('close', (code, signal) => resolve(code ?? signal))
  expect(await promise, stderr).toBe(0)
})
