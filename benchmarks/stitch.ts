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
import { ONE_PLACE_UM } from '../src/main/scan/registration/doubtful-place.ts'
import { FieldPlacer } from '../src/main/scan/registration/field-placer.ts'
import { openRegistrar } from '../src/main/scan/registration/registrar.ts'
import type { StagePlace } from '../src/main/scan/registration/solve-places.ts'
import {
  fieldCount,
  fieldPlace,
  fieldStep,
  neighbours,
  plannedField,
  planStage,
  seenAt,
  slideSizePx,
} from '../src/main/scan/stage-plan.ts'
import { openSlide } from '../src/main/slide/open-slide.ts'
import { contains, type Rect, type StageUm, slidePx, stageUm } from '../src/shared/geometry.ts'
import type { RgbImage } from '../src/shared/image.ts'
import { mountedCamera } from './mounted-camera.ts'

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
/** A cell nearer than this to what is painted over may be cut by it. */
const CUT_UM = 12

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
    const faults = faultsOf(count, seed)
    const truth = centres.map(({ xUm, yUm }, index) => {
      load.xUm = followWithPlay(load.xUm, xUm, backlashUm)
      load.yUm = followWithPlay(load.yUm, yUm, backlashUm)
      const at = stage.truePlaceOf(load)
      const { slip } = faults[index]!
      return { xUm: at.xUm + slip.xUm, yUm: at.yUm + slip.yUm }
    })
    // What each image shows: that of a camera which is late, the place before.
    const shown = truth.map((at, index) => (faults[index]!.late ? truth[index - 1]! : at))
    const blanks = blanksOf(plan, truth, shown, seed)
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
      const exposed = async (): Promise<Exposed> => {
        const drawn = await world.render({
          centre,
          zUm: world.bestFocusUm(centre) + Number(values.defocus) * heights.normal(),
          ...camera.request,
          travelUm: stageUm(0, 0),
          noiseSeed: hash(seed, index),
        })
        const image = painted(camera.corrected(drawn), centre, blanks.get(index) ?? [], hash(seed, index, 7))
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
      const found = cellsSeen(world.truthIn(areaOf(centre)), centre, blanks.get(index) ?? [], hash(seed, index, 9))
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
    const truePlaces = shown.map(({ xUm, yUm }) => fieldPlace(plan, stageUm(xUm, yUm)))
    const stitches = casebook.stitches(runId)
    const wrong = stitches.filter(
      ({ from, to, offset }) =>
        offset &&
        Math.hypot(
          truePlaces[to]!.xPx - truePlaces[from]!.xPx - offset.xPx,
          truePlaces[to]!.yPx - truePlaces[from]!.yPx - offset.yPx,
        ) > 2,
    )
    // Something lies there, and has two places.
    const solved = casebook.exactPlaces(runId)
    const off = (index: number, axis: 'xPx' | 'yPx') => solved[index]![axis] - truePlaces[index]![axis]
    const apartPx = (a: number, b: number) => Math.hypot(off(a, 'xPx') - off(b, 'xPx'), off(a, 'yPx') - off(b, 'yPx'))
    const isOff = (a: number, b: number) => apartPx(a, b) * pixelSizeUm > ONE_PLACE_UM
    const offSeams = stitches.filter(({ from, to, offset, unlike }) => (offset !== null || unlike) && isOff(from, to))
    const counts = (index: number) => !leftOut.has(index)
    const struck = faults.flatMap(({ strikes }, index) => (strikes ? [index] : []))
    const timesCounted = [...taken.values()].map((fields) => fields.filter(counts).length)
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
      pairs: stitches.length,
      matched: stitches.filter(({ offset }) => offset !== null).length,
      wronglyMatched: wrong.length,
      unlike: stitches.filter(({ unlike }) => unlike).length,
      errorPx: {
        stage: summary(
          centres.map(({ xUm, yUm }) => fieldPlace(plan, stageUm(xUm, yUm))),
          truePlaces,
        ),
        solved: summary(solved, truePlaces),
        wholePixels: summary(
          casebook.fields(runId).map((field) => ({ xPx: field.slideX, yPx: field.slideY })),
          truePlaces,
        ),
      },
      fault: values.fault && { kind: values.fault, slipUm: Number(values['slip-um']), fields: struck.length },
      repeated,
      leftOut: {
        fields: leftOut.size,
        struck: struck.filter((index) => leftOut.has(index)).length,
        // Nothing that counts before them lies otherwise.
        needlessly: [...leftOut].filter((to) => !offSeams.some((seam) => seam.to === to && counts(seam.from))).length,
      },
      offSeams: {
        all: offSeams.length,
        counting: offSeams.filter(({ from, to }) => counts(from) && counts(to)).length,
      },
      cells: {
        seen: seen.size,
        twice: timesCounted.filter((times) => times > 1).length,
        lost: [...seen].filter((id) => !taken.has(id)).length,
        leftOut: timesCounted.filter((times) => times === 0).length,
        twiceWereAllToCount: [...taken.values()].filter((fields) => fields.length > 1).length,
      },
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

/** What goes wrong, by field: how far the slide or the stage has slipped by then, and what the camera does. */
function faultsOf(count: number, seed: number) {
  const random = new Random(hash(seed, 0xfa17))
  const slip = { xUm: 0, yUm: 0 }
  return Array.from({ length: count }, (_, index) => {
    const strikes = values.fault !== undefined && index > 0 && random.chance(1 / Number(values['fault-every']))
    if (strikes && values.fault === 'slip') {
      const angle = random.angle()
      slip.xUm += Number(values['slip-um']) * Math.cos(angle)
      slip.yUm += Number(values['slip-um']) * Math.sin(angle)
    }
    return {
      strikes,
      slip: { ...slip },
      late: strikes && values.fault === 'late',
      frozen: strikes && values.fault === 'frozen',
    }
  })
}

function areaOf(centre: StageUm): Rect<StageUm> {
  const [width, height] = [widthPx * pixelSizeUm, heightPx * pixelSizeUm]
  return { origin: stageUm(centre.x - width / 2, centre.y - height / 2), width, height }
}

/** What is painted over, by field. Half of the pairs that share a side, say: all that the two show in common. */
function blanksOf(
  plan: Parameters<typeof neighbours>[0],
  truth: readonly { xUm: number; yUm: number }[],
  shown: readonly { xUm: number; yUm: number }[],
  seed: number,
) {
  const random = new Random(hash(seed, 0xb1a))
  const blanks = new Map<number, Rect<StageUm>[]>()
  for (let a = 0; a < truth.length; a++) {
    for (const b of neighbours(plan, a)) {
      if (b < a || !random.chance(empty)) continue
      const [one, other] = [truth[a]!, truth[b]!].map(({ xUm, yUm }) => areaOf(stageUm(xUm, yUm))) as [
        Rect<StageUm>,
        Rect<StageUm>,
      ]
      const left = Math.max(one.origin.x, other.origin.x)
      const top = Math.max(one.origin.y, other.origin.y)
      const right = Math.min(one.origin.x, other.origin.x) + one.width
      const bottom = Math.min(one.origin.y, other.origin.y) + one.height
      const rect = { origin: stageUm(left, top), width: right - left, height: bottom - top }
      if (rect.width <= 0 || rect.height <= 0) continue
      // The slide is empty there, whoever looks: at corners four fields do.
      for (const [index, { xUm, yUm }] of shown.entries()) {
        const area = areaOf(stageUm(xUm, yUm))
        const apartX = Math.max(area.origin.x - right, left - area.origin.x - area.width)
        const apartY = Math.max(area.origin.y - bottom, top - area.origin.y - area.height)
        if (apartX < CUT_UM && apartY < CUT_UM) blanks.set(index, [...(blanks.get(index) ?? []), rect])
      }
    }
  }
  return blanks
}

/** Glass with the noise of the camera, of this image alone. */
function painted(image: RgbImage, centre: StageUm, blanks: readonly Rect<StageUm>[], noiseSeed: number): RgbImage {
  const random = new Random(noiseSeed)
  const { origin } = areaOf(centre)
  for (const rect of blanks) {
    const px = (um: number, most: number) => Math.max(0, Math.min(most, Math.round(um / pixelSizeUm)))
    const [left, right] = [rect.origin.x - origin.x, rect.origin.x + rect.width - origin.x].map((um) =>
      px(um, widthPx),
    ) as [number, number]
    const [top, bottom] = [rect.origin.y - origin.y, rect.origin.y + rect.height - origin.y].map((um) =>
      px(um, heightPx),
    ) as [number, number]
    for (let y = top; y < bottom; y++) {
      for (let k = 3 * (y * widthPx + left); k < 3 * (y * widthPx + right); k++) {
        image.data[k] = Math.round(228 + 2.5 * random.normal())
      }
    }
  }
  return image
}

/** Field pixels of every cell that is there, as a detector places it. */
function cellsSeen(
  cells: readonly { id: number; centre: StageUm }[],
  centre: StageUm,
  blanks: readonly Rect<StageUm>[],
  seed: number,
) {
  const random = new Random(seed)
  const { origin } = areaOf(centre)
  return cells
    .filter(({ centre: at }) =>
      blanks.every(
        (rect) =>
          at.x < rect.origin.x - CUT_UM ||
          at.y < rect.origin.y - CUT_UM ||
          at.x > rect.origin.x + rect.width + CUT_UM ||
          at.y > rect.origin.y + rect.height + CUT_UM,
      ),
    )
    .map(({ id, centre: at }) => ({
      id,
      xPx: (at.x - origin.x + (DETECTOR_UM / Math.SQRT2) * random.normal()) / pixelSizeUm,
      yPx: (at.y - origin.y + (DETECTOR_UM / Math.SQRT2) * random.normal()) / pixelSizeUm,
    }))
}

function summary(places: readonly StagePlace[], truth: readonly StagePlace[]) {
  const off = (axis: 'xPx' | 'yPx') => places.map((place, i) => place[axis] - truth[i]![axis])
  const median = (list: readonly number[]) => list.toSorted((a, b) => a - b)[list.length >> 1]!
  const [x, y] = [off('xPx'), off('yPx')]
  const [mx, my] = [median(x), median(y)]
  const errors = x.map((each, i) => Math.hypot(each - mx, y[i]! - my)).sort((a, b) => a - b)
  const at = (share: number) => Number(errors[Math.ceil(share * errors.length) - 1]!.toFixed(2))
  return { median: at(0.5), p99: at(0.99), most: at(1) }
}
