import { hash, Random } from './random.ts'
import type { ImageEffects } from './world.ts'

/** Fixed point of the light values the sensor sees: 64 steps to one grey level. */
export const LIGHT_STEPS = 64

const NOISE_SIZE = 65536
const NOISE_ONE = 1024

/** Standard normal numbers times `NOISE_ONE`, used round and round from a fresh place in every row. */
const noiseTable = makeNoise()

function makeNoise(): Int16Array {
  const random = new Random(0x4015e)
  const table = new Int16Array(NOISE_SIZE)
  for (let i = 0; i < NOISE_SIZE; i += 2) {
    // Box and Muller 1958.
    const r = Math.sqrt(-2 * Math.log(1 - random.next()))
    const a = random.angle()
    table[i] = Math.round(NOISE_ONE * r * Math.cos(a))
    table[i + 1] = Math.round(NOISE_ONE * r * Math.sin(a))
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

/** What turns light into grey levels: vignetting, shot and read noise, rounding, clipping. */
export class Sensor {
  private readonly columnLoss: Int32Array
  private readonly rowGain: number
  private readonly deviation: Int32Array | null
  private readonly centreY: number

  constructor(widthPx: number, heightPx: number, effects: ImageEffects) {
    // Light falls with the square of the distance from the middle and reaches 1 - vignetting in the corners.
    const cx = (widthPx - 1) / 2
    this.centreY = (heightPx - 1) / 2
    const corner2 = Math.max(1, cx * cx + this.centreY * this.centreY)
    this.rowGain = effects.vignetting / corner2
    this.columnLoss = Int32Array.from({ length: widthPx }, (_, x) =>
      Math.round(((x - cx) ** 2 * effects.vignetting * 16384) / corner2),
    )
    const quiet = !Number.isFinite(effects.fullWellElectrons) && effects.readNoiseElectrons === 0
    this.deviation = quiet ? null : noiseDeviation(effects)
  }

  /**
   * One row: light (width x 3, `LIGHT_STEPS` to the level) to 8-bit values at `out[at...]`.
   */
  expose(light: Int32Array, row: number, noiseSeed: number, out: Uint8Array, at: number): void {
    const { columnLoss, deviation } = this
    const width = columnLoss.length
    const keep = 16384 - Math.round((row - this.centreY) ** 2 * this.rowGain * 16384)
    if (!deviation) {
      for (let x = 0, i = 0, o = at; x < width; x++, i += 3, o += 3) {
        const gain = keep - columnLoss[x]!
        out[o] = (((light[i]! * gain) >> 14) + 32) >> 6
        out[o + 1] = (((light[i + 1]! * gain) >> 14) + 32) >> 6
        out[o + 2] = (((light[i + 2]! * gain) >> 14) + 32) >> 6
      }
      return
    }
    let n = hash(noiseSeed, row, 0x4e) & (NOISE_SIZE - 1)
    for (let x = 0, i = 0, o = at; x < width; x++, i += 3, o += 3) {
      const gain = keep - columnLoss[x]!
      let r = (light[i]! * gain) >> 14
      let g = (light[i + 1]! * gain) >> 14
      let b = (light[i + 2]! * gain) >> 14
      r = (r + ((deviation[r >> 6]! * noiseTable[n & 65535]!) >> 10) + 32) >> 6
      g = (g + ((deviation[g >> 6]! * noiseTable[(n + 1) & 65535]!) >> 10) + 32) >> 6
      b = (b + ((deviation[b >> 6]! * noiseTable[(n + 2) & 65535]!) >> 10) + 32) >> 6
      n += 3
      out[o] = r < 0 ? 0 : r > 255 ? 255 : r
      out[o + 1] = g < 0 ? 0 : g > 255 ? 255 : g
      out[o + 2] = b < 0 ? 0 : b > 255 ? 255 : b
    }
  }
}

/** Standard deviation (in `LIGHT_STEPS`) at every grey level: sqrt(electrons + read noise squared). */
function noiseDeviation(effects: ImageEffects): Int32Array {
  const full = effects.fullWellElectrons
  const read = effects.readNoiseElectrons
  return Int32Array.from({ length: 257 }, (_, level) => {
    if (!Number.isFinite(full)) return 0
    const electrons = (level / 255) * full
    return Math.round((LIGHT_STEPS * 255 * Math.sqrt(electrons + read * read)) / full)
  })
}
