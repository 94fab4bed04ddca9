import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openBench } from '../../src/main/bench/bench.ts'
import { openLog } from '../../src/main/bench/log.ts'
import { Slides } from '../../src/main/bench/slides.ts'
import type { Casebook } from '../../src/main/casebook/casebook.ts'
import { openCasebook } from '../../src/main/casebook/open-casebook.ts'
import { bundledModelFolder } from '../../src/main/inference/bundled.ts'
import type { Classifier } from '../../src/main/inference/classifier.ts'
import { openModelInThreads } from '../../src/main/inference/model-threads.ts'
import { type PixelSource, rereadCells, sourceFor } from '../../src/main/scan/reread.ts'
import { temporaryFolder } from '../support/data-folder.ts'

const CELLS = 60

describe('cells read again with the model that named them first', () => {
  const dataFolder = temporaryFolder()
  let casebook: Casebook
  let classifier: Classifier
  let runId: number
  let slides: Slides

  beforeAll(async () => {
    const bench = await openBench({ dataFolder, provider: 'cpu' })
    const rig = { kind: 'simulated', profile: 'normal', seed: 9, timeScale: 1000 } as const
    runId = (await bench.client.runs.start({ rig, targetCells: CELLS })).runId
    for await (const { run } of await bench.client.runs.events({ runId })) {
      if (run.failure) throw new Error(run.failure.message)
    }
    await bench.close()
    casebook = openCasebook(dataFolder)
    slides = new Slides({ dataFolder, casebook, log: openLog(dataFolder) })
    classifier = await openModelInThreads(bundledModelFolder())
  }, 180_000)
  afterAll(async () => {
    await classifier.close()
    await slides.close()
    casebook.close()
  })

  /** How far the answers lie from those of the scan. */
  async function compared(source: PixelSource) {
    const slide = slides.of(runId)
    const parts = { casebook, classifier, plan: casebook.runPlan(runId), slide, source }
    const first = new Map(casebook.features(runId, 0, 100_000).map((said) => [said.cellId, said.probabilities]))
    // No model has this number, so every cell is to be read.
    const unread = casebook.cellsToRead(runId, 1_000_000)
    const differences: number[] = []
    let same = 0
    for (const field of casebook.fields(runId)) {
      const cells = unread.filter((cell) => cell.field === field.index)
      if (cells.length === 0) continue
      for (const { cellId, probabilities } of await rereadCells(parts, field, cells)) {
        const before = first.get(cellId)!
        differences.push(Math.max(...probabilities.map((value, i) => Math.abs(value - before[i]!))))
        if (topOf(probabilities) === topOf(before)) same++
      }
    }
    differences.sort((a, b) => a - b)
    return {
      cells: differences.length,
      same: same / differences.length,
      median: differences[Math.floor(differences.length / 2)]!,
      largest: differences.at(-1)!,
    }
  }

  const topOf = (values: Float32Array) => values.indexOf(Math.max(...values))

  for (const source of ['crop', 'slide'] as const) {
    it(`get nearly the same answers from the ${source === 'crop' ? 'pictures kept of them' : 'images kept of the fields'}`, async () => {
      const result = await compared(source)
      console.log(`${source}: ${JSON.stringify(result)}`)
      expect(result.cells).toBeGreaterThanOrEqual(CELLS)
      expect(result.same).toBeGreaterThanOrEqual(0.95)
      expect(result.median).toBeLessThan(0.02)
    })
  }
})

describe('where the pixels are taken from', () => {
  const square = (um: number, pixelSizeUm: number) => ({ inputPx: Math.round(um / pixelSizeUm), pixelSizeUm })

  it('the pictures, as long as they show enough', () => {
    expect(sourceFor(square(21.6, 0.15), 0.092)).toBe('crop')
    expect(sourceFor(square(25, 0.1), 0.1)).toBe('crop')
    // The camera saw nothing finer than its pixels.
    expect(sourceFor(square(20, 0.05), 0.1)).toBe('crop')
  })

  it('the slide, where a model looks farther or finer than they do', () => {
    expect(sourceFor(square(40, 0.2), 0.092)).toBe('slide')
    // Pictures are at most 360 px wide: at 0.02 um a pixel, four each way were merged into one of 0.08.
    expect(sourceFor(square(20, 0.05), 0.02)).toBe('slide')
    expect(sourceFor(square(20, 0.1), 0.02)).toBe('crop')
  })
})
