import { constant, get, loadVector, moduleOf, pick, repeat, runIn, set, step, VECTOR } from '../../vector-code.ts'
import { allIntegers, int16, int32, loadEight, uint8 } from '../../vector-instructions.ts'
import { GROUP_PX } from './rows.ts'
import { storeColours } from './store-colours.ts'

/*
 * The inner loop of taking brightness and colour differences for RGB, for the processor's vector unit: in JavaScript it held the bench up for 25 to 60 ms a frame.
 */

/**
 * A row of RGB, full range, matrix of ITU-R BT.601 (as JFIF has it): R = Y + 1.402 Cr, G = Y - 0.344136 Cb - 0.714136 Cr, B = Y + 1.772 Cb, factors to 16
 * bits, rounded half up. Two pixels beside one another share one colour.
 * @param luma address of the row's brightness.
 * @param first address of the row's differences: Cb, or Cb and Cr in turn.
 * @param second address of Cr, where it lies apart.
 * @param out RGB, groups x 48 bytes.
 * @param groups of 16 pixels.
 */
export type YuvKernel = (luma: number, first: number, second: number, out: number, groups: number) => void

const [LUMA, FIRST, SECOND, OUT, GROUPS] = [0, 1, 2, 3, 4]
/** The rest are the kernel's own: brightness, differences, eight numbers to be added to each two pixels, and what comes of it. */
const [BRIGHT, CB, CR, MORE, RED, GREEN, BLUE] = [5, 6, 7, 8, 9, 10, 11]
const LOCALS = Array<number>(7).fill(VECTOR)

const BITS = 16
const inBits = (factor: number) => Math.round(factor * 2 ** BITS)
const [CR_TO_RED, CB_TO_GREEN, CR_TO_GREEN, CB_TO_BLUE] = [1.402, 0.344136, 0.714136, 1.772].map(inBits)
/** Eight bytes as int16, 128 less. */
const difference = [...int16.lower, ...constant(128), ...int16.everywhere, ...int16.minus]

/** Four of eight colour differences times factors, added or taken away, rounded, as int32. */
const four = (half: 'lower' | 'upper', sum: readonly (readonly [number, number])[], isTaken: boolean) => [
  ...allIntegers(1 << (BITS - 1)),
  ...sum.flatMap(([local, factor]) => [
    ...[...get(local), ...int32[half], ...allIntegers(factor), ...int32.times],
    ...(isTaken ? int32.minus : int32.plus),
  ]),
  ...[...constant(BITS), ...int32.shiftRight],
]
/** Each of MORE for two pixels beside one another, added to the brightness of eight. */
const eight = (half: 'lower' | 'upper') => {
  const from = half === 'lower' ? 0 : 8
  const twice = [0, 2, 4, 6].flatMap((byte) => [byte, byte + 1, byte, byte + 1]).map((byte) => from + byte)
  return [...get(BRIGHT), ...int16[half], ...get(MORE), ...get(MORE), ...pick(twice), ...int16.plus]
}
const colour = (into: number, sum: readonly (readonly [number, number])[], isTaken = false) => [
  ...[...four('lower', sum, isTaken), ...four('upper', sum, isTaken), ...int16.narrowed, ...set(MORE)],
  ...[...eight('lower'), ...eight('upper'), ...uint8.narrowed, ...set(into)],
]

const moduleFor = (differences: readonly number[]) =>
  moduleOf(
    5,
    LOCALS,
    repeat(GROUPS, [
      ...[...get(LUMA), ...loadVector(), ...set(BRIGHT)],
      ...differences,
      ...colour(RED, [[CR, CR_TO_RED!]]),
      ...colour(
        GREEN,
        [
          [CB, CB_TO_GREEN!],
          [CR, CR_TO_GREEN!],
        ],
        true,
      ),
      ...colour(BLUE, [[CB, CB_TO_BLUE!]]),
      ...storeColours(OUT, RED, GREEN, BLUE),
      ...step(LUMA, constant(GROUP_PX)),
      ...step(OUT, constant(3 * GROUP_PX)),
    ]),
  )

const everySecond = (from: 0 | 1) => pick([0, 2, 4, 6, 8, 10, 12, 14].map((byte) => byte + from))

const inTurn = moduleFor([
  ...[...get(FIRST), ...loadVector(), ...set(MORE)],
  ...[CB, CR].flatMap((local, i) => [
    ...[...get(MORE), ...get(MORE), ...everySecond(i as 0 | 1), ...difference, ...set(local)],
  ]),
  ...step(FIRST, constant(GROUP_PX)),
])

const apart = moduleFor(
  [
    [FIRST, CB],
    [SECOND, CR],
  ].flatMap(([address, local]) => [
    ...[...get(address!), ...loadEight, ...difference, ...set(local!)],
    ...step(address!, constant(GROUP_PX / 2)),
  ]),
)

/** For differences in turn (NV12) or apart (YUV 4:2:0). */
export const yuvKernel = (memory: WebAssembly.Memory, isInTurn: boolean): YuvKernel =>
  runIn(isInTurn ? inTurn : apart, memory)
