/**
 * Autofocus on the simulated rig: `node benchmarks/focus.ts [--starts 200] [--seed 1] [--range 30] [--relief 4]`. One JSON object on
 * stdout. Starts are drawn evenly within the range of best focus, at places drawn evenly over the countable area of smears of their
 * own (ten starts each), which tilt and bow `relief` times as much as the usual ones; the camera has its usual noise, the focus drive its
 * backlash. `within`: ended at most half a micrometre from best focus. `neverWorse`: ended no farther from best focus than it began, by the
 * truth, and no less sharp, by its own score.
 */
import { parseArgs } from 'node:util'
import { findFocus } from '../src/main/microscope/focus/find-focus.ts'
import { openSimulatedRig, type SimulatedRig } from '../src/main/microscope/simulated-rig.ts'
import { hash, Random } from '../src/main/microscope/simulator/random.ts'
import { PROFILES } from '../src/main/microscope/simulator/world.ts'
import { exactInterval } from '../src/shared/differential/interval.ts'
import { stageUm } from '../src/shared/geometry.ts'

const LIMIT_UM = 0.5
const STARTS_A_SLIDE = 10

const { values } = parseArgs({
  options: {
    starts: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
    range: { type: 'string', default: '30' },
    relief: { type: 'string', default: '4' },
  },
})
const n = Number(values.starts)
const seed = Number(values.seed)
const rangeUm = Number(values.range)
const relief = Number(values.relief)

const random = new Random(hash(seed, 0xf0c5))
const ended: { offUm: number; fromUm: number; sharper: boolean; found: boolean; moves: number }[] = []
let rig: SimulatedRig | null = null
for (let start = 0; start < n; start++) {
  if (start % STARTS_A_SLIDE === 0) {
    await rig?.close()
    const slide = seed * 1000 + start / STARTS_A_SLIDE
    const camera = { widthPx: 1024, heightPx: 768 }
    rig = await openSimulatedRig({ profile: PROFILES[slide % 6]!, seed: slide, timeScale: 1000, relief, camera })
  }
  const { stage, camera, world } = rig!
  const { origin, width, height } = world.countable
  const place = stageUm(origin.x + random.next() * width, origin.y + random.next() * height)
  const bestUm = world.bestFocusUm(place)
  const fromUm = random.range(-rangeUm, rangeUm)
  await stage.moveTo({ xUm: place.x, yUm: place.y, zUm: bestUm + fromUm })
  let moves = 0
  const counted = Object.create(stage, {
    moveTo: {
      value: (...to: Parameters<typeof stage.moveTo>) => {
        moves++
        return stage.moveTo(...to)
      },
    },
    position: { value: () => stage.position() },
    limits: { value: stage.limits },
  }) as typeof stage
  const result = await findFocus(counted, camera)
  const offUm = result.zUm - bestUm
  ended.push({ offUm, fromUm, sharper: result.score >= result.startScore, found: result.found, moves })
  if (Math.abs(offUm) > LIMIT_UM)
    console.error(`start ${start}: from ${fromUm.toFixed(1)} um to ${offUm.toFixed(2)} um`)
}
await rig?.close()

const within = ended.filter(({ offUm }) => Math.abs(offUm) <= LIMIT_UM).length
const moves = ended.map((each) => each.moves).sort((a, b) => a - b)
const off = ended.map(({ offUm }) => Math.abs(offUm)).sort((a, b) => a - b)
const at = (sorted: readonly number[], share: number) => sorted[Math.min(n - 1, Math.floor(n * share))]!
console.log(
  JSON.stringify({
    benchmark: 'focus',
    n,
    seed,
    rangeUm,
    relief,
    within: { limitUm: LIMIT_UM, starts: within, share: within / n, interval: exactInterval(within, n) },
    offUm: { median: at(off, 0.5), p95: at(off, 0.95), worst: off.at(-1) },
    neverWorse: {
      byTruth: ended.filter(({ offUm, fromUm }) => Math.abs(offUm) <= Math.abs(fromUm)).length,
      byScore: ended.filter(({ sharper }) => sharper).length,
    },
    saidFound: ended.filter(({ found }) => found).length,
    moves: { median: at(moves, 0.5), p95: at(moves, 0.95), most: moves.at(-1) },
  }),
)
