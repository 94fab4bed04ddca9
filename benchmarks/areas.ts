/**
 * What an overview is worth: `node benchmarks/areas.ts [--profiles normal,aml|all] [--seeds 1,2,3] [--cells 500]`. One JSON object on stdout.
 *
 * Each smear is looked over as the bench does it, over all that the stage reaches, with a camera of half as many pixels (the same
 * field); devices run as fast as the processor lets them. Then every field of the top-ranked area is exposed: `accepted` are those
 * that the gate of a run lets count, `countable` those that the overview's own rules call countable too. `fields` until so many nucleated cells lie in accepted ones are compared with `raster`: fields row by row from the upper left
 * corner of the smear's own bounding rectangle, in focus by the same map, until as many are found there (at most `most` times as many
 * fields). `withinInterval`: the fields it took lie in the interval that was stated beforehand. No cell is named: `cells` is compared with
 * all nucleated cells found, a little more than those that count.
 */
import { parseArgs } from 'node:util'
import { openSimulatedRig } from '../src/main/microscope/simulated-rig.ts'
import type { Profile } from '../src/main/microscope/simulator/world.ts'
import { Gate } from '../src/main/scan/gate.ts'
import { lookOver } from '../src/main/scan/overview/look-over.ts'
import { cautiousHeight } from '../src/main/scan/overview/overview-focus.ts'
import { usualPitchUm } from '../src/main/scan/overview/raster.ts'
import { sharpnessOf } from '../src/main/scan/overview/sharpness.ts'
import { planArea } from '../src/main/scan/plan-area.ts'
import { fieldCount, fieldStep, plannedField } from '../src/main/scan/stage-plan.ts'
import { measureField } from '../src/main/vision/quality/measure-field.ts'
import { segmentCells } from '../src/main/vision/segment.ts'
import { viewSpread } from '../src/main/vision/spread.ts'
import { exactInterval } from '../src/shared/differential/interval.ts'
import { type Rect, type StageUm, stageUm } from '../src/shared/geometry.ts'
import { judge, type Verdict } from '../src/shared/overview/judge.ts'
import type { OverviewPlace } from '../src/shared/overview/place.ts'
import { proposeAreas } from '../src/shared/overview/propose.ts'
import { smearMap } from '../src/shared/overview/smear-map.ts'
import { namedProfiles } from './named-profiles.ts'

const CAMERA = { widthPx: 1448, heightPx: 1086, pixelSizeUm: 0.13, placeErrorUm: 0 }
/** The raster is given up after so many times the fields that the area took. */
const MOST = 2.5
/** All cells that are found count alike here. */
const EVERY_CELL = { share: 1, error: 0.03 }

const { values } = parseArgs({
  options: {
    profiles: { type: 'string', default: 'all' },
    seeds: { type: 'string', default: '1' },
    cells: { type: 'string', default: '500' },
  },
})
const targetCells = Number(values.cells)
/** On this thread: nothing else of this program waits for the processor. */
const analyser = { spread: async (...asked: Parameters<typeof viewSpread>) => viewSpread(...asked) }
const smears: Awaited<ReturnType<typeof measure>>[] = []
for (const seed of values.seeds.split(',').map(Number)) {
  for (const profile of namedProfiles(values.profiles)) {
    const smear = await measure(profile, seed)
    console.error(JSON.stringify(smear))
    smears.push(smear)
  }
}

const sum = (of: (smear: (typeof smears)[number]) => number) => smears.reduce((total, smear) => total + of(smear), 0)
const fields = sum((smear) => smear.areaFields)
const accepted = sum((smear) => smear.accepted)
const countable = sum((smear) => smear.countable)
console.log(
  JSON.stringify({
    benchmark: 'areas',
    targetCells,
    smears,
    acceptance: {
      fields,
      accepted,
      countable,
      share: accepted / fields,
      interval: exactInterval(accepted, fields),
      lowest: Math.min(...smears.map((smear) => smear.accepted / smear.areaFields)),
    },
    fieldsAgainstRaster: {
      // Of the raster's: at most a half is asked for.
      highest: Math.max(...smears.map((smear) => smear.fields / smear.raster.fields)),
      mean: sum((smear) => smear.fields / smear.raster.fields) / smears.length,
    },
    withinInterval: `${smears.filter((smear) => smear.withinInterval).length} of ${smears.length}`,
  }),
)

async function measure(profile: Profile, seed: number) {
  const { placeErrorUm: _, ...camera } = CAMERA
  const rig = await openSimulatedRig({ profile, seed, timeScale: 1000, camera })
  try {
    const { x, y } = rig.stage.limits
    const extent = rectOf(x.minUm, y.minUm, x.maxUm - x.minUm, y.maxUm - y.minUm)
    const pitchUm = usualPitchUm(extent)
    const places: OverviewPlace[] = []
    const { points } = await lookOver({
      rig,
      pixelSizeUm: CAMERA.pixelSizeUm,
      analyser,
      extent,
      pitchUm,
      signal: new AbortController().signal,
      say: () => undefined,
      onPlace: (place) => places.push(place),
      onFrame: () => undefined,
    })
    const heightAt = cautiousHeight(points)
    const map = smearMap(places, pitchUm)
    const [best] = proposeAreas(map, {
      step: fieldStep(CAMERA),
      targetCells,
      excluded: [],
      counted: EVERY_CELL,
      pace: null,
      most: 5,
    })
    if (!best) throw new Error(`nothing is proposed on ${profile}, seed ${seed}`)

    /** One field of a run, judged by that run's gate. */
    const visitor = () => {
      const gate = new Gate({ fieldOrigin: 'one-slide', sharpUm: null }, [])
      return async (centre: StageUm) => {
        await rig.stage.moveTo({ xUm: centre.x, yUm: centre.y, zUm: heightAt(centre) })
        const { frame } = await rig.camera.startCaptureAfter(performance.now())
        const image = await frame
        const segmentation = segmentCells(image, CAMERA.pixelSizeUm)
        const quality = measureField(image, CAMERA.pixelSizeUm, segmentation)
        const leftOut = gate.judge(quality)
        gate.committed(quality)
        const spread = viewSpread(image, CAMERA.pixelSizeUm, segmentation)
        const place = { index: 0, xUm: 0, yUm: 0, zUm: 0, spread, sharpness: sharpnessOf(image) }
        return { leftOut: leftOut?.reason ?? null, verdict: judge(place, map.usual).verdict, cells: spread.cells }
      }
    }
    const visit = visitor()
    const plan = planArea({ rects: [...best.rects], excluded: [] }, CAMERA, 'serpentine', null)!
    let [accepted, countable, cells, taken] = [0, 0, 0, null as number | null]
    const rejected: string[] = []
    for (let index = 0; index < fieldCount(plan); index++) {
      const field = await visit(plannedField(plan, index).centre)
      if (field.verdict === 'countable') countable++
      if (field.leftOut === null) {
        accepted++
        cells += field.cells
      } else rejected.push(field.leftOut)
      if (cells >= targetCells) taken ??= index + 1
    }
    // The area's end before the target: as many more as its fields so far brought.
    const took = taken ?? Math.ceil((fieldCount(plan) * targetCells) / Math.max(1, cells))
    const raster = await fromTheCorner(rig.world.extent, MOST * took, visitor())
    const { fieldsToTarget } = best.expectation
    return {
      profile,
      seed,
      places: places.length,
      areaFields: fieldCount(plan),
      accepted,
      countable,
      rejected,
      reached: taken !== null,
      fields: took,
      expected: fieldsToTarget,
      withinInterval:
        fieldsToTarget !== null &&
        took >= fieldsToTarget.low &&
        (fieldsToTarget.high === null || took <= fieldsToTarget.high),
      raster,
    }
  } finally {
    await rig.close()
  }
}

/** Row by row, every row from the left. */
async function fromTheCorner(
  extent: Rect<StageUm>,
  most: number,
  visit: (
    centre: StageUm,
  ) => Promise<{ readonly leftOut: string | null; readonly verdict: Verdict; readonly cells: number }>,
) {
  const { widthUm, heightUm } = fieldStep(CAMERA)
  let [fields, accepted, countable, cells] = [0, 0, 0, 0]
  for (let row = 0; row * heightUm < extent.height; row++) {
    for (let column = 0; column * widthUm < extent.width; column++) {
      const at = stageUm(extent.origin.x + (column + 0.5) * widthUm, extent.origin.y + (row + 0.5) * heightUm)
      const field = await visit(at)
      fields++
      if (field.verdict === 'countable') countable++
      if (field.leftOut === null) {
        accepted++
        cells += field.cells
      }
      if (cells >= targetCells || fields >= most)
        return { fields, accepted, countable, cells, reached: cells >= targetCells }
    }
  }
  return { fields, accepted, countable, cells, reached: false }
}

function rectOf(x: number, y: number, width: number, height: number): Rect<StageUm> {
  return { origin: stageUm(x, y), width, height }
}
