import {
  constant,
  get,
  loadVector,
  moduleOf,
  repeat,
  runIn,
  set,
  step,
  storeVector,
  VECTOR,
} from '../../vector-code.ts'
import { allBytes, allIntegers, int16, int32, or, uint8 } from '../../vector-instructions.ts'
import { GAIN_BITS } from './gains.ts'

/*
 * The inner loop of putting a frame's light right, for the processor's vector unit: in JavaScript it held the bench up for 30 ms a frame.
 */

/** So many bytes are put right at once, 16 pixels. */
export const GROUP_BYTES = 48

/**
 * Each byte less its colour's level, times its gain, rounded half up and kept within 0 and 255; but 255 stays 255: what was cut off must not look like
 * something measured. All are addresses in the memory, but `groups`.
 * @param frame groups x 48 bytes, RGB: is written over.
 * @param gains uint16, groups x 48, fixed point.
 * @param levels int16, 48: of one group's bytes.
 */
export type LightKernel = (frame: number, gains: number, levels: number, groups: number) => void

export const lightKernel = (memory: WebAssembly.Memory): LightKernel => runIn(module, memory)

const [FRAME, GAINS, LEVELS, GROUPS] = [0, 1, 2, 3]
/** The rest are the kernel's own: sixteen bytes, eight numbers of them, what is added to round half up, and the levels. */
const [BYTES, EIGHT, HALF] = [4, 5, 6]
const LEVEL = [7, 8, 9, 10, 11, 12]
const LOCALS = Array<number>(3 + LEVEL.length).fill(VECTOR)

/** Four of EIGHT, the first or the last, times their gains, as int32. */
const four = (which: 'lower' | 'upper', gainsAt: number) => [
  ...[...get(EIGHT), ...int32[which]],
  ...[...get(GAINS), ...loadVector(gainsAt), ...int32[`${which}Unsigned`]],
  ...[...int32.times, ...get(HALF), ...int32.plus, ...constant(GAIN_BITS), ...int32.shiftRight],
]

/** Eight of BYTES put right, as int16. */
const eight = (which: 'lower' | 'upper', level: number, gainsAt: number) => [
  ...[...get(BYTES), ...int16[which], ...get(level), ...int16.minus, ...set(EIGHT)],
  ...[...four('lower', gainsAt), ...four('upper', gainsAt), ...int16.narrowed],
]

const sixteen = (i: number) => [
  ...[...get(FRAME), ...loadVector(16 * i), ...set(BYTES)],
  ...get(FRAME),
  ...eight('lower', LEVEL[2 * i], 32 * i),
  ...eight('upper', LEVEL[2 * i + 1], 32 * i + 16),
  ...uint8.narrowed,
  ...[...get(BYTES), ...allBytes(255), ...uint8.isEqual, ...or],
  ...storeVector(16 * i),
]

const group = [
  ...[0, 1, 2].flatMap(sixteen),
  ...step(FRAME, constant(GROUP_BYTES)),
  ...step(GAINS, constant(2 * GROUP_BYTES)),
]

const module = moduleOf(4, LOCALS, [
  ...[...allIntegers(1 << (GAIN_BITS - 1)), ...set(HALF)],
  ...LEVEL.flatMap((level, i) => [...get(LEVELS), ...loadVector(16 * i), ...set(level)]),
  ...repeat(GROUPS, group),
])
