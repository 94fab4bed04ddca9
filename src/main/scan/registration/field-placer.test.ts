import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { CASE, newCell, newRun } from '../../../../test/support/casebook-rows.ts'
import { temporaryFolder } from '../../../../test/support/data-folder.ts'
import { stageUm } from '../../../shared/geometry.ts'
import type { RgbImage } from '../../../shared/image.ts'
import type { Casebook } from '../../casebook/casebook.ts'
import { openCasebook } from '../../casebook/open-casebook.ts'
import { createWorld } from '../../microscope/simulator/create-world.ts'
import { DEFAULT_EFFECTS } from '../../microscope/simulator/effects.ts'
import { SimulatedStage } from '../../microscope/simulator/simulated-stage.ts'
import { WORN_MECHANICS } from '../../microscope/simulator/simulated-stage-options.ts'
import { half } from '../../slide/halve.ts'
import type { CapturedField } from '../field-source.ts'
import { fieldPlace, fieldStep, plannedField, planStage, seenAt } from '../stage-plan.ts'
import { cutPart, wholePart } from './cut-part.ts'
import { FieldPlacer } from './field-placer.ts'
import { openRegistrar, type Registrar } from './registrar.ts'
import type { StagePlace } from './solve-places.ts'

const CAMERA = { widthPx: 800, heightPx: 640, pixelSizeUm: 0.092, placeErrorUm: 6 }
const SIDE = 4
const world = createWorld({ seed: 6, profile: 'normal' })
const step = fieldStep(CAMERA)
const plan = planStage(
  {
    origin: stageUm(world.countable.origin.x + 900, world.countable.origin.y + 900),
    width: SIDE * step.widthUm,
    height: SIDE * step.heightUm,
  },
  CAMERA,
)
const travel = { minUm: 0, maxUm: 20_000 }
const stage = new SimulatedStage({
  seed: 6,
  ...WORN_MECHANICS,
  limits: { x: travel, y: travel, z: travel },
  retractedZUm: 0,
})
const placing = {
  pixelSizeUm: plan.pixelSizeUm,
  errorPx: plan.slackPx,
  placeAt: ({ xUm, yUm }: { xUm: number; yUm: number }) => fieldPlace(plan, stageUm(xUm, yUm)),
}
interface SeenField {
  readonly captured: CapturedField
  readonly truth: StagePlace
}
const fields: SeenField[] = []

/** @param slipUm how far to the right of where it should be the slide is seen. */
async function seenField(index: number, slipUm = 0): Promise<SeenField> {
  const { x, y } = plannedField(plan, index).centre
  const at = stage.truePlaceOf({ xUm: x, yUm: y })
  const centre = stageUm(at.xUm + slipUm, at.yUm)
  const { widthPx, heightPx, pixelSizeUm } = CAMERA
  const image = await world.render({
    centre,
    zUm: world.bestFocusUm(centre),
    widthPx,
    heightPx,
    pixelSizeUm,
    travelUm: stageUm(0, 0),
    effects: DEFAULT_EFFECTS,
    noiseSeed: index,
  })
  const stagePlace = fieldPlace(plan, stageUm(x, y))
  const origin = { x: Math.round(stagePlace.xPx), y: Math.round(stagePlace.yPx) }
  const seen = seenAt(plan, origin)
  const captured = {
    index,
    image,
    pixelSizeUm,
    origin,
    seen,
    stagePlace,
    stage: { xUm: x, yUm: y, zUm: 0 },
    imageName: null,
    copyOf: null,
    focus: null,
  }
  return { captured, truth: fieldPlace(plan, centre) }
}

beforeAll(async () => {
  for (let index = 0; index < SIDE * SIDE; index++) fields.push(await seenField(index))
})

let casebook: Casebook
let folder: string
let registrar: Registrar
beforeEach(() => {
  folder = temporaryFolder()
  casebook = openCasebook(join(folder, 'data'))
  registrar = openRegistrar()
})
afterEach(async () => {
  await registrar.close()
  casebook.close()
  rmSync(folder, { recursive: true })
})
afterAll(() => world.close())

const newRunId = (): number => {
  const caseId = casebook.listCases()[0]?.caseId ?? casebook.createCase(CASE).caseId
  return casebook.createRun(newRun(caseId)).runId
}

type KeptPart = ConstructorParameters<typeof FieldPlacer>[0]['keptPart']
/** As the slide does it, but not compressed. */
const keptOf =
  (of: readonly SeenField[]): KeptPart =>
  async (index, rect, binning) => {
    expect(binning).toBe(2)
    return half(cutPart(wholePart(of[index]!.captured.image), rect).image)
  }
const kept = keptOf(fields)
const placerOf = (runId: number, keptPart = kept, says = placing) =>
  new FieldPlacer({ runId, casebook, registrar, placing: says, keptPart })

async function commit(runId: number, placer: FieldPlacer, captured: CapturedField): Promise<void> {
  const placed = await placer.place(captured)
  const { origin, owned } = placed
  casebook.commitField({
    runId,
    field: {
      index: captured.index,
      slideX: origin.x,
      slideY: origin.y,
      widthPx: CAMERA.widthPx,
      heightPx: CAMERA.heightPx,
      owned: { ...owned.origin, width: owned.width, height: owned.height },
      stage: captured.stage,
      image: null,
      focusScore: null,
      quality: null,
      focus: null,
      leftOut: placed.leftOut,
    },
    placing: placed.placing,
    cells: [newCell(1, { x: origin.x + 400, y: origin.y + 300 })],
    scanningMs: null,
  })
  placer.committed(captured, placed, placed.leftOut?.reason ?? null)
}

/** Largest distance to the truth once the shift of the first field is taken off. */
function worst(places: readonly StagePlace[]): number {
  const off = (axis: 'xPx' | 'yPx', i: number) =>
    places[i]![axis] - fields[i]!.truth[axis] - (places[0]![axis] - fields[0]!.truth[axis])
  return Math.max(...places.map((_, i) => Math.hypot(off('xPx', i), off('yPx', i))))
}

describe('the fields of a worn stage', () => {
  it('lie right to a pixel where the stage is off by tens of them, and say by whom they were placed', async () => {
    const runId = newRunId()
    const placer = placerOf(runId)
    for (const { captured } of fields) await commit(runId, placer, captured)
    await placer.solve()
    expect(worst(fields.map(({ captured }) => captured.stagePlace!))).toBeGreaterThan(20)
    expect(worst(casebook.exactPlaces(runId))).toBeLessThan(0.5)
    const rows = casebook.fields(runId)
    expect(worst(rows.map((field) => ({ xPx: field.slideX, yPx: field.slideY })))).toBeLessThan(2)
    expect(rows[0]!.stitch).toEqual({ compared: 0, matched: 0, score: null })
    expect(rows.map(({ leftOut }) => leftOut)).toEqual(rows.map(() => null))
    for (const { stitch } of rows.slice(1)) {
      expect(stitch!.matched).toBeGreaterThan(0)
      expect(stitch!.score).toBeGreaterThan(0.5)
    }
    for (const { offPx, from, to } of casebook.stitches(runId)) {
      expect(from).toBeLessThan(to)
      if (offPx !== null) expect(offPx).toBeLessThan(1.5)
    }
    const cells = casebook.cells(runId)
    for (const [i, { slideX, slideY }] of cells.entries())
      expect([slideX - rows[i]!.slideX, slideY - rows[i]!.slideY]).toEqual([400, 300])
  })

  it('lie alike in a run that was broken off after every few fields', async () => {
    const [quiet, broken] = [newRunId(), newRunId()]
    const placer = placerOf(quiet)
    for (const { captured } of fields) await commit(quiet, placer, captured)
    await placer.solve()
    for (let index = 0; index < fields.length; ) {
      const again = placerOf(broken)
      // Placed, and then killed before it was committed.
      await again.place(fields[index]!.captured)
      const next = placerOf(broken)
      for (let k = 0; k < 3 && index < fields.length; k++) await commit(broken, next, fields[index++]!.captured)
    }
    await placerOf(broken).solve()
    await placerOf(broken).solve()
    expect(casebook.exactPlaces(broken)).toEqual(casebook.exactPlaces(quiet))
    const plain = (runId: number) => casebook.fields(runId).map(({ revision: _, ...field }) => field)
    expect(plain(broken)).toEqual(plain(quiet))
    expect(casebook.stitches(broken)).toEqual(casebook.stitches(quiet))
    expect(casebook.stageError(broken)).toEqual(casebook.stageError(quiet))
  })

  it('are placed by the stage alone where nothing is to be seen, and its known error is taken off', async () => {
    const runId = newRunId()
    const blank: KeptPart = async (_index, { width, height }): Promise<RgbImage> => {
      const [widthPx, heightPx] = [width / 2, height / 2]
      return { data: new Uint8Array(3 * widthPx * heightPx).fill(225), widthPx, heightPx }
    }
    const last = fields.length - 1
    const placer = placerOf(runId)
    for (const { captured } of fields.slice(0, last)) await commit(runId, placer, captured)
    const alone = placerOf(runId, blank)
    await commit(runId, alone, fields[last]!.captured)
    expect(casebook.fields(runId)[last]!.stitch).toMatchObject({ matched: 0, score: null })
    await alone.solve()
    // Its row and its column were understood from the others.
    expect(worst(casebook.exactPlaces(runId))).toBeLessThan(8)
  })

  it('are found by their images where the rig calls a stage good whose every other field is 7 um off', async () => {
    const runId = newRunId()
    const placer = placerOf(runId, kept, { ...placing, errorPx: 2 / CAMERA.pixelSizeUm })
    for (const { captured } of fields) {
      const { xPx, yPx } = captured.stagePlace!
      const off = captured.index % 2 === 0 ? 0 : 7 / CAMERA.pixelSizeUm
      await commit(runId, placer, { ...captured, stagePlace: { xPx: xPx + off, yPx } })
    }
    await placer.solve()
    expect(worst(casebook.exactPlaces(runId))).toBeLessThan(0.5)
    const unmatched = casebook.stitches(runId).filter(({ offset }) => offset === null)
    expect(unmatched).toEqual([])
  })
})

/** Fields that were left out, by their index. */
async function leftOutOf(seen: readonly SeenField[], runId: number): Promise<number[]> {
  const placer = placerOf(runId, keptOf(seen))
  for (const { captured } of seen) await commit(runId, placer, captured)
  await placer.solve()
  return [...casebook.gateReasons(runId).keys()]
}

describe('a field that contradicts its neighbours is left out', () => {
  /** The camera hangs once: field 6 shows what field 5 did. */
  const hanging = () =>
    fields.map((field, i) =>
      i === 6 ? { ...field, captured: { ...field.captured, image: fields[5]!.captured.image } } : field,
    )
  /** The slide is knocked by 30 um before field 6. */
  const knocked = async () => [
    ...fields.slice(0, 6),
    ...(await Promise.all(fields.slice(6).map(({ captured }) => seenField(captured.index, 30)))),
  ]

  it('where the camera gave one image twice, and only there', async () => {
    const runId = newRunId()
    expect(await leftOutOf(hanging(), runId)).toEqual([6])
    const { leftOut } = casebook.fields(runId)[6]!
    expect(leftOut).toMatchObject({ reason: 'stitch', reader: null })
    expect(leftOut!.words).toMatch(/^place unclear: shows something else than \d fields it should overlap$/)
    expect(casebook.stitches(runId).filter(({ to, unlike }) => to === 6 && unlike).length).toBeGreaterThan(1)
  })

  it('where the slide was knocked: those that reach over what was scanned before, and the others count', async () => {
    const runId = newRunId()
    const out = await leftOutOf(await knocked(), runId)
    const counts = (index: number) => !out.includes(index)
    expect([0, 1, 2, 3, 4, 5].every(counts)).toBe(true)
    expect(out).toContain(6)
    expect([12, 13, 14, 15].every(counts)).toBe(true)
    const at = (index: number) => plannedField(plan, index).centre
    const sharesSide = (a: number, b: number) => Math.min(Math.abs(at(a).x - at(b).x), Math.abs(at(a).y - at(b).y)) < 1
    const wrong = casebook
      .stitches(runId)
      .filter(({ from, to }) => from < 6 && to >= 6 && counts(from) && counts(to) && sharesSide(from, to))
    expect(wrong).toEqual([])
  })

  it('the same ones in a run that was broken off, whatever people decided meanwhile', async () => {
    const seen = hanging()
    const [quiet, broken] = [newRunId(), newRunId()]
    await leftOutOf(seen, quiet)
    for (const { captured } of seen) {
      await commit(broken, placerOf(broken, keptOf(seen)), captured)
      if (captured.index === 6) casebook.bringBackFields(broken, [6], 'A. Reader', null)
    }
    await placerOf(broken, keptOf(seen)).solve()
    expect(casebook.gateReasons(broken)).toEqual(casebook.gateReasons(quiet))
    expect(casebook.stitches(broken)).toEqual(casebook.stitches(quiet))
    expect(casebook.fields(broken)[6]!.leftOut).toBeNull()
    expect(casebook.run(broken)).toMatchObject({ fieldsLeftOut: 0, counted: seen.length })
    expect(casebook.run(quiet)).toMatchObject({ fieldsLeftOut: 1, counted: seen.length - 1 })
    expect(casebook.machineAreas(quiet).map(({ field }) => field)).not.toContain(6)
    expect(casebook.check()).toEqual([])
  })
})

it('fields without a stage stay where they were put, and own what they show', async () => {
  const runId = newRunId()
  const placer = new FieldPlacer({
    runId,
    casebook,
    registrar,
    placing: null,
    keptPart: () => Promise.reject(new Error()),
  })
  const { captured } = fields[0]!
  const whole = { origin: captured.origin, width: CAMERA.widthPx, height: CAMERA.heightPx }
  const placed = await placer.place({ ...captured, seen: whole, stagePlace: null, stage: null })
  expect(placed).toEqual({
    origin: captured.origin,
    owned: whole,
    earlier: [],
    placing: null,
    leftOut: null,
    flag: null,
  })
  await placer.solve()
  expect(casebook.stageError(runId)).toBeNull()
})
