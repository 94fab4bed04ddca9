import { cp, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { MedullaError } from '../../shared/errors.ts'
import { projectRoot } from '../worker-file.ts'
import type { ModelManifest } from './manifest.ts'
import { modelInfo } from './model-info.ts'
import { openModel } from './open-model.ts'

const FIXTURES = join(projectRoot(), 'test/fixtures/models')
const SIZE_PX = 8

/** n crops, each of one colour. */
function plainCrops(...colours: readonly (readonly [number, number, number])[]): Uint8Array {
  const plane = SIZE_PX * SIZE_PX
  const crops = new Uint8Array(colours.length * plane * 3)
  for (const [i, colour] of colours.entries()) {
    for (let pixel = 0; pixel < plane; pixel++) crops.set(colour, (i * plane + pixel) * 3)
  }
  return crops
}

function takeEmbeddingForUnfamiliarity({ output }: ModelManifest): void {
  delete output.embedding
  output.unfamiliarity = { name: 'embedding' }
}

function fewer({ testVector, int8 }: ModelManifest): void {
  testVector!.n = 5
  testVector!.probabilities.pop()
  int8!.probabilities!.pop()
}

const sum = (row: Float32Array) => row.reduce((total, value) => total + value, 0)
/** e^8 against two e^0: what the fixture answers to a pure colour. */
const SURE = Math.exp(8) / (Math.exp(8) + 2)

describe('openModel', () => {
  let folder: string

  beforeEach(async () => {
    folder = join(await mkdtemp(join(tmpdir(), 'medulla-model-')), 'package')
    await cp(join(FIXTURES, 'colour'), folder, { recursive: true })
  })
  afterEach(() => rm(join(folder, '..'), { recursive: true }))

  async function changeManifest(change: (manifest: Record<string, unknown>) => void): Promise<void> {
    const file = join(folder, 'manifest.json')
    const manifest: Record<string, unknown> = JSON.parse(await readFile(file, 'utf8'))
    change(manifest)
    await writeFile(file, JSON.stringify(manifest))
  }

  async function failure(path: string): Promise<MedullaError> {
    try {
      await (await openModel(path)).close()
    } catch (error) {
      if (error instanceof MedullaError) return error
      throw error
    }
    throw new Error('the model opened')
  }

  it('names crops by the classes of the manifest, 8 bit NHWC with probabilities', async () => {
    const model = await openModel(folder)
    const { probabilities: rows } = await model.classify(plainCrops([255, 0, 0], [0, 255, 0], [0, 0, 255]), 3)
    expect(model.classes).toEqual(['EOS', 'LYT', 'NGS'])
    expect(rows).toHaveLength(9)
    for (const i of [0, 4, 8]) expect(rows[i]).toBeCloseTo(SURE, 5)
    for (let i = 0; i < 3; i++) expect(sum(rows.subarray(i * 3, i * 3 + 3))).toBeCloseTo(1, 5)
    await model.close()
  })

  it('normalises float NCHW crops by channel and turns logits into probabilities', async () => {
    const model = await openModel(join(FIXTURES, 'colour-logits'))
    const { probabilities: row } = await model.classify(plainCrops([255, 127.5, 0]), 1)
    // Green is normalised as (x - 0.5) / 0.5, and 127.5 is stored as 127.
    const green = (127 / 255 - 0.5) / 0.5
    const exponentials = [8, 8 * green, 0].map(Math.exp)
    const total = exponentials.reduce((a, b) => a + b)
    for (const [i, value] of exponentials.entries()) expect(row[i]).toBeCloseTo(value / total, 5)
    await model.close()
  })

  it('gives embedding and unfamiliarity where the graph has them, crop by crop', async () => {
    const full = await openModel(join(FIXTURES, 'colour-full'), { maxBatch: 2 })
    const { probabilities, embedding, unfamiliarity } = await full.classify(
      plainCrops([255, 0, 0], [51, 102, 153], [0, 0, 0]),
      3,
    )
    expect(probabilities).toHaveLength(9)
    const wanted = [1, 0, 0, 0.2, 0.4, 0.6, 0, 0, 0]
    for (const [i, value] of wanted.entries()) expect(embedding![i]).toBeCloseTo(value, 5)
    const apart = [Math.hypot(0.5, 0.5, 0.5), Math.hypot(0.3, 0.1, 0.1), Math.hypot(0.5, 0.5, 0.5)]
    for (const [i, value] of apart.entries()) expect(unfamiliarity![i]).toBeCloseTo(value, 5)
    expect(modelInfo(full)).toMatchObject({ embeddingSize: 3, variant: 'float', unsure: { below: 0.8 } })
    const plain = await openModel(folder)
    expect(await plain.classify(plainCrops([1, 2, 3]), 1)).toMatchObject({ embedding: null, unfamiliarity: null })
    expect(modelInfo(plain)).toMatchObject({ embeddingSize: null, unsure: null, confusion: null, measured: null })
    await Promise.all([full.close(), plain.close()])
  })

  it('opens the 8 bit graph where asked for, and says which it is', async () => {
    const [full, small] = await Promise.all([
      openModel(join(FIXTURES, 'colour-full')),
      openModel(join(FIXTURES, 'colour-full'), { variant: 'int8' }),
    ])
    expect(small.variant).toBe('int8')
    expect(small.sha256).toBe(small.manifest.int8!.sha256)
    expect(full.sha256).toBe(small.manifest.sha256)
    const crop = plainCrops([255, 0, 0])
    const [float, int8] = [await full.classify(crop, 1), await small.classify(crop, 1)]
    expect(int8.probabilities[0]).toBeLessThan(float.probabilities[0]!)
    expect(int8.probabilities[0]).toBeCloseTo(float.probabilities[0]!, 2)
    await Promise.all([full.close(), small.close()])
    await expect(openModel(folder, { variant: 'int8' })).rejects.toMatchObject({ code: 'model-missing' })
  })

  it('gives the same rows whatever the batch, bit for bit when asked again', async () => {
    const colours = Array.from({ length: 37 }, (_, i): [number, number, number] => [i * 7, 255 - i * 3, (i * 53) % 256])
    const crops = plainCrops(...colours)
    const large = await openModel(folder, { maxBatch: 16 })
    const single = await openModel(folder, { maxBatch: 1, threads: 1 })
    const { probabilities: rows } = await large.classify(crops, colours.length)
    expect(rows).toHaveLength(37 * 3)
    expect((await large.classify(crops, colours.length)).probabilities).toEqual(rows)
    const { probabilities: others } = await single.classify(crops, colours.length)
    for (const [i, value] of others.entries()) expect(rows[i]).toBeCloseTo(value, 6)
    await Promise.all([large.close(), single.close()])
  })

  it('answers no crops with no rows, and refuses a wrong number of bytes', async () => {
    const model = await openModel(folder)
    expect((await model.classify(new Uint8Array(0), 0)).probabilities).toHaveLength(0)
    await expect(model.classify(new Uint8Array(5), 1)).rejects.toThrow(RangeError)
    await model.close()
  })

  it('tells the contract what it is', async () => {
    const model = await openModel(folder)
    expect(modelInfo(model)).toMatchObject({
      name: 'colour',
      classes: ['EOS', 'LYT', 'NGS'],
      inputPx: SIZE_PX,
      pixelSizeUm: 2.5,
      evidence: { LYT: { images: 'none' } },
    })
    expect(modelInfo(model).card).toContain('Research Use Only')
    await model.close()
  })

  for (const file of ['manifest.json', 'model.onnx', 'card.md']) {
    it(`misses ${file}`, async () => {
      await rm(join(folder, file))
      const error = await failure(folder)
      expect(error.code).toBe('model-missing')
      expect(error.message).toContain(file)
      expect(error.detail.remedy).toMatch(/package/)
    })
  }

  it('misses the folder itself', async () => {
    expect((await failure(join(folder, 'nowhere'))).code).toBe('model-missing')
  })

  const faults: readonly [string, () => Promise<void>, RegExp][] = [
    ['a truncated file', () => truncate(join(folder, 'model.onnx'), 100), /cut short or changed/],
    ['an empty file', () => truncate(join(folder, 'model.onnx'), 0), /is empty/],
    ['an empty card', () => writeFile(join(folder, 'card.md'), '\n'), /card is empty/],
    ['a manifest that is not JSON', () => writeFile(join(folder, 'manifest.json'), '{'), /not JSON/],
    ['a class the taxonomy does not know', () => changeManifest((m) => (m.classes = ['EOS', 'LYT', 'XYZ'])), /classes/],
    ['a class named twice', () => changeManifest((m) => (m.classes = ['EOS', 'LYT', 'LYT'])), /twice/],
    ['fewer classes than outputs', () => changeManifest((m) => (m.classes = ['EOS', 'LYT'])), /2 classes/],
    ['a file outside the package', () => changeManifest((m) => (m.file = '../model.onnx')), /outside/],
    ['a newer manifest', () => changeManifest((m) => (m.schema = 2)), /version of Medulla/],
    [
      'another input size',
      () => changeManifest((m) => Object.assign(m, { input: { ...Object(m.input), sizePx: 9 } })),
      /n x 8 x 8 x 3, not n x 9 x 9 x 3/,
    ],
    [
      'another input type',
      () => changeManifest((m) => Object.assign(m, { input: { ...Object(m.input), type: 'float32' } })),
      /uint8 crops/,
    ],
    [
      'another input name',
      () => changeManifest((m) => Object.assign(m, { input: { ...Object(m.input), name: 'cells' } })),
      /cells/,
    ],
    [
      'another output name',
      () => changeManifest((m) => Object.assign(m, { output: { ...Object(m.output), name: 'scores' } })),
      /scores/,
    ],
  ]
  for (const [what, damage, message] of faults) {
    it(`refuses ${what}`, async () => {
      await damage()
      const error = await failure(folder)
      expect(error.code).toBe('model-invalid')
      expect(error.message).toMatch(message)
      expect(error.detail.remedy).not.toBe('')
    })
  }

  it('refuses a graph that is not ONNX although its hash fits', async () => {
    const { createHash } = await import('node:crypto')
    const bytes = Buffer.from('this is no graph')
    await writeFile(join(folder, 'model.onnx'), bytes)
    await changeManifest((m) => (m.sha256 = createHash('sha256').update(bytes).digest('hex')))
    const error = await failure(folder)
    expect(error.code).toBe('model-invalid')
    expect(error.message).toMatch(/not a graph/)
  })

  const fullFaults: readonly [string, (manifest: ModelManifest) => void, RegExp][] = [
    ['an embedding of another size', (m) => (m.output.embedding!.size = 4), /n x 3 values .* embedding has 4/],
    ['an unfamiliarity that is not one a crop', takeEmbeddingForUnfamiliarity, /n x 3/],
    ['an output that is not there', (m) => (m.output.embedding!.name = 'features'), /not features/],
    [
      'other answers than its test vector says',
      (m) => m.testVector!.probabilities.reverse(),
      /off by 0\.[0-9]+, at most/,
    ],
    ['test crops of another number', (m) => fewer(m), /1152 bytes, not the 960/],
  ]
  for (const [what, change, message] of fullFaults) {
    it(`refuses ${what}`, async () => {
      await cp(join(FIXTURES, 'colour-full'), folder, { recursive: true })
      await changeManifest((m) => change(m as unknown as ModelManifest))
      const error = await failure(folder)
      expect(error.code).toBe('model-invalid')
      expect(error.message).toMatch(message)
    })
  }

  it('refuses a test vector cut short', async () => {
    await cp(join(FIXTURES, 'colour-full'), folder, { recursive: true })
    await truncate(join(folder, 'test-crops.bin'), 700)
    expect((await failure(folder)).message).toMatch(/700 bytes, not the 1152/)
  })

  for (const [fixture, message] of [
    ['too-wide', /n x 4 values .* 3 classes/],
    ['not-a-number', /not a set of probabilities/],
  ] as const) {
    it(`refuses the fixture ${fixture}`, async () => {
      const error = await failure(join(FIXTURES, fixture))
      expect(error.code).toBe('model-invalid')
      expect(error.message).toMatch(message)
    })
  }
})
