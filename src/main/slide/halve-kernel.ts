import {
  add,
  constant,
  get,
  I32,
  loadVector,
  moduleOf,
  pick,
  repeat,
  runIn,
  set,
  step,
  storeVector,
  VECTOR,
} from '../vector-code.ts'
import { not, uint8 } from '../vector-instructions.ts'

/*
 * The inner loop of making an image half as large, for the processor's vector unit. JavaScript takes two and a half times as long for the same, which
 * was a sixth of all that keeping a field costs.
 */

/** Pixels of a row that are taken at once. */
export const GROUP_PX = 16
const GROUP_BYTES = 3 * GROUP_PX
/** The last group of a row writes up to so many bytes beyond it: onto the next row, before that is written, or memory to spare. */
export const SPILLED_BYTES = 8

/**
 * Each pixel becomes the mean of two above one another, rounded up, and of two such pairs, rounded down: within half a grey value of the
 * mean of four, and on average at it. Rows are read in whole groups. Offsets and strides are bytes of the memory.
 * @param rows of the smaller image.
 * @param below from a row to the one it is taken together with; 0: with itself.
 */
export type HalveKernel = (
  source: number,
  target: number,
  groups: number,
  rows: number,
  sourceStride: number,
  targetStride: number,
  below: number,
) => void

export const halveKernel = (memory: WebAssembly.Memory): HalveKernel => runIn(module, memory)

const [SOURCE, TARGET, GROUPS, ROWS, SOURCE_STRIDE, TARGET_STRIDE, BELOW] = [0, 1, 2, 3, 4, 5, 6]
/** The rest are the kernel's own: where it reads in both rows, where it writes, groups to go, and three vectors of pixels. */
const [UPPER, LOWER, OUT, LEFT] = [7, 8, 9, 10]
const PIXELS = [11, 12, 13]
const LOCALS = [...Array<number>(4).fill(I32), ...Array<number>(3).fill(VECTOR)]

/** The bytes of pixels of a group, less those before `from`. */
const bytesOf = (pixels: readonly number[], from: number) =>
  pixels.flatMap((pixel) => [3 * pixel - from, 3 * pixel + 1 - from, 3 * pixel + 2 - from])
const picked = (a: number, b: number, bytes: readonly number[]) => [...get(a), ...get(b), ...pick(bytes)]

/** Of inverted values the mean rounded up is the mean rounded down. */
const meanOfPairs = (a: number, b: number, pixels: readonly number[], from: number) => [
  ...picked(a, b, bytesOf(pixels, from)),
  ...picked(
    a,
    b,
    bytesOf(
      pixels.map((pixel) => pixel + 1),
      from,
    ),
  ),
  ...uint8.meanRoundedUp,
  ...not,
]

const group = [
  ...PIXELS.flatMap((pixels, i) => [
    ...[...get(UPPER), ...loadVector(16 * i)],
    ...[...get(LOWER), ...loadVector(16 * i)],
    ...uint8.meanRoundedUp,
    ...not,
    ...set(pixels),
  ]),
  // Five pixels out of the first two vectors, three out of the last two.
  ...[...get(OUT), ...meanOfPairs(PIXELS[0], PIXELS[1], [0, 2, 4, 6, 8], 0), ...storeVector(0)],
  ...[...get(OUT), ...meanOfPairs(PIXELS[1], PIXELS[2], [10, 12, 14], 16), ...storeVector(15)],
  ...step(UPPER, constant(GROUP_BYTES)),
  ...step(LOWER, constant(GROUP_BYTES)),
  ...step(OUT, constant(GROUP_BYTES / 2)),
]

const row = [
  ...[...get(SOURCE), ...set(UPPER)],
  ...[...get(SOURCE), ...get(BELOW), ...add, ...set(LOWER)],
  ...[...get(TARGET), ...set(OUT)],
  ...[...get(GROUPS), ...set(LEFT)],
  ...repeat(LEFT, group),
  ...step(SOURCE, [...get(SOURCE_STRIDE), ...constant(1), 0x74]),
  ...step(TARGET, get(TARGET_STRIDE)),
]

const module = moduleOf(7, LOCALS, repeat(ROWS, row))
