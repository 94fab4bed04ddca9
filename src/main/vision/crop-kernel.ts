import {
  add,
  constant,
  get,
  I32,
  loadInteger,
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
import { allBytes, float, float64, int16, int32, loadEight, loadEightTwice, storeFour } from '../vector-instructions.ts'

/*
 * The inner loops of resampling a crop, for the processor's vector unit: two float64 at a time, multiplied and added in the order of the taps. JavaScript
 * takes twice as long for the same, which was a twentieth of all that a folder of images costs, naming included.
 */

/** So many bytes of a row are mixed at once; rows are read, and the mixed row is written, in whole groups. */
export const GROUP_BYTES = 8
/** The last pixel of a mixed row is read up to so many bytes beyond its own. */
export const BEYOND_MIXED_BYTES = 8
/** The last pixel of a crop is written with so many bytes beyond it. */
export const SPILLED_BYTES = 1

/**
 * Of each row of the crop: source rows to one row of float64, each by its weight, then that row to the crop's width, rounded half up. All are addresses in
 * the memory, but `groups` (of a source row), `sizePx` (of the crop) and `taps`.
 * @param rows int32, sizePx x taps: addresses of the source rows.
 * @param down float64, sizePx x taps: their weights.
 * @param mixed float64, 8 x groups, and memory beyond.
 * @param columns int32, sizePx x taps: where in the mixed row a pixel lies, bytes.
 * @param across float64, sizePx x taps: their weights.
 * @param out uint8, sizePx x sizePx x 3, and memory beyond.
 */
export type CropKernel = (
  rows: number,
  down: number,
  groups: number,
  mixed: number,
  columns: number,
  across: number,
  out: number,
  sizePx: number,
  taps: number,
) => void

export const cropKernel = (memory: WebAssembly.Memory): CropKernel => runIn(module, memory)

const [ROWS, DOWN, GROUPS, MIXED, COLUMNS, ACROSS, OUT, SIZE, TAPS] = [0, 1, 2, 3, 4, 5, 6, 7, 8]
/** The rest are the kernel's own. What is left to do, of rows, groups or pixels, and taps: */
const [ROWS_LEFT, LEFT, TAPS_LEFT] = [9, 10, 11]
/** Where the next index and weight lie; how far into a row it is; where in the mixed row it writes. */
const [INDEX, WEIGHT, AT, TO] = [12, 13, 14, 15]
const [VALUE, FOUR, FACTOR, HALF] = [16, 17, 18, 19]
const SUMS = [20, 21, 22, 23]
const LOCALS = [...Array<number>(7).fill(I32), ...Array<number>(8).fill(VECTOR)]

const INT32_BYTES = 4
const FLOAT64_BYTES = 8

const addWeighted = (sum: number, value: readonly number[]) => [
  ...[...get(sum), ...value, ...get(FACTOR), ...float64.times, ...float64.plus, ...set(sum)],
]
const nextTap = [...step(INDEX, constant(INT32_BYTES)), ...step(WEIGHT, constant(FLOAT64_BYTES))]
const eachTap = (body: readonly number[]) => [
  ...get(TAPS),
  ...set(TAPS_LEFT),
  ...repeat(TAPS_LEFT, [...body, ...nextTap]),
]
const cleared = (sums: readonly number[]) => sums.flatMap((sum) => [...allBytes(0), ...set(sum)])
const taken = (local: number, from: number) => [...get(from), ...set(local)]

/** A conversion takes the first two of four; this brings the others there. */
const othersFirst = pick([8, 9, 10, 11, 12, 13, 14, 15])

/** Of eight numbers four, and of these the first two or the others. */
const two = (four: readonly number[], others: boolean) => [
  ...[...get(VALUE), ...four],
  ...(others ? [...set(FOUR), ...get(FOUR), ...get(FOUR), ...othersFirst] : []),
  ...float64.ofIntegers,
]

/** Eight bytes of every source row. */
const group = [
  ...cleared(SUMS),
  ...[...taken(INDEX, ROWS), ...taken(WEIGHT, DOWN)],
  ...eachTap([
    ...[...get(INDEX), ...loadInteger, ...get(AT), ...add, ...loadEight, ...int16.lower, ...set(VALUE)],
    ...[...get(WEIGHT), ...loadEightTwice, ...set(FACTOR)],
    ...addWeighted(SUMS[0], two(int32.lower, false)),
    ...addWeighted(SUMS[1], two(int32.lower, true)),
    ...addWeighted(SUMS[2], two(int32.upper, false)),
    ...addWeighted(SUMS[3], two(int32.upper, true)),
  ]),
  ...SUMS.flatMap((sum, i) => [...get(TO), ...get(sum), ...storeVector(2 * FLOAT64_BYTES * i)]),
  ...step(AT, constant(GROUP_BYTES)),
  ...step(TO, constant(GROUP_BYTES * FLOAT64_BYTES)),
]

const rounded = (sum: number) => [...get(sum), ...get(HALF), ...float64.plus, ...int32.ofFloats]

/** Red and green in one vector, blue in another. */
const pixel = [
  ...cleared(SUMS.slice(0, 2)),
  ...eachTap([
    ...[...get(INDEX), ...loadInteger, ...get(MIXED), ...add, ...set(AT)],
    ...[...get(WEIGHT), ...loadEightTwice, ...set(FACTOR)],
    ...addWeighted(SUMS[0], [...get(AT), ...loadVector(0)]),
    ...addWeighted(SUMS[1], [...get(AT), ...loadVector(2 * FLOAT64_BYTES)]),
  ]),
  ...[...get(OUT), ...rounded(SUMS[0]), ...rounded(SUMS[1]), ...pick([0, 4, 16]), ...storeFour],
  ...step(OUT, constant(3)),
]

const row = [
  ...[...constant(0), ...set(AT), ...taken(TO, MIXED), ...taken(LEFT, GROUPS)],
  ...repeat(LEFT, group),
  // The next row's begin where these end.
  ...[...taken(ROWS, INDEX), ...taken(DOWN, WEIGHT)],
  ...[...taken(INDEX, COLUMNS), ...taken(WEIGHT, ACROSS), ...taken(LEFT, SIZE)],
  ...repeat(LEFT, pixel),
]

const module = moduleOf(9, LOCALS, [
  ...[...float(0.5), ...float64.everywhere, ...set(HALF)],
  ...taken(ROWS_LEFT, SIZE),
  ...repeat(ROWS_LEFT, row),
])
