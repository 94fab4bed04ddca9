import { afterEach, describe, expect, it } from 'vitest'
import { fieldsFrom, scanOf } from '../../../test/support/stage-scan.ts'
import { type Rect, type StageUm, stageUm } from '../../shared/geometry.ts'
import { openRigOn, type SimulatedRig } from '../microscope/simulated-rig.ts'
import { createWorld } from '../microscope/simulator/create-world.ts'
import type { ImageEffects, World } from '../microscope/simulator/world.ts'
import type { CapturedField } from './field-source.ts'
import { fieldCount, planStage, type StagePlan } from './stage-plan.ts'

const CAMERA = { widthPx: 512, heightPx: 384 }
const SEED = 5
const HANGS = { code: 'device-failed', message: expect.stringContaining('hangs') }

const closing: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const each of closing.splice(0).reverse()) await each.close()
})

/** Two rows of fields whose focus is known. */
function smear(): { world: World; area: Rect<StageUm>; plan: StagePlan } {
  const world = createWorld({ seed: SEED, profile: 'normal' })
  closing.push(world)
  const { origin } = world.countable
  const area = { origin: stageUm(origin.x + 600, origin.y + 600), width: 150, height: 60 }
  const plan = planStage(area, { ...CAMERA, pixelSizeUm: 0.092, placeErrorUm: 0.4 })
  const zUm = world.bestFocusUm(area.origin)
  const focus = { middle: area.origin, zUm, slopeX: 0, slopeY: 0, points: 1, residualUm: 0, bends: [], reachUm: 1 }
  return { world, area, plan: { ...plan, focus, sharpUm: 0.205 } }
}

/** @param at told the number of each capture before it is made, the one before the slide is looked at being 0. */
function microscope(
  world: World,
  at: (capture: number, rig: SimulatedRig) => void = () => undefined,
  isHung = () => false,
  effects: Partial<ImageEffects> = {},
) {
  const rig = openRigOn(world, { seed: SEED, timeScale: 1000, camera: { ...CAMERA, isHung }, effects })
  let captures = 0
  const start = rig.camera.startCaptureAfter.bind(rig.camera)
  rig.camera.startCaptureAfter = (...when) => {
    at(captures++, rig)
    return start(...when)
  }
  closing.push({ close: () => rig.camera.close() })
  return { rig, captures: () => captures }
}

describe('a camera that gives an image again though the stage has moved', () => {
  it('is asked anew, at any field, and the scan sees what it would have seen', async () => {
    const { world, plan } = smear()
    const peace = microscope(world)
    const whole = await fieldsFrom(scanOf(peace.rig, plan))
    expect(whole).toHaveLength(fieldCount(plan))
    const last = peace.captures() - 1
    for (const repeats of [[1], [2, 3], [4, 5, 6], [1, 5], [last]]) {
      const { rig, captures } = microscope(world, (capture, { camera }) => {
        if (repeats.includes(capture)) camera.failNext('repeat')
      })
      const fields = await fieldsFrom(scanOf(rig, plan))
      expect(captures(), `repeats ${repeats}`).toBe(peace.captures() + repeats.length)
      expect(fields.map(({ stage, focus }) => ({ stage, focus }))).toEqual(
        whole.map(({ stage, focus }) => ({ stage, focus })),
      )
      expect(fields.every(({ image }, i) => Buffer.compare(image.data, whole[i]!.image.data) === 0)).toBe(true)
    }
  })

  it('ends the scan where it goes on so; the fields before are captured, the next is not', async () => {
    const { world, plan } = smear()
    let hung = false
    const { rig, captures } = microscope(
      world,
      (capture) => {
        hung = capture > 3
      },
      () => hung,
    )
    const source = scanOf(rig, plan)
    const { signal } = new AbortController()
    await source.prepare(signal, async (work) => work())
    const pending: Promise<CapturedField>[] = []
    const scanning = (async () => {
      for (let next = await source.next(signal); next; next = await source.next(signal)) pending.push(next.captured)
    })()
    await expect(scanning).rejects.toMatchObject({
      ...HANGS,
      detail: { remedy: expect.stringMatching(/^Unplug.*\.$/) },
    })
    const outcomes = await Promise.allSettled(pending)
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled', 'rejected'])
    // The one before the slide, four fields, and four attempts at the last of them.
    expect(captures()).toBe(1 + 4 + 4)
  })

  it('is told at the first field where it hung before the scan', async () => {
    const { world, plan } = smear()
    const { rig, captures } = microscope(world, undefined, () => true)
    await expect(fieldsFrom(scanOf(rig, plan))).rejects.toMatchObject(HANGS)
    expect(captures()).toBe(1 + 1 + 4)
  })

  it.each([0, 12, 40])('is told while the slide is focused, from capture %i on; no heights are kept', async (from) => {
    const { world, plan } = smear()
    let hung = false
    const { rig, captures } = microscope(
      world,
      (capture) => {
        hung = capture >= from
      },
      () => hung,
    )
    const kept: StagePlan[] = []
    const source = scanOf(rig, { ...plan, focus: null, sharpUm: null }, [], (saved) => kept.push(saved))
    await expect(fieldsFrom(source)).rejects.toMatchObject(HANGS)
    expect(captures()).toBeGreaterThan(from)
    expect(kept).toEqual([])
  })

  it('lets go of a field that waits to be exposed anew when the scan ends', async () => {
    const { world, plan } = smear()
    const { rig } = microscope(world, (capture, { camera }) => {
      if (capture === 2) camera.failNext('repeat')
    })
    const source = scanOf(rig, plan)
    const abort = new AbortController()
    await source.prepare(abort.signal, async (work) => work())
    const [first, second] = [await source.next(abort.signal), await source.next(abort.signal)]
    expect((await first!.captured).index).toBe(0)
    const ended = new Error('ended')
    abort.abort(ended)
    await expect(second!.captured).rejects.toBe(ended)
  })
})

it.each([
  ['a lamp that is out', 0, 0],
  ['a lamp too bright for the camera', 1000, 255],
])('%s is no camera that hangs', async (_what, light, level) => {
  const { world, plan } = smear()
  // Hardly any noise: images are equal then, but for their stuck pixels.
  const quiet = { light, readNoiseElectrons: 0, fullWellElectrons: 1e7 }
  const { rig } = microscope(world, undefined, undefined, quiet)
  const fields = await fieldsFrom(scanOf(rig, plan))
  expect(fields).toHaveLength(fieldCount(plan))
  const [one, other] = fields.map(({ image }) => image)
  expect(one!.data.filter((value) => value === level).length / one!.data.length).toBeGreaterThan(0.999)
  expect(Buffer.compare(one!.data, other!.data)).toBe(0)
})
