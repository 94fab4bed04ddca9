/**
 * How well calibration finds what a simulated rig is really like: `node benchmarks/calibration.ts [--rigs 40] [--seed 1] [--binning 2]`. One JSON
 * object on stdout. Each rig has a smear of its own, a camera mounted at any angle, mirrored or not, with skew, a stage with backlash,
 * vibration and an uneven lead screw, and a sensor with noise, vignetting and stuck pixels; calibration is told nothing of them.
 */
import { parseArgs } from 'node:util'
import { measurePixelSize } from '../src/main/microscope/calibration/pixel-size.ts'
import { openSimulatedRig } from '../src/main/microscope/simulated-rig.ts'
import { randomMount } from '../src/main/microscope/simulator/random-mount.ts'
import { PROFILES } from '../src/main/microscope/simulator/world.ts'
import { turnBetween } from '../src/shared/camera-transform.ts'
import { exactInterval } from '../src/shared/differential/interval.ts'

const MOST_SIZE_ERROR_PERCENT = 0.1
const MOST_TURN_ERROR_DEGREES = 0.05

const { values } = parseArgs({
  options: {
    rigs: { type: 'string', default: '40' },
    seed: { type: 'string', default: '1' },
    binning: { type: 'string', default: '2' },
  },
})
const firstSeed = Number(values.seed)
const n = Number(values.rigs)
const found: { sizePercent: number; turnDegrees: number; mirror: boolean; stated: number; residualPx: number }[] = []
const failed: { seed: number; message: string }[] = []
for (let seed = firstSeed; seed < firstSeed + n; seed++) {
  const { pose, options } = randomMount(seed, Number(values.binning))
  const profile = PROFILES[seed % PROFILES.length]!
  const rig = await openSimulatedRig({ profile, seed, timeScale: 1000, ...options })
  try {
    const { origin, width, height } = rig.world.countable
    await rig.stage.moveTo({ xUm: origin.x + width / 2, yUm: origin.y + height / 2, zUm: rig.workingZUm })
    const result = await measurePixelSize({
      stage: rig.stage,
      camera: rig.camera,
      signal: new AbortController().signal,
      timeScale: 1000,
      show: () => undefined,
      say: () => undefined,
    })
    const entry = {
      sizePercent: Math.abs(100 * (result.pixelSizeUm / pose.pixelSizeUm - 1)),
      turnDegrees: Math.abs(turnBetween(pose.rotationDegrees, result.rotationDegrees)),
      mirror: result.mirrored === pose.mirrored,
      stated: result.pixelSizeErrorPercent,
      residualPx: result.residualPx,
    }
    found.push(entry)
    console.error(
      `${seed}: ${pose.pixelSizeUm.toFixed(4)} um, ${pose.rotationDegrees.toFixed(1)} degrees${pose.mirrored ? ', mirrored' : ''}: ` +
        `off by ${entry.sizePercent.toFixed(4)} %, ${entry.turnDegrees.toFixed(4)} degrees, ${result.moves} moves`,
    )
  } catch (error) {
    failed.push({ seed, message: (error as Error).message })
    console.error(`${seed}: ${(error as Error).message}`)
  } finally {
    await rig.close()
  }
}
const worst = (of: (entry: (typeof found)[number]) => number) => Math.max(...found.map(of))
const median = (of: (entry: (typeof found)[number]) => number) =>
  found.map(of).sort((a, b) => a - b)[Math.floor(found.length / 2)]!
const held = found.filter(
  ({ sizePercent, turnDegrees, mirror }) =>
    sizePercent <= MOST_SIZE_ERROR_PERCENT && turnDegrees <= MOST_TURN_ERROR_DEGREES && mirror,
).length
console.log(
  JSON.stringify({
    benchmark: 'calibration',
    n,
    firstSeed,
    binning: Number(values.binning),
    within: { held, share: held / n, interval: exactInterval(held, n) },
    pixelSizeErrorPercent: {
      limit: MOST_SIZE_ERROR_PERCENT,
      median: median((e) => e.sizePercent),
      worst: worst((e) => e.sizePercent),
    },
    rotationErrorDegrees: {
      limit: MOST_TURN_ERROR_DEGREES,
      median: median((e) => e.turnDegrees),
      worst: worst((e) => e.turnDegrees),
    },
    mirrorRight: found.filter((entry) => entry.mirror).length,
    statedErrorPercent: { median: median((e) => e.stated) },
    residualPx: { worst: worst((e) => e.residualPx) },
    failed,
  }),
)
