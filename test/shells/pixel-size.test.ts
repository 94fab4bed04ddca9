/** A pixel size nobody knows, through the command line: estimated, said to be an estimate, kept with the run. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import sharp from 'sharp'
import { beforeAll, describe, expect, test } from 'vitest'
import { openBench } from '../../src/main/bench/bench.ts'
import { drawCells } from '../../src/main/vision/drawn-cells.ts'
import type { RgbImage } from '../../src/shared/image.ts'
import { temporaryFolder } from '../support/data-folder.ts'
import { medulla, ROOT } from '../support/medulla.ts'

const PIXEL_UM = 0.15
const MODEL = ['--model', path.join(ROOT, 'test/fixtures/models/colour')]
const data = temporaryFolder()
const fields = path.join(data, 'fields')
const bare = path.join(data, 'bare')

async function save(image: RgbImage, file: string): Promise<void> {
  const raw = { width: image.widthPx, height: image.heightPx, channels: 3 } as const
  await sharp(Buffer.from(image.data), { raw }).png().toFile(file)
}

beforeAll(async () => {
  for (const folder of [fields, bare]) mkdirSync(folder)
  for (let i = 0; i < 3; i++) {
    writeFileSync(path.join(fields, `field-${i}.json`), JSON.stringify({ cells: [{ x: 150 + 40 * i, y: 200 }] }))
    await save(drawCells(600, 440, PIXEL_UM, [{ x: 150 + 40 * i, y: 200 }]), path.join(fields, `field-${i}.png`))
    const glass = { data: new Uint8Array(400 * 300 * 3).fill(226), widthPx: 400, heightPx: 300 }
    await save(glass, path.join(bare, `field-${i}.png`))
  }
})

const ESTIMATE = {
  pixelSizeUm: expect.any(Number),
  pixelSizeEstimate: { redCells: expect.any(Number), images: 3, lowUm: expect.any(Number), highUm: expect.any(Number) },
}
const isNear = (um: unknown) => expect(Math.abs((um as number) / PIXEL_UM - 1)).toBeLessThan(0.05)

describe('--pixel-size auto', () => {
  test('detect finds the cells, says what it took the pixel size to be and from what; outlines come along', async () => {
    const { json, exitCode, stderr } = await medulla(['detect', fields, '--pixel-size', 'auto', '--data', data])
    expect(exitCode, stderr).toBe(0)
    expect(json).toMatchObject(ESTIMATE)
    const found = json as { pixelSizeUm: number; images: { pixelSizeUm: number; cells: { outlinePx: number[] }[] }[] }
    isNear(found.pixelSizeUm)
    expect(found.images.map(({ cells }) => cells.length)).toEqual([1, 1, 1])
    expect(found.images.every(({ pixelSizeUm }) => pixelSizeUm === found.pixelSizeUm)).toBe(true)
    expect(found.images[0].cells[0].outlinePx.length).toBeGreaterThan(16)
  })

  test('evaluate --fields sees them at the estimate', async () => {
    const { json, stderr } = await medulla([
      'evaluate',
      '--fields',
      fields,
      '--pixel-size',
      'auto',
      '--data',
      data,
      ...MODEL,
    ])
    expect(json, stderr).toMatchObject({ ...ESTIMATE, cells: 3, found: 3, extra: 0 })
    isNear((json as { pixelSizeUm: number }).pixelSizeUm)
  })

  test('a stated pixel size is not called an estimate', async () => {
    const { json } = await medulla(['detect', fields, '--pixel-size', String(PIXEL_UM), '--data', data])
    expect(json).toMatchObject({ pixelSizeUm: PIXEL_UM, pixelSizeEstimate: null })
  })

  test('a scan keeps the estimate with its run, and says so again when asked later', async () => {
    const scan = ['scan', '--rig', 'folder', '--images', fields, '--pixel-size', 'auto', '--data', data, ...MODEL]
    const { json, exitCode, stderr } = await medulla(scan)
    expect(exitCode, stderr).toBe(0)
    expect(json).toMatchObject({ ...ESTIMATE, fields: 3, cells: 3 })
    isNear((json as { pixelSizeUm: number }).pixelSizeUm)
    const { runId } = json as { runId: number }
    const bench = await openBench({ dataFolder: data })
    try {
      const info = await bench.client.slide.info({ runId })
      expect(info).toMatchObject(ESTIMATE)
      expect((await bench.client.runs.get({ runId })).rig).toMatchObject({ pixelSizeUm: 'auto' })
    } finally {
      await bench.close()
    }
  })

  test('text says it too', async () => {
    const args = ['src/main/cli.ts', 'detect', fields, '--pixel-size', 'auto', '--data', data]
    const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8' })
    expect(stdout, stderr).toMatch(/Pixel size 0\.1\d+ um: estimated from \d+ red cells in 3 images/)
  })

  test.each([
    ['detect', () => ['detect', bare]],
    ['scan', () => ['scan', '--rig', 'folder', '--images', bare, ...MODEL]],
    ['classify', () => ['classify', bare, ...MODEL]],
  ])('%s of images without red cells: it stays unknown, nothing is stored', async (_, command) => {
    const { json, exitCode } = await medulla([...command(), '--pixel-size', 'auto', '--data', path.join(data, 'other')])
    expect(exitCode).not.toBe(0)
    expect(json).toMatchObject({
      error: { code: 'pixel-size-unknown', remedy: expect.stringContaining('micrometres') },
    })
  })

  test('crops are refused: they cut their red cells', async () => {
    const { json, exitCode } = await medulla(['evaluate', '--crops', fields, '--pixel-size', 'auto', '--data', data])
    expect(exitCode).not.toBe(0)
    expect(json).toMatchObject({ error: { code: 'invalid-input' } })
  })
})
