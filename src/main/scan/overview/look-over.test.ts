import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { stageUm } from '../../../shared/geometry.ts'
import { fieldsOf, USUAL_COUNTED } from '../../../shared/overview/expect.ts'
import type { OverviewPlace } from '../../../shared/overview/place.ts'
import { proposeAreas } from '../../../shared/overview/propose.ts'
import { smearMap } from '../../../shared/overview/smear-map.ts'
import type { StageRig } from '../../microscope/rig.ts'
import { openSimulatedRig, type SimulatedRig } from '../../microscope/simulated-rig.ts'
import { makeSlide } from '../../microscope/simulator/make-slide.ts'
import { openAnalyser } from '../../vision/analyser.ts'
import type { Analyser } from '../../vision/analysis.ts'
import { fieldStep } from '../stage-plan.ts'
import { lookOver } from './look-over.ts'

const PIXEL_UM = 0.184
const camera = { widthPx: 1024, heightPx: 768, pixelSizeUm: PIXEL_UM }
const PITCH_UM = 600
/** From before the smear's thick end into where it is thin, a strip of it. */
const EXTENT = { origin: stageUm(3500, 4500), width: 7200, height: 1200 }

let analyser: Analyser
beforeAll(() => {
  analyser = openAnalyser({ workers: 2 })
})
afterAll(() => analyser.close())

const look = (
  rig: StageRig,
  onPlace: (place: OverviewPlace) => void,
  signal = new AbortController().signal,
  extent = EXTENT,
) =>
  lookOver({
    rig,
    pixelSizeUm: PIXEL_UM,
    analyser,
    extent,
    pitchUm: PITCH_UM,
    signal,
    say: () => undefined,
    onPlace,
    onFrame: () => undefined,
  })

/** Notes every target, and where the objective stood when it was sent sideways. */
function watched(rig: SimulatedRig) {
  const moves: { readonly distanceUm: number; readonly zUm: number }[] = []
  const stage = Object.create(rig.stage, {
    limits: { value: rig.stage.limits },
    retractedZUm: { value: rig.stage.retractedZUm },
    position: { value: () => rig.stage.position() },
    halt: { value: () => rig.stage.halt() },
    moveTo: {
      value: async (...[target, signal]: Parameters<typeof rig.stage.moveTo>) => {
        if (target.xUm !== undefined && target.yUm !== undefined) {
          const { xUm, yUm, zUm } = await rig.stage.position()
          moves.push({ distanceUm: Math.hypot(target.xUm - xUm, target.yUm - yUm), zUm })
        }
        return rig.stage.moveTo(target, signal)
      },
    },
  })
  return { moves, rig: { ...rig, stage } as StageRig }
}

describe('an overview of a simulated smear', () => {
  let rig: SimulatedRig
  const places: OverviewPlace[] = []
  let seen: ReturnType<typeof watched>
  let focusPoints = 0
  beforeAll(async () => {
    rig = await openSimulatedRig({ profile: 'normal', seed: 21, timeScale: 1000, camera })
    seen = watched(rig)
    focusPoints = (await look(seen.rig, (place) => places.push(place))).focus.points
  }, 600_000)
  afterAll(() => rig.close())

  it('learns from exposures where the smear is thin, rich and in focus', () => {
    const { layout } = makeSlide({ seed: 21, profile: 'normal' })
    const map = smearMap(places, PITCH_UM)
    expect(places.map(({ index }) => index)).toEqual(places.map((_, i) => i))
    expect(focusPoints).toBeGreaterThanOrEqual(5)
    const step = fieldStep({ ...camera, placeErrorUm: rig.placeErrorUm })
    const [best] = proposeAreas(map, {
      step,
      targetCells: 500,
      excluded: [],
      counted: USUAL_COUNTED,
      pace: null,
      most: 3,
    })
    const truth = fieldsOf({ rects: best!.rects, excluded: [], step }).map(({ xUm, yUm }) => layout.map.at(xUm, yUm))
    expect(Math.max(...truth.map(({ thickness }) => thickness))).toBeLessThan(0.25)
    expect(Math.max(...truth.map(({ spicule }) => spicule))).toBeLessThan(0.3)
    // Where the simulator says that there is no smear, nothing was found; where it is thick, it was called so.
    for (const [i, { xUm, yUm }] of places.entries()) {
      const local = layout.map.at(xUm, yUm)
      const { verdict } = map.judged[i]!
      if (local.cellsPerUm2 === 0) expect(verdict).toBe('empty')
      if (local.thickness > 0.95 && local.cellsPerUm2 > 1e-3) expect(['thick', 'particle']).toContain(verdict)
    }
  })

  it('follows the slide: nearly every place with cells is in focus', () => {
    const { layout } = makeSlide({ seed: 21, profile: 'normal' })
    const off = places
      .filter(({ xUm, yUm }) => layout.map.at(xUm, yUm).cellsPerUm2 > 1e-4)
      .map(({ xUm, yUm, zUm }) => Math.abs(zUm - rig.world.bestFocusUm(stageUm(xUm, yUm))))
      .sort((a, b) => a - b)
    expect(off[Math.floor(0.9 * off.length)]).toBeLessThan(0.7)
  })

  it('takes the objective out of the way for long moves, and at the end', async () => {
    const long = seen.moves.filter(({ distanceUm }) => distanceUm > 3.5 * PITCH_UM)
    expect(long.length).toBeGreaterThan(0)
    for (const { zUm } of long) expect(zUm).toBeLessThan(rig.stage.retractedZUm + 1)
    expect((await rig.stage.position()).zUm).toBeCloseTo(rig.stage.retractedZUm, 0)
  })
})

it('keeps what it saw when it is stopped, and retracts', async () => {
  const rig = await openSimulatedRig({ profile: 'aml', seed: 22, timeScale: 1000, camera })
  try {
    const abort = new AbortController()
    const places: OverviewPlace[] = []
    const looking = look(
      rig,
      (place) => {
        places.push(place)
        if (places.length === 5) abort.abort(new DOMException('stopped', 'AbortError'))
      },
      abort.signal,
    )
    await expect(looking).rejects.toMatchObject({ name: 'AbortError' })
    expect(places.length).toBeGreaterThanOrEqual(5)
    expect(places.map(({ index }) => index)).toEqual(places.map((_, i) => i))
    expect((await rig.stage.position()).zUm).toBeCloseTo(rig.stage.retractedZUm, 0)
  } finally {
    await rig.close()
  }
})

it('says so where the camera hangs from the beginning, rather than that nothing comes into focus', async () => {
  const rig = await openSimulatedRig({
    profile: 'aml',
    seed: 22,
    timeScale: 1000,
    camera: { ...camera, widthPx: 256, heightPx: 192, isHung: () => true },
  })
  try {
    await expect(look(rig, () => undefined)).rejects.toMatchObject({
      code: 'device-failed',
      message: expect.stringContaining('hangs'),
    })
  } finally {
    await rig.close()
  }
})

it('leaves out a place for which the camera gave another one, and ends where it hangs, keeping what it saw', async () => {
  let hung = false
  const rig = await openSimulatedRig({
    profile: 'aml',
    seed: 22,
    timeScale: 1000,
    camera: { ...camera, widthPx: 512, heightPx: 384, isHung: () => hung },
  })
  try {
    const places: OverviewPlace[] = []
    let repeats = 0
    const sent: { xUm: number; yUm: number }[] = []
    const { startCaptureAfter } = rig.camera
    rig.camera.startCaptureAfter = async (...when) => {
      const repeated = places.length === 3 && repeats++ === 0
      if (repeated) rig.camera.failNext('repeat')
      const exposure = await startCaptureAfter.apply(rig.camera, when)
      if (repeated) sent.push(await rig.stage.position())
      return exposure
    }
    const looking = look(rig, (place) => {
      places.push(place)
      hung ||= places.length === 6
    })
    await expect(looking).rejects.toMatchObject({ code: 'device-failed', message: expect.stringContaining('hangs') })
    expect(sent).toHaveLength(1)
    expect(places.some(({ xUm, yUm }) => xUm === sent[0]!.xUm && yUm === sent[0]!.yUm)).toBe(false)
    // Those exposed before it hung were still in work.
    expect(places.length).toBeGreaterThanOrEqual(6)
    expect(places.length).toBeLessThan(6 + 4)
    expect(places.map(({ index }) => index)).toEqual(places.map((_, i) => i))
    expect((await rig.stage.position()).zUm).toBeCloseTo(rig.stage.retractedZUm, 0)
  } finally {
    await rig.close()
  }
})

it('says so where nothing comes into focus, with the objective out of the way', async () => {
  const rig = await openSimulatedRig({
    profile: 'normal',
    seed: 23,
    timeScale: 1000,
    camera: { ...camera, widthPx: 512, heightPx: 384 },
    effects: { light: 0 },
  })
  try {
    const glass = { origin: stageUm(3100, 2100), width: 600, height: 600 }
    await expect(look(rig, () => undefined, undefined, glass)).rejects.toMatchObject({
      code: 'device-failed',
      detail: { remedy: expect.stringContaining('lamp') },
    })
    expect((await rig.stage.position()).zUm).toBeCloseTo(rig.stage.retractedZUm, 0)
  } finally {
    await rig.close()
  }
})
