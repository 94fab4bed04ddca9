import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { type Bench, openBench } from '../../src/main/bench/bench.ts'
import { matchDetections } from '../../src/main/vision/match.ts'
import type { Cell } from '../../src/shared/contract/cells.ts'
import { temporaryFolder } from '../support/data-folder.ts'
import { ROOT } from '../support/medulla.ts'

const FIELDS = join(ROOT, '../shared/data/marrow-fields')
const present = existsSync(FIELDS)
if (!present) console.log(`Skipped: scanning real marrow fields. ${FIELDS} is not there.`)

interface Truth {
  readonly pixelSizeUm: number
  readonly cells: readonly { readonly x: number; readonly y: number; readonly class: string }[]
}

let bench: Bench | null = null
afterEach(async () => {
  await bench?.close()
  bench = null
})

async function finished(runId: number): Promise<void> {
  for await (const { run } of await bench!.client.runs.events({ runId })) {
    if (run.failure) throw new Error(run.failure.message)
  }
}

describe.skipIf(!present)('a folder of real marrow fields', () => {
  it('is found and named: nearly every cell once, few others, most of them rightly', async () => {
    bench = await openBench({ dataFolder: temporaryFolder() })
    const { runId } = await bench.client.runs.start({ rig: { kind: 'folder', images: FIELDS, pixelSizeUm: 0.092 } })
    await finished(runId)
    const { cells } = await bench.client.cells.list({ runId })
    let [known, found, extra, right] = [0, 0, 0, 0]
    for (const name of readdirSync(FIELDS).filter((file) => file.endsWith('.json'))) {
      const truth = JSON.parse(readFileSync(join(FIELDS, name), 'utf8')) as Truth
      const seen: Cell[] = cells.filter((cell) => cell.image === name.replace('.json', '.jpg'))
      const places = truth.cells.map((cell) => ({ xPx: cell.x, yPx: cell.y }))
      const match = matchDetections(places, seen, { kind: 'radius', radiusPx: 60 })
      known += truth.cells.length
      found += match.truePositives
      extra += match.extra.length
      right += match.pairs.filter((pair) => truth.cells[pair.truth].class === seen[pair.detection].class).length
    }
    console.log(`${found} of ${known} cells found, ${extra} extra, ${right} named rightly`)
    expect(known).toBe(288)
    expect(found / known).toBeGreaterThanOrEqual(0.99)
    expect(extra / known).toBeLessThanOrEqual(0.02)
    expect(right / found).toBeGreaterThanOrEqual(0.75)
  })

  it('counts the cells of a file that is there twice once, and says where', async () => {
    bench = await openBench({ dataFolder: temporaryFolder() })
    const images = join(temporaryFolder(), 'copied')
    mkdirSync(images)
    copyFileSync(join(FIELDS, 'field_00.jpg'), join(images, 'a.jpg'))
    copyFileSync(join(FIELDS, 'field_01.jpg'), join(images, 'b.jpg'))
    copyFileSync(join(FIELDS, 'field_00.jpg'), join(images, 'c.jpg'))
    const { runId } = await bench.client.runs.start({ rig: { kind: 'folder', images, pixelSizeUm: 0.092 } })
    await finished(runId)
    const { fields } = await bench.client.slide.fields({ runId })
    expect(fields.map(({ leftOut }) => leftOut?.reason ?? null)).toEqual([null, null, 'repeated'])
    expect(fields[2]!.leftOut!.words).toBe('the same file as a.jpg')
    expect(fields[2]!.cells).toBe(fields[0]!.cells)
    const { cells } = await bench.client.cells.list({ runId })
    expect(cells.filter(({ leftOut }) => leftOut === null)).toHaveLength(fields[0]!.cells + fields[1]!.cells)
    expect(cells.filter(({ leftOut }) => leftOut === 'repeated')).toHaveLength(fields[2]!.cells)
  })

  it('takes up images that arrive while it is watched, until it is stopped', async () => {
    bench = await openBench({ dataFolder: temporaryFolder() })
    const images = join(temporaryFolder(), 'incoming')
    mkdirSync(images)
    const rig = { kind: 'folder', images, pixelSizeUm: 0.092, watch: true } as const
    const { runId } = await bench.client.runs.start({ rig })
    let copied = 0
    for await (const { run, activity } of await bench.client.runs.events({ runId })) {
      if (run.failure) throw new Error(run.failure.message)
      if (run.state === 'finished') break
      if (activity === 'waiting for new images' && run.fields === copied && copied < 2) {
        copyFileSync(join(FIELDS, `field_0${copied}.jpg`), join(images, `field_0${copied}.jpg`))
        copied++
      } else if (run.fields === 2) void bench.client.runs.stop({ runId })
    }
    const { fields } = await bench.client.slide.fields({ runId })
    expect(fields.map((field) => field.image)).toEqual(['field_00.jpg', 'field_01.jpg'])
    expect((await bench.client.runs.get({ runId })).stopped).toBe('user')
  })
})
