import { describe, expect, it } from 'vitest'
import { fieldsFrom, scanOf } from '../../../../test/support/stage-scan.ts'
import type { Field } from '../../../shared/contract/slide.ts'
import { type Rect, type StageUm, stageUm } from '../../../shared/geometry.ts'
import type { RgbImage } from '../../../shared/image.ts'
import { openRigOn, type SimulatedRig } from '../../microscope/simulated-rig.ts'
import { createWorld } from '../../microscope/simulator/create-world.ts'
import type { RenderRequest, World } from '../../microscope/simulator/world.ts'
import { measureField } from '../../vision/quality/measure-field.ts'
import type { CapturedField } from '../field-source.ts'
import { fieldCount, planStage, type StagePlan } from '../stage-plan.ts'

const CAMERA = { widthPx: 768, heightPx: 576 }
const SEED = 5

/** A slide whose height jumps by `stepUm` halfway across a small area, with one cell-rich image everywhere else. */
function steppedWorld(stepUm: number): World & { readonly area: Rect<StageUm> } {
  const world = createWorld({ seed: SEED, profile: 'normal' })
  const { origin } = world.countable
  const area = { origin: stageUm(origin.x + 600, origin.y + 600), width: 250, height: 100 }
  const lift = ({ x }: StageUm) => (x > area.origin.x + 0.55 * area.width ? stepUm : 0)
  return {
    ...world,
    area,
    bestFocusUm: (at) => world.bestFocusUm(at) + lift(at),
    render: (request) => world.render({ ...request, zUm: request.zUm - lift(request.centre) }),
  }
}

function openRig(world: World, area: Rect<StageUm>): SimulatedRig {
  return { ...openRigOn(world, { seed: SEED, timeScale: 1000, camera: CAMERA }), area }
}

/** A map as of a slide that is flat: nothing is known of the step. */
function flatPlan(world: World, area: Rect<StageUm>): StagePlan {
  const zUm = world.bestFocusUm(area.origin)
  const focus = { middle: area.origin, zUm, slopeX: 0, slopeY: 0, points: 1, residualUm: 0, bends: [], reachUm: 1 }
  return { ...planStage(area, { ...CAMERA, pixelSizeUm: 0.092, placeErrorUm: 0.4 }), focus, sharpUm: 0.205 }
}

const committed = (fields: readonly CapturedField[]): Field[] =>
  fields.map(({ index, origin, image, stage, focus, pixelSizeUm }) => ({
    index,
    slideX: origin.x,
    slideY: origin.y,
    widthPx: image.widthPx,
    heightPx: image.heightPx,
    owned: { ...origin, width: image.widthPx, height: image.heightPx },
    stage,
    image: null,
    focusScore: null,
    quality: measureField(image, pixelSizeUm),
    focus,
    leftOut: null,
    stitch: null,
    cells: 0,
    revision: index + 1,
  }))
const offFocus = (world: World, { stage }: CapturedField) =>
  Math.abs(stage!.zUm - world.bestFocusUm(stageUm(stage!.xUm, stage!.yUm)))

describe('a slide with a step that its map does not know', () => {
  it('is in focus on both sides, for few extra moves; and a scan that breaks off anywhere goes on alike', async () => {
    const world = steppedWorld(2.2)
    const rig = openRig(world, world.area)
    let moves = 0
    const moveTo = rig.stage.moveTo.bind(rig.stage)
    rig.stage.moveTo = (...to) => {
      moves++
      return moveTo(...to)
    }
    const plan = flatPlan(world, world.area)
    const whole = await fieldsFrom(scanOf(rig, plan))
    expect(whole).toHaveLength(fieldCount(plan))
    for (const field of whole) expect(offFocus(world, field), `field ${field.index}`).toBeLessThan(0.7)
    const anew = whole.filter(({ focus }) => focus !== null)
    expect(anew.length).toBeGreaterThan(0)
    expect(anew.length).toBeLessThan(whole.length / 2)
    // The step lies across each row of five fields; the moves of getting ready are among them.
    expect((moves - whole.length) / whole.length).toBeLessThan(1.6)

    const rows = committed(whole)
    for (const before of [1, anew[0].index, anew[0].index + 1, anew[0].index + 2, whole.length - 1]) {
      const rest = await fieldsFrom(scanOf(rig, plan, rows.slice(0, before)))
      expect(
        rest.map(({ stage, focus }) => ({ stage, focus })),
        `resumed at ${before}`,
      ).toEqual(whole.slice(before).map(({ stage, focus }) => ({ stage, focus })))
      expect(rest.every(({ image }, k) => Buffer.compare(image.data, whole[before + k].image.data) === 0)).toBe(true)
    }
    await rig.close()
  })

  it('lets go of a field that waits to be focused when the scan ends', async () => {
    const world = steppedWorld(0)
    const rig = openRig(world, world.area)
    const plan = flatPlan(world, world.area)
    // Everything lies 2 um off what the map says.
    const source = scanOf(rig, { ...plan, focus: { ...plan.focus!, zUm: plan.focus!.zUm + 2 } })
    const abort = new AbortController()
    await source.prepare(abort.signal, async (work) => work())
    const pending = await source.next(abort.signal)
    const ended = new Error('ended')
    abort.abort(ended)
    await expect(pending!.captured).rejects.toBe(ended)
    await rig.close()
  })
})

describe('a field no plane of which is sharp everywhere', () => {
  it('is put together of several', async () => {
    const world = createWorld({ seed: SEED, profile: 'normal' })
    const { origin } = world.countable
    const area = { origin: stageUm(origin.x + 600, origin.y + 600), width: 20, height: 15 }
    const twoLayers: World = { ...world, render: (request) => layered(world, request) }
    const rig = openRig(twoLayers, area)
    const plan = flatPlan(world, area)
    const [field] = await fieldsFrom(scanOf(rig, plan))
    expect(field.focus).toMatchObject({ fused: true })
    // In either layer nearly as much to see as where that one is in focus, which no single plane has of both.
    const bestUm = world.bestFocusUm(area.origin)
    const [low, high] = await Promise.all(
      [bestUm - 1.2, bestUm + 1.2].map((zUm) => layered(world, requestAt(field, zUm))),
    )
    for (const [parity, own, other] of [
      [0, low, high],
      [1, high, low],
    ] as const) {
      // prettier-ignore
      const seen = detailIn(field.image, parity)
      const share = seen / detailIn(own, parity)
      const shareOfOther = detailIn(other, parity) / detailIn(own, parity)
      expect(share, `layer ${parity}`).toBeGreaterThan(0.5)
      expect(share, `layer ${parity}, ${shareOfOther} where the other is in focus`).toBeGreaterThan(1.4 * shareOfOther)
    }
    await rig.close()
  })
})

const requestAt = ({ stage }: CapturedField, zUm: number): RenderRequest => ({
  centre: stageUm(stage!.xUm, stage!.yUm),
  zUm,
  ...CAMERA,
  pixelSizeUm: 0.092,
  travelUm: stageUm(0, 0),
  effects: {
    vignetting: 0,
    fullWellElectrons: 8000,
    readNoiseElectrons: 8,
    hotPixelShare: 0,
    light: 1,
    tint: [1, 1, 1],
    shade: [0, 0],
    blackLevel: 0,
  },
  noiseSeed: 1,
})

const SQUARE_PX = 192
const parityAt = (pixel: number, widthPx: number) =>
  (Math.floor((pixel % widthPx) / SQUARE_PX) + Math.floor(pixel / widthPx / SQUARE_PX)) % 2

/** Mean squared step of green over three pixels, inside the squares of one layer. */
function detailIn({ data, widthPx, heightPx }: RgbImage, parity: number): number {
  let [sum, count] = [0, 0]
  for (let y = 0; y < heightPx; y++) {
    for (let x = 0; x < widthPx - 3; x++) {
      const inside = x % SQUARE_PX > 64 && x % SQUARE_PX < 128 && y % SQUARE_PX > 64 && y % SQUARE_PX < 128
      if (!inside || parityAt(y * widthPx + x, widthPx) !== parity) continue
      const i = 3 * (y * widthPx + x) + 1
      sum += (data[i + 9] - data[i]) ** 2
      count++
    }
  }
  return sum / count
}

/** Squares of a smear that is 2.4 um thick: every other one lies so much higher. */
async function layered(world: World, request: RenderRequest) {
  const [low, high] = await Promise.all([1.2, -1.2].map((um) => world.render({ ...request, zUm: request.zUm + um })))
  const { widthPx } = low
  const data = new Uint8Array(new SharedArrayBuffer(low.data.length))
  for (let i = 0; i < data.length; i++) {
    data[i] = (parityAt(Math.floor(i / 3), widthPx) === 0 ? low : high).data[i]
  }
  return { ...low, data }
}
