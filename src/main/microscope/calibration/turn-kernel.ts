import {
  add,
  constant,
  get,
  I32,
  loadVector,
  moduleOf,
  multiply,
  pick,
  repeat,
  runIn,
  set,
  step,
  VECTOR,
} from '../../vector-code.ts'
import { allBytes, allIntegers, float, float64, int32, loadEight, or, storeFour } from '../../vector-instructions.ts'

/*
 * The inner loop of laying a frame along the stage's axes, for the processor's vector unit: in JavaScript it held the bench up for 70 to 90 ms a frame.
 */

/** The last pixel of a row is written with so many bytes beyond it. */
export const SPILLED_BYTES = 1
/** Of a frame, so much is read beyond its pixels: the row below its last, and a pixel more. */
export const beyondFrameBytes = (widthPx: number): number => 3 * (widthPx + 2)

/**
 * A row of the turned image: each pixel lies between four of the frame's, mixed by how far from each (in 256 parts, rounded half up). All are addresses in the
 * memory, but `strideBytes` (from a row of the frame to the next) and `pixels` (of the row to be written).
 * @param way float64: where in the frame the row's first pixel lies, x and y, and the way from each to the next, in pixels.
 * @param frame RGB, and memory beyond.
 * @param out RGB, and memory beyond.
 */
export type TurnKernel = (way: number, frame: number, strideBytes: number, out: number, pixels: number) => void

export const turnKernel = (memory: WebAssembly.Memory): TurnKernel => runIn(module, memory)

const [WAY, FRAME, STRIDE, OUT, PIXELS] = [0, 1, 2, 3, 4]
/** The rest are the kernel's own: where it reads; the row's start, the way to the next pixel and how many have been written; */
const AT = 5
const [START, WAY_ON, COUNT, ONE] = [6, 7, 8, 9]
/** where a pixel lies, whole and in 256 parts; the two columns' shares. */
const [PLACE, WHOLE, PARTS, SHARES] = [10, 11, 12, 13]
const LOCALS = [I32, ...Array<number>(8).fill(VECTOR)]

const LANE_BYTES = [
  [0, 1, 2, 3],
  [4, 5, 6, 7],
]
const ofLane = (number: 0 | 1) => [
  ...get(PARTS),
  ...get(PARTS),
  ...pick(Array<number[]>(4).fill(LANE_BYTES[number]).flat()),
]

/** Of six bytes, two pixels, the same colour of both beside one another, as int16: the other halves come from a vector of nothing. */
const NOTHING = 16
const besideOneAnother = pick(
  [0, 1, 2].flatMap((colour) => [colour, NOTHING, colour + 3, NOTHING]).concat(Array<number>(4).fill(NOTHING)),
)

/** Two pixels beside one another mixed, four int32 of up to 255 x 256. */
const mixed = (address: readonly number[]) => [
  ...[...address, ...loadEight, ...allBytes(0), ...besideOneAnother],
  ...[...get(SHARES), ...int32.pairs],
]

const pixel = [
  ...[...get(START), ...get(WAY_ON), ...get(COUNT), ...float64.times, ...float64.plus, ...set(PLACE)],
  ...[...get(PLACE), ...float64.floor, ...set(WHOLE)],
  ...[...get(PLACE), ...get(WHOLE), ...float64.minus, ...float(256), ...float64.everywhere, ...float64.times],
  ...[...int32.ofFloats, ...set(PARTS)],
  ...[...get(WHOLE), ...int32.ofFloats, ...set(WHOLE)],
  ...[...get(FRAME), ...get(WHOLE), ...int32.lane(1), ...get(STRIDE), ...multiply, ...add],
  ...[...get(WHOLE), ...int32.lane(0), ...constant(3), ...multiply, ...add, ...set(AT)],
  // The left one's share in the lower half of each, the right one's in the upper.
  ...[
    ...allIntegers(256),
    ...ofLane(0),
    ...int32.minus,
    ...ofLane(0),
    ...constant(16),
    ...int32.shiftLeft,
    ...or,
    ...set(SHARES),
  ],
  ...get(OUT),
  ...[...mixed(get(AT)), ...allIntegers(256), ...ofLane(1), ...int32.minus, ...int32.times],
  ...[...mixed([...get(AT), ...get(STRIDE), ...add]), ...ofLane(1), ...int32.times],
  ...[...int32.plus, ...allIntegers(32_768), ...int32.plus, ...constant(16), ...int32.shiftRight],
  ...[...allBytes(0), ...pick([0, 4, 8]), ...storeFour],
  ...[...get(COUNT), ...get(ONE), ...float64.plus, ...set(COUNT)],
  ...step(OUT, constant(3)),
]

const module = moduleOf(5, LOCALS, [
  ...[...get(WAY), ...loadVector(0), ...set(START)],
  ...[...get(WAY), ...loadVector(16), ...set(WAY_ON)],
  ...[...float(1), ...float64.everywhere, ...set(ONE)],
  ...repeat(PIXELS, pixel),
])
