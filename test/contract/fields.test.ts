import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { ORPCError } from '@orpc/client'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Bench, openBench } from '../../src/main/bench/bench.ts'
import { createWorld } from '../../src/main/microscope/simulator/create-world.ts'
import { DEFAULT_EFFECTS } from '../../src/main/microscope/simulator/effects.ts'
import type { RenderRequest } from '../../src/main/microscope/simulator/world.ts'
import { stageUm } from '../../src/shared/geometry.ts'
import { temporaryFolder } from '../support/data-folder.ts'

const PIXEL_SIZE_UM = 0.092
/** In the order of their names. The bad ones come late, as they would on a slide. */
const IMAGES: readonly { readonly reason: string | null; readonly other: Partial<RenderRequest>; offUm: number }[] = [
  ...Array.from({ length: 6 }, () => ({ reason: null, other: {}, offUm: 0 })),
  { reason: 'focus', other: {}, offUm: 2.5 },
  { reason: 'motion', other: { travelUm: stageUm(3, 0) }, offUm: 0 },
  { reason: 'overexposed', other: { effects: { ...DEFAULT_EFFECTS, light: 1.5 } }, offUm: 0 },
  { reason: null, other: {}, offUm: 0 },
]

let bench: Bench
let runId: number

beforeAll(async () => {
  const images = join(temporaryFolder(), 'fields')
  mkdirSync(images)
  const world = createWorld({ seed: 3, profile: 'normal' })
  const { origin } = world.countable
  for (const [i, { other, offUm }] of IMAGES.entries()) {
    const centre = stageUm(origin.x + 400 * i, origin.y + 900)
    const image = await world.render({
      centre,
      zUm: world.bestFocusUm(centre) + offUm,
      widthPx: 1024,
      heightPx: 768,
      pixelSizeUm: PIXEL_SIZE_UM,
      travelUm: stageUm(0, 0),
      effects: DEFAULT_EFFECTS,
      noiseSeed: i,
      ...other,
    })
    const raw = { width: image.widthPx, height: image.heightPx, channels: 3 } as const
    await sharp(Buffer.from(image.data), { raw })
      .png()
      .toFile(join(images, `field-${i}.png`))
  }
  await world.close()
  bench = await openBench({ dataFolder: temporaryFolder() })
  const run = await bench.client.runs.start({ rig: { kind: 'folder', images, pixelSizeUm: PIXEL_SIZE_UM } })
  runId = run.runId
  for await (const event of await bench.client.runs.events({ runId }))
    if (event.run.failure) throw new Error(event.run.failure.message)
}, 240_000)
afterAll(() => bench.close())

const reasons = async () => {
  const { fields } = await bench.client.slide.fields({ runId })
  return fields.map(({ leftOut }) => leftOut?.reason ?? null)
}
const counts = async () => {
  const run = await bench.client.runs.get({ runId })
  const differentials = await Promise.all(
    (['machine', 'reviewed', 'corrected'] as const).map((view) => bench.client.runs.differential({ runId, view })),
  )
  const { cells } = await bench.client.cells.list({ runId })
  const counting = cells.filter(({ leftOut }) => leftOut === null).length
  return { run, differentials, cells, counting }
}

describe('the fields of a scan', () => {
  it('count where they show what a count needs, and say why they do not', async () => {
    expect(await reasons()).toEqual(IMAGES.map(({ reason }) => reason))
    const { fields } = await bench.client.slide.fields({ runId })
    expect(fields[6].leftOut).toEqual({ reason: 'focus', reader: null, words: expect.stringContaining('um wide') })
    expect(fields[0].quality!.edgeWidthUm).toBeLessThan(0.25)
    const { run, differentials, cells, counting } = await counts()
    expect(run).toMatchObject({ fields: 10, fieldsLeftOut: 3, cells: cells.length })
    expect(counting).toBeLessThan(cells.length)
    for (const { leftOut, counted, rows } of differentials) {
      expect(leftOut).toEqual({ fields: 3, cells: cells.length - counting })
      expect(counted).toBe(run.counted)
      expect(rows.reduce((sum, { count }) => sum + count, 0)).toBe(run.counted)
    }
  })

  it('move the counts once when one is brought back, and back again', async () => {
    const before = await counts()
    const decision = { runId, fields: [6], reader: 'Ada' }
    const { fields } = await bench.client.fields.bringBack(decision)
    expect(fields).toEqual([expect.objectContaining({ index: 6, leftOut: null })])
    const after = await counts()
    const inField = after.cells.filter(({ field }) => field === 6)
    expect(inField.length).toBeGreaterThan(0)
    expect(after.counting).toBe(before.counting + inField.length)
    expect(after.cells.length).toBe(before.cells.length)
    expect(after.run.counted).toBeGreaterThan(before.run.counted)
    await bench.client.fields.bringBack(decision)
    expect((await counts()).run.counted).toBe(after.run.counted)
    await bench.client.fields.leaveOut({ ...decision, why: 'blurred after all' })
    expect((await counts()).run.counted).toBe(before.run.counted)
    const { events } = await bench.client.fields.events({ runId })
    expect(events.map(({ kind, reader, reason, why }) => [kind, reader, reason, why])).toEqual([
      ['bring-back', 'Ada', null, null],
      ['leave-out', 'Ada', 'focus', 'blurred after all'],
    ])
    const { findings } = await bench.client.system.doctor()
    expect(
      findings.filter(({ subject, status }) => subject.toLowerCase().includes('casebook') && status !== 'ok'),
    ).toEqual([])
  })

  it('are left alone by a decision on one that is not there', async () => {
    const error = await bench.client.fields
      .leaveOut({ runId, fields: [0, 99], reader: 'Ada' })
      .catch((reason) => reason)
    expect(error).toBeInstanceOf(ORPCError)
    expect(error.code).toBe('not-found')
    expect(await reasons()).toEqual(IMAGES.map(({ reason }) => reason))
  })
})
