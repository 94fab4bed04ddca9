/**
 * Focus while it scans: `node benchmarks/focus-scan.ts [--fields 80] [--profiles normal,aml,cll] [--seeds 1] [--unevenness 1] [--relief 1]`. One
 * JSON object on stdout. Scans of a microscope with a worn stage (backlash, 5 um rms of position error), over slides that tilt and bow, and with
 * `--unevenness` have a step, a dent and a warming holder; measured and judged as in a scan, cells are not looked for. The camera's pixels and its field
 * are those of a scan. `within`: accepted fields at most 0.7 um from best focus, by the truth. `extraMoves`: moves of the stage beyond one a field. No
 * time is measured: it says the same on any machine.
 */
import { parseArgs } from 'node:util'
import { openSimulatedRig } from '../src/main/microscope/simulated-rig.ts'
import { WORN_MECHANICS } from '../src/main/microscope/simulator/simulated-stage-options.ts'
import type { Profile } from '../src/main/microscope/simulator/world.ts'
import { Gate } from '../src/main/scan/gate.ts'
import { fieldCount, planStage, type StagePlan } from '../src/main/scan/stage-plan.ts'
import { StageSource } from '../src/main/scan/stage-source.ts'
import { measureField } from '../src/main/vision/quality/measure-field.ts'
import type { Field } from '../src/shared/contract/slide.ts'
import { exactInterval } from '../src/shared/differential/interval.ts'
import { stageUm } from '../src/shared/geometry.ts'
import { namedProfiles } from './named-profiles.ts'

const LIMIT_UM = 0.7
const STRETCHES = 4

const { values } = parseArgs({
  options: {
    fields: { type: 'string', default: '80' },
    profiles: { type: 'string', default: 'normal,aml,cll' },
    seeds: { type: 'string', default: '1' },
    unevenness: { type: 'string', default: '1' },
    relief: { type: 'string', default: '1' },
  },
})
const fields = Number(values.fields)
const unevenness = Number(values.unevenness)
const relief = Number(values.relief)

interface Seen {
  readonly offUm: number
  readonly leftOut: string | null
  readonly planes: number
}

const unasked = async (): Promise<never> => {
  throw new Error('nothing is compared')
}

/** A field that was not looked at: the scan begins after it. */
const skipped = (index: number): Field => ({
  index,
  slideX: 0,
  slideY: 0,
  widthPx: 1,
  heightPx: 1,
  owned: { x: 0, y: 0, width: 1, height: 1 },
  stage: null,
  image: null,
  focusScore: null,
  quality: null,
  focus: null,
  leftOut: null,
  stitch: null,
  cells: 0,
  revision: index + 1,
})

/** The focus of the whole area is mapped, as in a scan; then stretches of it are scanned, spread evenly over its fields. */
async function scan(profile: Profile, seed: number) {
  const rig = await openSimulatedRig({ profile, seed, timeScale: 1000, relief, unevenness, stage: WORN_MECHANICS })
  const { stage, camera, world } = rig
  let moves = 0
  const moveTo = stage.moveTo.bind(stage)
  stage.moveTo = (...to) => {
    moves++
    return moveTo(...to)
  }
  const { widthPx, heightPx } = camera
  let plan: StagePlan = planStage(rig.area!, {
    widthPx,
    heightPx,
    pixelSizeUm: camera.pixelSizeUm!,
    placeErrorUm: rig.placeErrorUm,
  })
  const seen: Seen[] = []
  let taken = 0
  for (let stretch = 0; stretch < STRETCHES; stretch++) {
    const before = Math.floor((stretch * fieldCount(plan)) / STRETCHES)
    const source = new StageSource({
      rig,
      plan,
      fields: Array.from({ length: before }, (_, index) => skipped(index)),
      kept: unasked,
      registrar: { match: unasked, solve: unasked, close: async () => undefined },
      compare: false,
      savePlan: (focused) => {
        plan = focused
      },
      onActivity: () => undefined,
      onMatch: () => undefined,
    })
    const { signal } = new AbortController()
    await source.prepare(signal, async (work) => work())
    const gate = new Gate(source, [])
    moves = 0
    let judged: Promise<void> = Promise.resolve()
    for (let k = 0; k < fields / STRETCHES; k++) {
      const pending = await source.next(signal)
      if (!pending) break
      judged = judged.then(async () => {
        const { stage: at, image, focus, pixelSizeUm } = await pending.captured
        const quality = measureField(image, pixelSizeUm)
        const leftOut = gate.judge(quality)?.reason ?? null
        gate.committed(quality)
        const offUm = at!.zUm - world.bestFocusUm(stageUm(at!.xUm, at!.yUm))
        seen.push({ offUm, leftOut, planes: focus?.planes ?? 1 })
      })
    }
    await source.seeThrough(signal)
    taken += moves
    await judged
    await source.rest()
  }
  await rig.close()
  return { seen, moves: taken, sharpUm: plan.sharpUm }
}

const all: Seen[] = []
let extra = 0
for (const profile of namedProfiles(values.profiles)) {
  for (const seed of values.seeds.split(',').map(Number)) {
    const { seen, moves, sharpUm } = await scan(profile, seed)
    all.push(...seen)
    extra += moves - seen.length
    const accepted = seen.filter((each) => each.leftOut === null)
    const worst = Math.max(...accepted.map(({ offUm }) => Math.abs(offUm)))
    console.error(
      `${profile} ${seed}: ${seen.length} fields, ${accepted.length} accepted, worst of them ${worst.toFixed(2)} um, ` +
        `${seen.filter(({ planes }) => planes > 1).length} focused anew, ${((moves - seen.length) / seen.length).toFixed(2)} extra moves a field, sharp ${sharpUm?.toFixed(3)} um; ` +
        `left out: ${seen
          .filter((each) => each.leftOut !== null)
          .map((each) => `${each.leftOut} ${each.offUm.toFixed(2)}`)
          .join(', ')}`,
    )
  }
}
const accepted = all.filter((each) => each.leftOut === null)
const within = accepted.filter(({ offUm }) => Math.abs(offUm) <= LIMIT_UM).length
const off = accepted.map(({ offUm }) => Math.abs(offUm)).sort((a, b) => a - b)
console.log(
  JSON.stringify({
    benchmark: 'focus-scan',
    profiles: values.profiles,
    seeds: values.seeds,
    unevenness,
    relief,
    fields: all.length,
    accepted: accepted.length,
    leftOut: all.length - accepted.length,
    within: {
      limitUm: LIMIT_UM,
      fields: within,
      share: within / accepted.length,
      interval: exactInterval(within, accepted.length),
    },
    offUm: { median: off[off.length >> 1], p99: off[Math.floor(0.99 * off.length)], worst: off.at(-1) },
    focusedAnew: all.filter(({ planes }) => planes > 1).length,
    extraMovesPerField: extra / all.length,
  }),
)
