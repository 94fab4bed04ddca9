import { hash, Random } from './random.ts'
import type { ImageEffects } from './world.ts'

/** Fixed point of the light values the sensor sees: 64 steps to one grey level. */
export const LIGHT_STEPS = 64

const NOISE_SIZE = 131_072
const NOISE_MASK = NOISE_SIZE - 1
const START_MASK = 65_535
/** Steps of the noise table to one standard deviation. */
const NOISE_ONE = 30

/** Normal numbers times `NOISE_ONE`; every row of an image reads them on from a place of its own. */
const noiseTable = makeNoise()

function makeNoise(): Int8Array {
  const random = new Random(0x4015e)
  // Two more than a power of two, so that a pixel's three channels may begin at any entry.
  const table = new Int8Array(NOISE_SIZE + 2)
  const clip = (value: number) => Math.max(-127, Math.min(127, Math.round(value)))
  for (let i = 0; i < NOISE_SIZE; i += 2) {
    // Box and Muller 1958.
    const r = Math.sqrt(-2 * Math.log(1 - random.next()))
    const a = random.angle()
    table[i] = clip(NOISE_ONE * r * Math.cos(a))
    table[i + 1] = clip(NOISE_ONE * r * Math.sin(a))
  }
  return table
}

/** Pixels stuck bright on a sensor of this size: index of the pixel and of its channel (3: all). */
export function hotPixels(
  widthPx: number,
  heightPx: number,
  share: number,
): { readonly pixel: number; readonly channel: number }[] {
  const count = Math.round(widthPx * heightPx * share)
  return Array.from({ length: count }, (_, i) => ({
    pixel: hash(0x407, i, widthPx, heightPx) % (widthPx * heightPx),
    channel: hash(0x408, i) % 4,
  }))
}

/** Fixed point of `Sensor.gain`. */
export const GAIN_STEPS = 16_384

/** The brightest light that is told apart: a little above full scale, so that it clips. */
export const LIGHT_TOP = 257 * LIGHT_STEPS

/** What turns light into grey levels: vignetting, shot and read noise, rounding, clipping. */
export class Sensor {
  /** Relative loss of light over a pixel's squared distance from the middle. */
  private readonly loss: number
  private readonly shade: ImageEffects['shade']
  private readonly size: readonly [number, number]
  private readonly centreX: number
  private readonly centreY: number
  private readonly deviation: Int32Array

  constructor(widthPx: number, heightPx: number, effects: ImageEffects) {
    // Light falls with the square of the distance from the middle and reaches 1 - vignetting in the corners.
    this.centreX = (widthPx - 1) / 2
    this.centreY = (heightPx - 1) / 2
    this.loss = effects.vignetting / Math.max(1, this.centreX ** 2 + this.centreY ** 2)
    this.shade = effects.shade
    this.size = [widthPx, heightPx]
    this.deviation = noiseDeviation(effects)
  }

  /** What vignetting and an uneven lamp take at image column `x` (may lie between pixels), in `GAIN_STEPS`; add `rowLoss`. */
  columnLoss(x: number): number {
    return Math.round(((x - this.centreX) ** 2 * this.loss + (x / this.size[0]) * this.shade[0]) * GAIN_STEPS)
  }

  rowLoss(y: number): number {
    return Math.round(((y - this.centreY) ** 2 * this.loss + (y / this.size[1]) * this.shade[1]) * GAIN_STEPS)
  }

  /**
   * One row of light (grid pixels x 3, `LIGHT_STEPS` to the level, with one more pixel than the last column asks for), sampled at
   * `columns` (index of the left neighbour's red) with `weights` (0-256, of the right neighbour), to 8-bit values at `out[at...]`.
   * Noise is as strong as the left neighbour's light makes it.
   */
  expose(
    light: Int32Array,
    columns: Int32Array,
    weights: Int32Array,
    row: number,
    noiseSeed: number,
    out: Uint8ClampedArray,
    at: number,
  ): void {
    const { deviation } = this
    const width = columns.length
    const start = hash(noiseSeed, row, 0x4e) & START_MASK
    // On the camera's usual grid, two image pixels to a grid pixel, pairs share their neighbours: half the work.
    let x = 0
    if (isDoubled(columns, weights)) {
      const first = columns[0] === columns[1] ? 0 : 1
      if (first === 1) exposePixels(light, columns, weights, deviation, start, out, at, 0, 1)
      x = first + 2 * Math.floor((width - first) / 2)
      exposePairs(light, columns[first]!, weights[first]!, weights[first + 1]!, deviation, start, out, at, first, x)
    }
    exposePixels(light, columns, weights, deviation, start, out, at, x, width)
  }
}

/** Whether the columns go two by two with the same two weights throughout. */
function isDoubled(columns: Int32Array, weights: Int32Array): boolean {
  const width = columns.length
  if (width < 4) return false
  const first = columns[0] === columns[1] ? 0 : 1
  const last = first + 2 * Math.floor((width - first) / 2) - 1
  return (
    columns[last]! - columns[first]! === ((last - first - 1) / 2) * 3 &&
    columns[first] === columns[first + 1] &&
    columns[last] === columns[last - 1] &&
    weights[last] === weights[first + 1] &&
    weights[last - 1] === weights[first]
  )
}

function exposePixels(
  light: Int32Array,
  columns: Int32Array,
  weights: Int32Array,
  deviation: Int32Array,
  start: number,
  out: Uint8ClampedArray,
  at: number,
  from: number,
  to: number,
): void {
  for (let x = from, o = at + 3 * from; x < to; x++, o += 3) {
    const n = (start + 3 * x) & NOISE_MASK
    const i = columns[x]!
    const u = weights[x]!
    const t = 256 - u
    const r = light[i]!
    const g = light[i + 1]!
    const b = light[i + 2]!
    out[o] = (r * t + light[i + 3]! * u + deviation[r >> 6]! * noiseTable[n]! + 8192) >> 14
    out[o + 1] = (g * t + light[i + 4]! * u + deviation[g >> 6]! * noiseTable[n + 1]! + 8192) >> 14
    out[o + 2] = (b * t + light[i + 5]! * u + deviation[b >> 6]! * noiseTable[n + 2]! + 8192) >> 14
  }
}

function exposePairs(
  light: Int32Array,
  column: number,
  u: number,
  v: number,
  deviation: Int32Array,
  start: number,
  out: Uint8ClampedArray,
  at: number,
  from: number,
  to: number,
): void {
  const t = 256 - u
  const s = 256 - v
  let r0 = light[column]!
  let g0 = light[column + 1]!
  let b0 = light[column + 2]!
  for (let x = from, i = column + 3, o = at + 3 * from; x < to; x += 2, i += 3, o += 6) {
    const n = (start + 3 * x) & NOISE_MASK
    const r1 = light[i]!
    const g1 = light[i + 1]!
    const b1 = light[i + 2]!
    const dr = deviation[r0 >> 6]!
    const dg = deviation[g0 >> 6]!
    const db = deviation[b0 >> 6]!
    out[o] = (r0 * t + r1 * u + dr * noiseTable[n]! + 8192) >> 14
    out[o + 1] = (g0 * t + g1 * u + dg * noiseTable[n + 1]! + 8192) >> 14
    out[o + 2] = (b0 * t + b1 * u + db * noiseTable[n + 2]! + 8192) >> 14
    const m = (n + 3) & NOISE_MASK
    out[o + 3] = (r0 * s + r1 * v + dr * noiseTable[m]! + 8192) >> 14
    out[o + 4] = (g0 * s + g1 * v + dg * noiseTable[m + 1]! + 8192) >> 14
    out[o + 5] = (b0 * s + b1 * v + db * noiseTable[m + 2]! + 8192) >> 14
    r0 = r1
    g0 = g1
    b0 = b1
  }
}

/** At every grey level, what a step of the noise table counts for, in 1/256 `LIGHT_STEPS`: sqrt(electrons + read noise squared). */
function noiseDeviation(effects: ImageEffects): Int32Array {
  const full = effects.fullWellElectrons
  const read = effects.readNoiseElectrons
  return Int32Array.from({ length: 258 }, (_, level) => {
    if (!Number.isFinite(full)) return 0 // read noise is given in electrons: nothing beside an endless well
    const electrons = (Math.min(255, level) / 255) * full
    return Math.round((256 * LIGHT_STEPS * 255 * Math.sqrt(electrons + read * read)) / full / NOISE_ONE)
  })
}
