import type { CalibrationOf } from '../../../shared/contract/calibration.ts'
import { MedullaError } from '../../../shared/errors.ts'
import type { RgbImage } from '../../../shared/image.ts'
import { type CalibrationBench, frameNow, go, within } from './bench.ts'
import { type BlockMeans, blockMeans } from './block-means.ts'

type Rgb = [number, number, number]

/** Blocks of the flat field: light changes slowly over the image. */
const COLUMNS = 16
const ROWS = 12
/** Places that a flat field is taken at, so that what lies on the glass at one is left out by the others. */
const PLACES_ACROSS = 4
const DARK_FRAMES = 8
/** More saturated pixels than this, stuck ones aside, and the brightest light is not known. */
const MOST_SATURATED = 0.002
/** Clear glass is brighter than this; without light the camera reads less than that. Grey levels. */
const LEAST_LIGHT = 60
const MOST_DARK = 40
/** Frames of clear glass differ by no more, once evened, root mean square. */
const MOST_LEFT_PERCENT = 3
/** Stuck: brighter than the mean by so many times the noise, and by so many levels. */
const STUCK_SIGMAS = 8
const STUCK_LEVELS = 12
const MOST_STUCK = 20_000

/**
 * The sensor without light: its level, noise and stuck pixels. The light has to be off or the way of the light blocked.
 * Rejects `light-unsuited` where light reaches the camera, as the camera does, and with the signal's reason.
 */
export async function measureDarkFrame(bench: CalibrationBench): Promise<CalibrationOf<'dark-frame'>> {
  const { widthPx, heightPx } = bench.camera
  const sum = new Float64Array(3 * widthPx * heightPx)
  let squares = 0
  for (let i = 0; i < DARK_FRAMES; i++) {
    bench.say('looking at the dark', i, DARK_FRAMES)
    const { data } = await frameNow(bench)
    let total = 0
    for (let k = 0; k < sum.length; k++) {
      sum[k]! += data[k]!
      total += data[k]!
      squares += data[k]! ** 2
    }
    if (total / sum.length > MOST_DARK) {
      throw new MedullaError('light-unsuited', 'Light still reaches the camera.', {
        remedy: 'Switch the lamp off or cover the light, then begin again.',
        values: { level: Math.round(total / sum.length) },
      })
    }
  }
  const level: Rgb = [0, 0, 0]
  for (let k = 0; k < sum.length; k++) level[k % 3]! += sum[k]! / DARK_FRAMES / (sum.length / 3)
  const mean = (level[0] + level[1] + level[2]) / 3
  const noiseLevels = Math.sqrt(Math.max(0, squares / (DARK_FRAMES * sum.length) - mean * mean))
  const above = Math.max(STUCK_LEVELS, STUCK_SIGMAS * Math.min(noiseLevels, 4))
  const stuck: number[] = []
  for (let k = 0; k < sum.length && stuck.length < MOST_STUCK; k++) {
    const pixel = Math.floor(k / 3)
    if (sum[k]! / DARK_FRAMES > level[k % 3]! + above && stuck.at(-1) !== pixel) stuck.push(pixel)
  }
  return { kind: 'dark-frame', widthPx, heightPx, level, noiseLevels, stuck, frames: DARK_FRAMES }
}

/**
 * How unevenly the light falls: block by block the brighter half of what 16 neighbouring places show, so that a cell or a speck at some
 * of them does no harm. Rejects `image-saturated`, `light-unsuited` (too dark, or not clear glass), as stage and camera do, and with
 * the signal's reason.
 */
export async function measureFlatField(
  bench: CalibrationBench,
  dark: CalibrationOf<'dark-frame'> | null,
): Promise<CalibrationOf<'flat-field'>> {
  const { widthPx, heightPx } = bench.camera
  const level = fitting(dark, bench.camera)?.level ?? [0, 0, 0]
  const frames = await clearFrames(bench, PLACES_ACROSS)
  const light = Array.from({ length: COLUMNS * ROWS }, (_, block) =>
    [0, 1, 2].map((c) => brighterHalf(frames.map(({ means }) => means[block]![c]! - level[c]!))),
  )
  const brightest = [0, 1, 2].map((c) => Math.max(...light.map((block) => block[c]!)))
  const gains = light.map((block) => block.map((value, c) => brightest[c]! / value) as Rgb)
  // Each frame's own brightness may drift; its shape may not.
  const left = frames.map(({ means }) => {
    const evened = means.map((block, i) => (block[1] - level[1]!) * gains[i]![1])
    const mean = evened.reduce((a, b) => a + b, 0) / evened.length
    return Math.sqrt(evened.reduce((a, b) => a + (b / mean - 1) ** 2, 0) / evened.length)
  })
  const errorPercent = 100 * [...left].sort((a, b) => a - b)[Math.floor(left.length / 2)]!
  if (errorPercent > MOST_LEFT_PERCENT) {
    throw new MedullaError('light-unsuited', 'There is too much on the glass here to tell how the light falls.', {
      remedy: 'Move to clear glass beside the smear and begin again.',
      motionPossible: true,
      values: { errorPercent: Number(errorPercent.toFixed(1)) },
    })
  }
  const darkestPercent = 100 * Math.min(...light.map((block) => block[1]! / brightest[1]!))
  return {
    kind: 'flat-field',
    widthPx,
    heightPx,
    columns: COLUMNS,
    rows: ROWS,
    gains,
    errorPercent,
    darkestPercent,
    frames: frames.length,
    darkKnown: fitting(dark, bench.camera) !== null,
  }
}

/** By what the channels have to be multiplied for clear glass to be grey. Rejects as `measureFlatField`. */
export async function measureWhiteBalance(
  bench: CalibrationBench,
  dark: CalibrationOf<'dark-frame'> | null,
): Promise<CalibrationOf<'white-balance'>> {
  const level = fitting(dark, bench.camera)?.level ?? [0, 0, 0]
  const frames = await clearFrames(bench, 2)
  const middle = (frame: BlockMeans): Rgb => {
    const inner = frame.means.filter((_, i) => {
      const [x, y] = [i % COLUMNS, Math.floor(i / COLUMNS)]
      return x >= COLUMNS / 4 && x < (3 * COLUMNS) / 4 && y >= ROWS / 4 && y < (3 * ROWS) / 4
    })
    return [0, 1, 2].map((c) => brighterHalf(inner.map((block) => block[c]! - level[c]!))) as Rgb
  }
  const each = frames.map((frame) => gainsOf(middle(frame)))
  const gains = [0, 1, 2].map((c) => each.reduce((sum, gain) => sum + gain[c]!, 0) / each.length) as Rgb
  const spread = each.flatMap((gain) => gain.map((value, c) => (value / gains[c]! - 1) ** 2))
  const errorPercent = 100 * Math.sqrt(spread.reduce((a, b) => a + b, 0) / spread.length)
  return { kind: 'white-balance', gains, errorPercent, frames: frames.length }
}

function gainsOf(light: Rgb): Rgb {
  const most = Math.max(...light)
  return light.map((value) => most / value) as Rgb
}

/** Of images of another size a dark frame says nothing. */
function fitting(
  dark: CalibrationOf<'dark-frame'> | null,
  { widthPx, heightPx }: { readonly widthPx: number; readonly heightPx: number },
): CalibrationOf<'dark-frame'> | null {
  return dark?.widthPx === widthPx && dark.heightPx === heightPx ? dark : null
}

/** Block means at places round where the stage stands, `across` by `across`; the stage goes back. */
async function clearFrames(bench: CalibrationBench, across: number): Promise<BlockMeans[]> {
  const start = await bench.stage.position()
  // Half a field at a guess, as the pixel size need not be known: far enough for a cell not to stay where it was.
  const lengthUm = 40 * (across - 1)
  const x = within(bench.stage.limits.x, start.xUm, lengthUm)
  const y = within(bench.stage.limits.y, start.yUm, lengthUm)
  const frames: BlockMeans[] = []
  for (let row = 0; row < across; row++) {
    for (let column = 0; column < across; column++) {
      bench.say('looking at clear glass', frames.length, across * across)
      const share = (i: number) => i / (across - 1)
      await go(bench, {
        xUm: x.fromUm + share(column) * (x.toUm - x.fromUm),
        yUm: y.fromUm + share(row) * (y.toUm - y.fromUm),
      })
      frames.push(suited(await frameNow(bench)))
    }
  }
  await go(bench, { xUm: start.xUm, yUm: start.yUm })
  return frames
}

function suited(image: RgbImage): BlockMeans {
  const blocks = blockMeans(image, COLUMNS, ROWS)
  if (blocks.saturated > MOST_SATURATED) {
    throw new MedullaError(
      'image-saturated',
      'The light is too bright for the camera: its brightest pixels are cut off.',
      {
        remedy: 'Turn the lamp down or shorten the exposure until nothing is saturated, then begin again.',
        values: { saturatedPercent: Number((100 * blocks.saturated).toFixed(1)) },
      },
    )
  }
  if (blocks.means.every((block) => Math.max(...block) < LEAST_LIGHT)) {
    throw new MedullaError('light-unsuited', 'There is too little light to tell how it falls.', {
      remedy: 'Switch the lamp on, turn it up or expose longer, then begin again.',
    })
  }
  return blocks
}

/** Mean of the upper half: of the clear glass among things that darken it. */
function brighterHalf(values: readonly number[]): number {
  const upper = [...values].sort((a, b) => b - a).slice(0, Math.ceil(values.length / 2))
  return upper.reduce((sum, value) => sum + value, 0) / upper.length
}
