import { cpSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Cell } from '../../src/shared/contract/cells.ts'
import type { StoredModel, Verification } from '../../src/shared/contract/models.ts'
import type { Reading } from '../../src/shared/contract/readings.ts'
import { temporaryFolder } from '../support/data-folder.ts'
import { medulla, ROOT, startMedulla } from '../support/medulla.ts'

const FULL = path.join(ROOT, 'test/fixtures/models/colour-full')
const COLOUR = path.join(ROOT, 'test/fixtures/models/colour')

describe('model, on the command line', () => {
  const data = temporaryFolder()
  const model = (...args: string[]) => medulla(['model', ...args, '--data', data])

  test('adds, lists, uses and removes', async () => {
    expect((await model('add', FULL)).json).toMatchObject({ name: 'colour-full', version: '1', inUse: false })
    const listed = await model('list')
    const { models } = listed.json as { models: StoredModel[] }
    expect(models.map(({ name, inUse }) => [name, inUse])).toEqual([
      ['marrow', true],
      ['colour-full', false],
    ])
    const used = await model('use', 'colour-full', '--precision', 'int8')
    expect(used.json, used.stderr).toMatchObject({ name: 'colour-full', variant: 'int8' })
    expect((await medulla(['doctor', '--data', data])).json).toMatchObject({
      findings: expect.arrayContaining([
        expect.objectContaining({ subject: 'model', message: expect.stringContaining('colour-full 1, int8 graph') }),
      ]),
    })
    expect((await model('remove', 'colour-full')).json).toMatchObject({ error: { code: 'invalid-input' } })
    expect((await model('use', 'marrow')).exitCode).toBe(0)
    expect((await model('remove', 'colour-full')).json).toMatchObject({ removed: 'colour-full@1' })
  })

  test('tells what is wrong with a package, and fails', async () => {
    const folder = path.join(temporaryFolder(), 'broken')
    cpSync(FULL, folder, { recursive: true })
    truncateSync(path.join(folder, 'model.onnx'), 100)
    const refused = await model('add', folder)
    expect(refused.exitCode).toBe(1)
    expect(refused.json).toMatchObject({
      error: {
        code: 'model-invalid',
        message: expect.stringContaining('broken'),
        remedy: expect.stringMatching(/\.$/),
      },
    })
    expect((await model('use', 'nobody')).json).toMatchObject({ error: { code: 'model-missing' } })
    expect((await model('fly')).exitCode).toBe(1)
  })

  test('verify takes the images from --images, or from a --data that is not its own', async () => {
    const folder = path.join(temporaryFolder(), 'package')
    cpSync(FULL, folder, { recursive: true })
    const file = path.join(folder, 'manifest.json')
    const stated = { balancedAccuracy: 1, accuracy: 1, calibrationError: 0, tolerance: 0.5 }
    const measured = [{ set: 'x', path: 'set', pixelSizeUm: 0.1, split: 'all', n: 3, ...stated }]
    writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), measured }))
    const images = temporaryFolder()
    mkdirSync(path.join(images, 'elsewhere'))
    const there = await medulla(['model', 'verify', '--model', folder, '--images', images, '--data', data])
    expect(there.json, there.stderr).toMatchObject({ dataFolder: images, holds: true, sets: [{ holds: null }] })
    const own = { MEDULLA_DATA: data }
    const named = await startMedulla(['model', 'verify', '--model', folder, '--data', images], own).ended
    expect((named.json as unknown as Verification).dataFolder).toBe(images)
    const usual = await medulla(['model', 'verify', '--model', folder, '--data', data])
    expect((usual.json as unknown as Verification).dataFolder).toBe(path.join(ROOT, '..', 'shared', 'data'))
  })
})

test('a run is read again, and asked for as either model read it', async () => {
  const data = temporaryFolder()
  const scan = await medulla(['scan', '--cells', '20', '--time-scale', '1000', '--data', data, '--model', COLOUR])
  expect(scan.exitCode, scan.stderr).toBe(0)
  await medulla(['model', 'add', FULL, '--data', data])
  const reread = await medulla(['reread', '1', '--model', 'colour-full@1', '--data', data])
  const { reading, agreement, readings } = reread.json as {
    reading: Reading
    agreement: { cells: number; same: number }
    readings: Reading[]
  }
  expect(reading, reread.stderr).toMatchObject({ name: 'colour-full', source: 'crop' })
  expect(agreement.cells).toBe(reading.cells)
  expect(readings).toHaveLength(2)
  const cells = await medulla(['cells', '1', '--reading', 'colour-full', '--data', data])
  expect((cells.json as { cells: Cell[] }).cells).toHaveLength(reading.cells)
  const differential = await medulla(['differential', '1', '--reading', String(reading.modelId), '--data', data])
  expect(differential.exitCode, differential.stderr).toBe(0)
  const unknown = await medulla(['cells', '1', '--reading', 'nobody', '--data', data])
  expect(unknown.json).toMatchObject({ error: { code: 'not-found', remedy: expect.stringContaining('colour-full@1') } })
})
