import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import type { FieldQuality } from '../../../shared/contract/quality.ts'
import { type StageUm, stageUm } from '../../../shared/geometry.ts'
import type { RgbImage } from '../../../shared/image.ts'
import { judgeField } from '../../../shared/quality/judge.ts'
import { type FieldOrigin, RunStandard } from '../../../shared/quality/standard.ts'
import { listImages } from '../../images/list-images.ts'
import { readImage } from '../../images/read-image.ts'
import { createWorld } from '../../microscope/simulator/create-world.ts'
import { DEFAULT_EFFECTS } from '../../microscope/simulator/effects.ts'
import type { RenderRequest } from '../../microscope/simulator/world.ts'
import { measureField } from './measure-field.ts'

const DATA = new URL('../../../../../shared/data', import.meta.url).pathname

/** What the gate leaves out of these fields, taken in this order as a run's. */
function leftOut(fields: readonly FieldQuality[], origin: FieldOrigin): string[] {
  const run = new RunStandard(origin)
  return fields.flatMap((quality) => {
    const verdict = judgeField(quality, run.standard)
    run.add(quality)
    return verdict ? [verdict.reason] : []
  })
}

/** Several layers of cells, as each takes its share of the light. */
function layered(images: readonly RgbImage[], glass: number): RgbImage {
  const data = images[0].data.map((_, i) => glass * images.reduce((light, { data }) => (light * data[i]) / glass, 1))
  return { ...images[0], data }
}

describe.each([
  ['blood-fields', 0.072, 6],
  ['marrow-fields', 0.092, 1],
] as const)('the gate on real fields: %s', (folder, pixelSizeUm, every) => {
  const path = join(DATA, folder)
  const there = existsSync(path)
  if (!there) console.log(`skipped: ${path} is not there`)

  it.skipIf(!there)('takes them, and not several on one another', async () => {
    const paths = (await listImages(path)).filter((_, i) => i % every === 0)
    const images = await Promise.all(paths.map((each) => readImage(each)))
    const fields = images.map((image) => measureField(image, pixelSizeUm))
    const left = leftOut(fields, 'any-images')
    expect(left.length, `${left.join(', ')} of ${fields.length}`).toBeLessThanOrEqual(0.02 * fields.length)

    const run = new RunStandard('any-images')
    for (const field of fields) run.add(field)
    const reasons = images.slice(0, 6).map((_, i) => {
      const four = [0, 1, 2, 3].map((k) => images[(i + k) % images.length])
      return judgeField(measureField(layered(four, 215), pixelSizeUm), run.standard)?.reason
    })
    expect(reasons).toEqual(reasons.map(() => 'thick'))
  })
})

describe.each(['normal', 'cll'] as const)('the gate on simulated fields: %s', (profile) => {
  const world = createWorld({ seed: 11, profile })
  afterAll(() => world.close())
  const { origin, width, height } = world.countable

  const place = (k: number) => stageUm(origin.x + (width * ((3 * k) % 8)) / 8, origin.y + (height * ((5 * k) % 8)) / 8)
  const view = (centre: StageUm, other: Partial<RenderRequest> = {}, offUm = 0) =>
    world.render({
      centre,
      zUm: world.bestFocusUm(centre) + offUm,
      widthPx: 1024,
      heightPx: 768,
      pixelSizeUm: 0.092,
      travelUm: stageUm(0, 0),
      effects: DEFAULT_EFFECTS,
      noiseSeed: 1,
      ...other,
    })
  const quality = async (...args: Parameters<typeof view>) => measureField(await view(...args), 0.092)

  const standard = async () => {
    const run = new RunStandard('one-slide')
    for (let k = 0; k < 8; k++) run.add(await quality(place(k)))
    return run.standard
  }

  it('takes sharp fields wherever cells lie singly, and leaves out each kind of bad one by its name', async () => {
    const usual = await standard()
    const judged = async (...args: Parameters<typeof view>) => judgeField(await quality(...args), usual)?.reason ?? null
    for (let k = 8; k < 14; k++) expect(await judged(place(k + 0.5)), `place ${k}`).toBeNull()
    const here = place(2)
    const light = (light: number) => ({ effects: { ...DEFAULT_EFFECTS, light } })
    expect(await judged(here, {}, 0.3)).toBeNull()
    for (const offUm of [-20, -6, -1.5, -0.9, 0.9, 1.5, 6, 20])
      expect(await judged(here, {}, offUm), `${offUm} um`).toBe('focus')
    for (const [x, y] of [
      [1.5, 0],
      [0, -2],
      [1.5, 1.5],
      [0, 4],
    ]) // prettier-ignore
      expect(await judged(here, { travelUm: stageUm(x, y) }), `moved ${x}, ${y} um`).toBe('motion')
    expect(await judged(here, light(1.4))).toBe('overexposed')
    expect(await judged(here, light(0.1))).toBe('dark')
    expect(await judged(here, light(0))).toBe('dark')
    expect(await judged(stageUm(world.extent.origin.x + world.extent.width + 400, origin.y))).toBe('empty')
    const layers = await Promise.all([0, 1, 2, 3].map((k) => view(place(k))))
    expect(judgeField(measureField(layered(layers, 240), 0.092), usual)?.reason).toBe('thick')
  })

  it.each([0.13, 0.184, 0.25])(
    'takes sharp fields of %f um a pixel, and knows those that moved',
    async (pixelSizeUm) => {
      const size = { pixelSizeUm, widthPx: Math.round(140 / pixelSizeUm), heightPx: Math.round(100 / pixelSizeUm) }
      const measured = async (k: number, other: Partial<RenderRequest> = {}) =>
        measureField(await view(place(k), { ...size, ...other }), pixelSizeUm)
      const run = new RunStandard('one-slide')
      for (let k = 0; k < 14; k++) {
        const quality = await measured(k)
        expect(judgeField(quality, run.standard), `place ${k}`).toBeNull()
        run.add(quality)
      }
      expect(judgeField(await measured(3, { travelUm: stageUm(2, 0) }), run.standard)?.reason).toBe('motion')
      // Of what moved askew, coarse pixels leave no direction sharp.
      expect(['motion', 'focus']).toContain(
        judgeField(await measured(3, { travelUm: stageUm(2, 2) }), run.standard)?.reason,
      )
    },
  )
})
