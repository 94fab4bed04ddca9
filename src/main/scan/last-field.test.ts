import { afterAll, describe, expect, it } from 'vitest'
import type { Field } from '../../shared/contract/slide.ts'
import { stageUm } from '../../shared/geometry.ts'
import type { RgbImage } from '../../shared/image.ts'
import { predictFocus } from '../microscope/focus/focus-map.ts'
import { openRigOn, type SimulatedRig } from '../microscope/simulated-rig.ts'
import { createWorld } from '../microscope/simulator/create-world.ts'
import type { World } from '../microscope/simulator/world.ts'
import type { CapturedField } from './field-source.ts'
import type { LastFieldMatch } from './last-field.ts'
import { openRegistrar } from './registration/registrar.ts'
import { planStage, type StagePlan } from './stage-plan.ts'
import { StageSource } from './stage-source.ts'

const SIZE = { widthPx: 1024, heightPx: 768 }
const FIELDS = 3

const registrar = openRegistrar()
const worlds: World[] = []
const rigs: SimulatedRig[] = []
afterAll(async () => {
  await registrar.close()
  for (const rig of rigs) await rig.close()
  for (const world of worlds) await world.close()
})

function smear(seed: number): World {
  const world = createWorld({ seed, profile: 'normal' })
  worlds.push(world)
  return world
}

/** The same slide, put in so far off. */
function moved(world: World, by: { xUm: number; yUm: number; zUm: number }): World {
  const back = ({ x, y }: { x: number; y: number }) => stageUm(x - by.xUm, y - by.yUm)
  return {
    seed: world.seed,
    profile: world.profile,
    extent: world.extent,
    countable: world.countable,
    bestFocusUm: (at) => world.bestFocusUm(back(at)) + by.zUm,
    render: (request) => world.render({ ...request, centre: back(request.centre), zUm: request.zUm - by.zUm }),
    truthIn: () => [],
    close: async () => undefined,
  }
}

/** A microscope of its own in front of a slide; where it stands and looks is the same each time. */
function microscope(world: World): SimulatedRig {
  const rig = openRigOn(world, { seed: 5, timeScale: 200, camera: SIZE })
  rigs.push(rig)
  return rig
}

interface Scanned {
  readonly plan: StagePlan
  readonly fields: Field[]
  readonly images: RgbImage[]
}

const original = smear(21)
let firstFields: Promise<Scanned> | null = null
/** What a run has when it is interrupted after its first fields. */
const interrupted = (): Promise<Scanned> => {
  firstFields ??= scanFirst()
  return firstFields
}

async function scanFirst(): Promise<Scanned> {
  const rig = microscope(original)
  // A row of five fields: the slide's height is soon known.
  const row = { ...rig.area!, width: 350, height: 45 }
  let plan = planStage(row, { ...SIZE, pixelSizeUm: rig.camera.pixelSizeUm!, placeErrorUm: rig.placeErrorUm })
  const savePlan = (saved: StagePlan) => {
    plan = saved
  }
  const source = new StageSource({ ...PARTS, rig, plan, fields: [], savePlan })
  await source.prepare(signal, patiently)
  const captured: CapturedField[] = []
  for (let i = 0; i < FIELDS; i++) captured.push(await taken(source))
  return { plan, fields: captured.map((each) => asField(each, 12)), images: captured.map(({ image }) => image) }
}

const signal = new AbortController().signal
/** The next field, focused anew where its first exposure was blurred. */
async function taken(source: StageSource): Promise<CapturedField> {
  const pending = (await source.next(signal))!
  await source.seeThrough(signal)
  return pending.captured
}
const patiently = async <T>(work: () => T | Promise<T>): Promise<T> => work()
const PARTS = {
  registrar,
  kept: async (): Promise<RgbImage> => {
    throw new Error('no image was asked for')
  },
  compare: true,
  onActivity: () => undefined,
  onMatch: () => undefined,
}

const asField = ({ index, origin, seen, image, stage }: CapturedField, cells: number): Field => ({
  index,
  slideX: origin.x,
  slideY: origin.y,
  widthPx: image.widthPx,
  heightPx: image.heightPx,
  owned: { ...seen.origin, width: seen.width, height: seen.height },
  stage,
  image: null,
  quality: null,
  focus: null,
  leftOut: null,
  stitch: null,
  focusScore: null,
  cells,
  revision: index,
})

/** Goes on with the interrupted run in front of another slide, or the same. */
async function resumed(world: World, changes: Partial<Scanned> & { compare?: boolean } = {}) {
  const { plan, fields, images } = { ...(await interrupted()), ...changes }
  const rig = microscope(world)
  const matches: LastFieldMatch[] = []
  let saved: StagePlan | null = null
  const source = new StageSource({
    ...PARTS,
    rig,
    plan,
    fields,
    kept: async (index) => images[index]!,
    compare: changes.compare ?? true,
    savePlan(changed) {
      saved = changed
    },
    onMatch: (match) => matches.push(match),
  })
  await source.prepare(signal, patiently)
  const next = await taken(source)
  return { match: matches[0], saved: saved as StagePlan | null, next }
}

/** How far the next field's image is from what the slide has there, by the true world. */
async function nextInPeace(): Promise<CapturedField> {
  const rig = microscope(original)
  const { plan, fields } = await interrupted()
  const source = new StageSource({ ...PARTS, rig, plan, fields, compare: false, savePlan: () => undefined })
  await source.prepare(signal, patiently)
  return taken(source)
}

const meanDifference = (a: RgbImage, b: RgbImage): number =>
  a.data.reduce((sum, value, i) => sum + Math.abs(value - b.data[i]!), 0) / a.data.length

describe('a run that is resumed', () => {
  it('finds its last field where it was, and goes on with the very image it would have taken', async () => {
    const { match, saved, next } = await resumed(original)
    expect(match).toMatchObject({ kind: 'same', field: FIELDS - 1 })
    if (match?.kind !== 'same') return
    expect(Math.hypot(match.offUm.xUm, match.offUm.yUm)).toBeLessThan(0.2)
    expect(saved).toBeNull()
    const peace = await nextInPeace()
    expect(next.index).toBe(FIELDS)
    expect(next.origin).toEqual(peace.origin)
    expect(Buffer.compare(next.image.data, peace.image.data)).toBe(0)
  })

  it.each([
    { xUm: 2, yUm: -1.5, zUm: 0 },
    { xUm: -3, yUm: 3, zUm: 0 },
  ])('leaves a stage that comes back a little off as it is: $xUm, $yUm um', async (by) => {
    const { match, saved } = await resumed(moved(original, by))
    expect(match).toMatchObject({ kind: 'same' })
    if (match?.kind !== 'same') return
    expect(match.offUm.xUm).toBeCloseTo(-by.xUm, 0)
    expect(match.offUm.yUm).toBeCloseTo(-by.yUm, 0)
    expect(saved).toBeNull()
  })

  it.each([
    { xUm: 9, yUm: -14, zUm: 0 },
    { xUm: -18, yUm: 6, zUm: 0 },
    { xUm: 12, yUm: 11, zUm: 7 },
    { xUm: 0, yUm: 0, zUm: -9 },
  ])('measures how far a slide was moved, and goes on in the places it began with: $xUm, $yUm, $zUm um', async (by) => {
    const { match, saved, next } = await resumed(moved(original, by))
    expect(match).toMatchObject({ kind: 'shifted' })
    expect(saved!.slideShift.xUm).toBeCloseTo(by.xUm, 0)
    expect(saved!.slideShift.yUm).toBeCloseTo(by.yUm, 0)
    expect(Math.abs(saved!.slideShift.zUm - by.zUm)).toBeLessThan(0.7)
    const peace = await nextInPeace()
    expect(Math.abs(next.origin.x - peace.origin.x)).toBeLessThanOrEqual(8)
    expect(Math.abs(next.stage!.xUm - peace.stage!.xUm)).toBeLessThan(0.7)
    const focus = predictFocus((await interrupted()).plan.focus!, stageUm(next.stage!.xUm, next.stage!.yUm))
    expect(Math.abs(next.stage!.zUm - focus)).toBeLessThan(0.2)
    // The same cells, a few hundred nanometres off at most.
    expect(meanDifference(next.image, peace.image)).toBeLessThan(8)
  })

  it('notices another slide, and one that lies far off', async () => {
    for (const world of [smear(22), moved(original, { xUm: 400, yUm: 0, zUm: 0 })]) {
      await expect(resumed(world)).rejects.toMatchObject({
        code: 'slide-changed',
        detail: { remedy: expect.stringContaining('go on anyway') },
      })
    }
  })

  it('does not look where it is told to go on anyway', async () => {
    const { match, next } = await resumed(smear(22), { compare: false })
    expect(match).toBeUndefined()
    expect(next.index).toBe(FIELDS)
  })

  it('goes by the last field that shows a cell, and says where none does', async () => {
    const { fields } = await interrupted()
    const empty = fields.map((field) => ({ ...field, cells: 0 }))
    const { match } = await resumed(original, { fields: [fields[0]!, ...empty.slice(1)] })
    expect(match).toMatchObject({ kind: 'same', field: 0 })
    expect((await resumed(smear(22), { fields: empty })).match).toEqual({ kind: 'nothing-to-compare' })
  })
})
