/**
 * How right fields lie once they are registered and solved, on a simulated microscope whose stage is worn (3 um of backlash, 5 um rms off and
 * unaware of it): `node benchmarks/stitch.ts [--seeds 1,2] [--columns 28] [--rows 36] [--empty 0.5] [--scatter UM] [--backlash UM]
 * [--stage-says UM] [--width PX --height PX] [--pixel-size UM] [--mount N] [--defocus UM] [--fault slip|late|frozen [--fault-every 23]
 * [--slip-um 30]]`. JSON on standard output, a line a seed. Every field is drawn whole, kept as a scan keeps it, compared with its neighbours and placed as a scan does it.
 *
 * `--stage-says`: how far the rig says that neighbours may be off (see `StageRig.placeErrorUm`). `--backlash`: of both axes, beyond what the stage
 * takes up. `--mount`: a camera that is turned, mirrored and unevenly lit as `calibrate --mount N` has it, its images laid along the stage's axes as
 * after that; `--pixel-size`, `--width` and `--height` are of the camera and replace the mount's.
 *
 * `--empty`: of all pairs of neighbours, drawn by lot, this share has nothing in what both show: glass and noise are painted over it.
 *
 * `--defocus`: heights are off best focus by this, rms. `--fault`: in one field of `--fault-every`, drawn by lot, the slide slips by `--slip-um` to
 * some side and stays there, or the camera gives an image of where the stage stood for the field before: another exposure of it (late), or the image of
 * the field before itself, byte for byte (frozen). `repeated`: images that are told as such, where the field is exposed anew as in a scan. `leftOut`:
 * fields whose neighbours contradict their place; `struck` of those in which a fault was, and `needlessly` where nothing that counts lies otherwise. `offSeams`: of those that show
 * anything, between fields that lie to each other by more than 2.5 um otherwise than in truth; `counting` where both count.
 *
 * Errors are in pixels, against where the stage really stood, less the shift that all have in common. `twice` and `lost` are cells of the
 * truth that are counted more than once (`twiceWereAllToCount`: if none were left out), or not at all though some field sees them whole: found by
 * a detector that misses nothing and is off by 0.3 um rms, so that what is counted wrongly is counted wrongly at seams. `ms` is processor time a
 * field, all threads together, for reading the kept neighbours, comparing and placing.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { NewCell } from '../src/main/casebook/casebook.ts'
import { openCasebook } from '../src/main/casebook/open-casebook.ts'
import { createWorld } from '../src/main/microscope/simulator/create-world.ts'
import { followWithPlay } from '../src/main/microscope/simulator/motion.ts'
import { hash, Random } from '../src/main/microscope/simulator/random.ts'
import { SimulatedStage } from '../src/main/microscope/simulator/simulated-stage.ts'
import { WORN_MECHANICS } from '../src/main/microscope/simulator/simulated-stage-options.ts'
import type { CapturedField } from '../src/main/scan/field-source.ts'
import { GivenImages } from '../src/main/scan/given-images.ts'
import { countsCell, seamRules } from '../src/main/scan/ownership.ts'
import { FieldPlacer } from '../src/main/scan/registration/field-placer.ts'
import { openRegistrar } from '../src/main/scan/registration/registrar.ts'
import {
  fieldCount,
  fieldPlace,
  fieldStep,
  plannedField,
  planStage,
  seenAt,
  slideSizePx,
} from '../src/main/scan/stage-plan.ts'
import { openSlide } from '../src/main/slide/open-slide.ts'
import { contains, type Rect, type StageUm, slidePx, stageUm } from '../src/shared/geometry.ts'
import type { RgbImage } from '../src/shared/image.ts'
import { mountedCamera } from './mounted-camera.ts'
import { areaSeen, blanksOf, isBlank, painted } from './stitch-blanks.ts'
import { type FaultsAsked, faultsOf } from './stitch-faults.ts'
import { stitchFigures } from './stitch-figures.ts'

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1' },
    columns: { type: 'string', default: '28' },
    rows: { type: 'string', default: '36' },
    empty: { type: 'string', default: '0' },
    width: { type: 'string' },
    height: { type: 'string' },
    'pixel-size': { type: 'string' },
    mount: { type: 'string' },
    'stage-says': { type: 'string', default: '6' },
    backlash: { type: 'string', default: '0' },
    scatter: { type: 'string', default: String(WORN_MECHANICS.scatterUm) },
    defocus: { type: 'string', default: '0' },
    fault: { type: 'string' },
    'fault-every': { type: 'string', default: '23' },
    'slip-um': { type: 'string', default: '30' },
  },
})
const [columns, rows, empty] = [Number(values.columns), Number(values.rows), Number(values.empty)]
const backlashUm = Number(values.backlash)
const given = (text: string | undefined) => (text === undefined ? null : Number(text))
const camera = mountedCamera({
  mount: given(values.mount),
  pixelSizeUm: given(values['pixel-size']),
  widthPx: given(values.width),
  heightPx: given(values.height),
})
const { widthPx, heightPx, pixelSizeUm, pose } = camera
const CAMERA = { widthPx, heightPx, pixelSizeUm, placeErrorUm: Number(values['stage-says']) }
const RULES = seamRules(pixelSizeUm)
const DETECTOR_UM = 0.3
const FAULTS: FaultsAsked | null =
  values.fault === undefined
    ? null
    : { kind: faultKind(values.fault), every: Number(values['fault-every']), slipUm: Number(values['slip-um']) }

for (const seed of values.seeds.split(',').map(Number)) console.log(JSON.stringify(await measure(seed)))

async function measure(seed: number) {
  const folder = await mkdtemp(join(tmpdir(), 'medulla-stitch-'))
  const world = createWorld({ seed, profile: 'normal' })
  const registrar = openRegistrar()
  const casebook = openCasebook(folder)
  const { origin } = world.extent
  const start = stageUm(origin.x + 2850, origin.y + 420)
  const step = fieldStep(CAMERA)
  const plan = planStage({ origin: start, width: columns * step.widthUm, height: rows * step.heightUm }, CAMERA)
  const size = slideSizePx(plan)
  let runId = 0
  const slide = openSlide(join(folder, 'slide'), {
    ...size,
    pixelSizeUm,
    places: (revision) => casebook.fields(runId, revision),
  })
  try {
    const travel = { minUm: 0, maxUm: 100_000 }
    const stage = new SimulatedStage({
      seed,
      ...WORN_MECHANICS,
      scatterUm: Number(values.scatter),
      limits: { x: travel, y: travel, z: travel },
      retractedZUm: 0,
    })
    const count = fieldCount(plan)
    const centres = Array.from({ length: count }, (_, index) => {
      const { x, y } = plannedField(plan, index).centre
      return { xUm: Math.round(10 * x) / 10, yUm: Math.round(10 * y) / 10 }
    })
    const load = { xUm: centres[0]!.xUm, yUm: centres[0]!.yUm }
    const faults = faultsOf(count, seed, FAULTS)
    const truth = centres.map(({ xUm, yUm }, index) => {
      load.xUm = followWithPlay(load.xUm, xUm, backlashUm)
      load.yUm = followWithPlay(load.yUm, yUm, backlashUm)
      const at = stage.truePlaceOf(load)
      const { slip } = faults[index]!
      return { xUm: at.xUm + slip.xUm, yUm: at.yUm + slip.yUm }
    })
    // What each image shows: that of a camera which is late, the place before.
    const shown = truth.map((at, index) => (faults[index]!.late ? truth[index - 1]! : at))
    const blanks = blanksOf(plan, truth, shown, { camera, share: empty, seed })
    runId = casebook.createRun({
      caseId: casebook.createCase({
        accession: 'stitch',
        patientName: null,
        birthYear: null,
        sex: null,
        specimen: '',
        stain: '',
      }).caseId,
      rig: { kind: 'simulated', profile: 'normal', seed, timeScale: 1, mount: null, stage: 'worn', objective: null },
      targetCells: null,
      stopWhen: [],
      plan: JSON.stringify(plan),
      plannedFields: count,
      slideWidthPx: size.widthPx,
      slideHeightPx: size.heightPx,
      pixelSizeUm,
      model: null,
    }).runId
    const placer = new FieldPlacer({
      runId,
      casebook,
      registrar,
      placing: { pixelSizeUm, errorPx: plan.slackPx, placeAt: ({ xUm, yUm }) => fieldPlace(plan, stageUm(xUm, yUm)) },
      keptPart: slide.part,
    })
    const taken = new Map<number, number[]>()
    const seen = new Set<number>()
    let cpuMs = 0
    const leftOut = new Set<number>()
    const heights = new Random(hash(seed, 0x2f0c))
    const given = new GivenImages()
    const repeated = { told: 0, falsely: 0 }
    let newest: Exposed | null = null
    for (let index = 0; index < count; index++) {
      const says = centres[index]!
      const stood = { ...says, zUm: 0 }
      let frozen: Exposed | null = faults[index]!.frozen ? newest : null
      if (frozen && given.isRepeated(frozen.image, stood)) {
        repeated.told++
        frozen = null
      }
      if (frozen) {
        shown[index] = shown[frozen.of]!
        blanks.set(index, blanks.get(frozen.of) ?? [])
      }
      const at = shown[index]!
      const centre = stageUm(at.xUm, at.yUm)
      const area = areaSeen(centre, camera)
      const exposed = async (): Promise<Exposed> => {
        const drawn = await world.render({
          centre,
          zUm: world.bestFocusUm(centre) + Number(values.defocus) * heights.normal(),
          ...camera.request,
          travelUm: stageUm(0, 0),
          noiseSeed: hash(seed, index),
        })
        const blank = blanks.get(index) ?? []
        const image = painted(camera.corrected(drawn), area, blank, camera, hash(seed, index, 7))
        if (given.isRepeated(image, stood)) repeated.falsely++
        return { image, of: index }
      }
      const got: Exposed = frozen ?? (await exposed())
      newest = got
      const { image } = got
      const stagePlace = fieldPlace(plan, stageUm(says.xUm, says.yUm))
      const corner = slidePx(Math.round(stagePlace.xPx), Math.round(stagePlace.yPx))
      const captured: CapturedField = {
        index,
        image,
        pixelSizeUm,
        origin: corner,
        seen: seenAt(plan, corner),
        stagePlace,
        stage: stood,
        imageName: null,
        copyOf: null,
        focus: null,
      }
      const before = process.cpuUsage()
      const placed = await placer.place(captured)
      const used = process.cpuUsage(before)
      cpuMs += (used.user + used.system) / 1000
      const found = cellsSeen(world.truthIn(area), area, blanks.get(index) ?? [], hash(seed, index, 9))
      const cells: NewCell[] = []
      for (const { id, xPx, yPx } of found) {
        const whole = contains(seenAt(plan, slidePx(0, 0)), slidePx(xPx, yPx))
        if (whole) seen.add(id)
        const point = slidePx(placed.origin.x + xPx, placed.origin.y + yPx)
        const counts = countsCell(point, {
          owned: placed.owned,
          earlier: placed.earlier,
          rules: RULES,
          seenByOther: (near, radiusPx) => casebook.cellsNear(runId, near.x, near.y, radiusPx).length > 0,
        })
        if (!counts) continue
        taken.set(id, [...(taken.get(id) ?? []), index])
        cells.push({
          xPx,
          yPx,
          widthPx: 100,
          heightPx: 100,
          slideX: point.x,
          slideY: point.y,
          score: 1,
          cropJpeg: new Uint8Array(1),
          said: null,
        })
      }
      await slide.keep(index, image)
      const { x, y } = placed.owned.origin
      casebook.commitField({
        runId,
        field: {
          index,
          slideX: placed.origin.x,
          slideY: placed.origin.y,
          widthPx,
          heightPx,
          owned: { x, y, width: placed.owned.width, height: placed.owned.height },
          stage: captured.stage,
          image: null,
          focusScore: null,
          quality: null,
          focus: null,
          leftOut: placed.leftOut,
        },
        placing: placed.placing,
        cells,
        scanningMs: null,
      })
      placer.committed(captured, placed, placed.leftOut?.reason ?? null)
      if (placed.leftOut) leftOut.add(index)
    }
    const solveStarted = performance.now()
    await placer.solve()
    const solveMs = performance.now() - solveStarted
    const placesOf = (places: readonly { xUm: number; yUm: number }[]) =>
      places.map(({ xUm, yUm }) => fieldPlace(plan, stageUm(xUm, yUm)))
    const { struck, ...figures } = stitchFigures({
      ...{ casebook, runId, pixelSizeUm, faults, leftOut, seen, taken },
      stagePlaces: placesOf(centres),
      truePlaces: placesOf(shown),
    })
    return {
      benchmark: 'stitch',
      seed,
      fields: count,
      field: `${widthPx}x${heightPx}`,
      empty,
      pixelSizeUm,
      mount: pose && { rotationDegrees: pose.rotationDegrees, mirrored: pose.mirrored },
      stageSaysUm: CAMERA.placeErrorUm,
      backlashUm,
      scatterUm: Number(values.scatter),
      defocusUm: Number(values.defocus),
      fault: FAULTS && { kind: FAULTS.kind, slipUm: FAULTS.slipUm, fields: struck },
      repeated,
      ...figures,
      ms: Math.round(cpuMs / count),
      lastSolveMs: Math.round(solveMs),
    }
  } finally {
    await slide.close()
    await registrar.close()
    casebook.close()
    await world.close()
    await rm(folder, { recursive: true })
  }
}

/** An image, and the field it was exposed for. */
interface Exposed {
  readonly image: RgbImage
  readonly of: number
}

/** Field pixels of every cell that is there, as a detector places it. */
function cellsSeen(
  cells: readonly { id: number; centre: StageUm }[],
  { origin }: Rect<StageUm>,
  blanks: readonly Rect<StageUm>[],
  seed: number,
) {
  const random = new Random(seed)
  return cells
    .filter(({ centre: at }) => !isBlank(at, blanks))
    .map(({ id, centre: at }) => ({
      id,
      xPx: (at.x - origin.x + (DETECTOR_UM / Math.SQRT2) * random.normal()) / pixelSizeUm,
      yPx: (at.y - origin.y + (DETECTOR_UM / Math.SQRT2) * random.normal()) / pixelSizeUm,
    }))
}

function faultKind(text: string): FaultsAsked['kind'] {
  if (text === 'slip' || text === 'late' || text === 'frozen') return text
  throw new Error(`--fault is slip, late or frozen, not ${text}`)
}
