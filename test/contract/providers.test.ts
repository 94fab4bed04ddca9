import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openBench } from '../../src/main/bench/bench.ts'
import type { Cell } from '../../src/shared/contract/cells.ts'
import type { RunSummary } from '../../src/shared/contract/runs.ts'
import { temporaryFolder } from '../support/data-folder.ts'
import { ROOT } from '../support/medulla.ts'

/** A graphics processor in software, which Chromium brings along: slow, but WebGPU all the same. */
const DRIVER = '/usr/lib/chromium/vk_swiftshader_icd.json'
const absent = !existsSync(DRIVER)
if (absent) console.log(`skipped: there is no software driver for WebGPU at ${DRIVER}`)

const model = join(ROOT, 'test/fixtures/models/colour-full')
const rig = { kind: 'simulated', profile: 'normal', seed: 4, timeScale: 1000 } as const

async function scanned(dataFolder: string, provider: 'cpu' | 'webgpu') {
  const bench = await openBench({ dataFolder, model, provider })
  try {
    const { runId } = await bench.client.runs.start({ rig, targetCells: 20 })
    let last: RunSummary | null = null
    for await (const { run } of await bench.client.runs.events({ runId })) last = run
    return {
      run: last!,
      cells: (await bench.client.cells.list({ runId })).cells as Cell[],
      inference: (await bench.client.system.info()).inference,
      doctor: (await bench.client.system.doctor()).findings.find(({ subject }) => subject === 'execution provider'),
    }
  } finally {
    await bench.close()
  }
}

describe.skipIf(absent)('a scan on another execution provider', () => {
  const before = process.env.VK_DRIVER_FILES
  beforeAll(() => {
    process.env.VK_DRIVER_FILES = DRIVER
  })
  afterAll(() => {
    if (before === undefined) delete process.env.VK_DRIVER_FILES
    else process.env.VK_DRIVER_FILES = before
  })

  it('names the cells as the processor does, and is on record', async () => {
    const usual = await scanned(temporaryFolder(), 'cpu')
    const other = await scanned(temporaryFolder(), 'webgpu')
    expect(usual.run.graph?.providers).toEqual(['cpu'])
    expect(other.run.graph).toEqual({ ...usual.run.graph, providers: ['webgpu'] })
    expect(other.inference).toEqual({ variant: 'float', provider: 'webgpu', passedOver: [] })
    expect(other.doctor?.message).toMatch(/^webgpu\./)
    expect(other.cells.map((cell) => cell.machineClass)).toEqual(usual.cells.map((cell) => cell.machineClass))
    for (const [i, cell] of other.cells.entries()) expect(cell.probability).toBeCloseTo(usual.cells[i]!.probability!, 3)
  })
})

describe('a provider that is asked for and is not there', () => {
  it('is an error that says so, from the settings and from the environment', async () => {
    const notHere = process.platform === 'linux' ? 'coreml' : 'cuda'
    const bench = await openBench({ dataFolder: temporaryFolder(), model, provider: notHere })
    const { modelProblem, inference } = await bench.client.system.info()
    expect(modelProblem?.message).toContain(notHere)
    expect(inference).toBeNull()
    await bench.close()
    process.env.MEDULLA_PROVIDER = 'gpu'
    try {
      await expect(openBench({ dataFolder: temporaryFolder(), model })).rejects.toMatchObject({
        code: 'invalid-input',
        message: 'MEDULLA_PROVIDER is "gpu".',
      })
    } finally {
      delete process.env.MEDULLA_PROVIDER
    }
  })
})
