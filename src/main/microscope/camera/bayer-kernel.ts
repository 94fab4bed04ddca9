import { constant, get, loadVector, moduleOf, repeat, runIn, set, step, VECTOR } from '../../vector-code.ts'
import { chosen, int16, int32, uint8 } from '../../vector-instructions.ts'
import { GROUP_PX } from './rows.ts'
import { storeColours } from './store-colours.ts'

/*
 * The inner loop of filling in what a Bayer filter left out, for the processor's vector unit: in JavaScript it held the bench up for 20 ms a frame.
 */

/**
 * A row of RGB: what a pixel's filter left out is the mean of the nearest two or four pixels that have it, rounded half up. The first five are addresses and a
 * length in the memory.
 * @param above of the byte before the row above; `row` and `below` likewise.
 * @param out RGB, groups x 48 bytes.
 * @param groups of 16 pixels.
 * @param columns the columns where the row's filters are red or blue: `EVEN_COLUMNS` or `ODD_COLUMNS`.
 * @param red the row has red filters: -1, blue ones: 0.
 */
export type BayerKernel = (
  above: number,
  row: number,
  below: number,
  out: number,
  groups: number,
  columns: number,
  red: number,
) => void

/** Bytes of two pixels, as one number: all bits of the one that is meant. */
export const EVEN_COLUMNS = 0x00ff
export const ODD_COLUMNS = 0xff00

export const bayerKernel = (memory: WebAssembly.Memory): BayerKernel => runIn(module, memory)

const [ABOVE, ROW, BELOW, OUT, GROUPS, COLUMNS, RED] = [0, 1, 2, 3, 4, 5, 6]
/** The rest are the kernel's own: which pixels and rows, pixels and their neighbours, and what comes of them. */
const [IN_COLUMN, IN_RED, OWN, LEFT, RIGHT, UP, DOWN] = [7, 8, 9, 10, 11, 12, 13]
const [BESIDE, UPRIGHT, GREEN, NEAR, FAR, FIRST, LAST] = [14, 15, 16, 17, 18, 19, 20]
const LOCALS = Array<number>(14).fill(VECTOR)

/** The vector to the left of a row's pixels, the pixels, and those to their right. */
const [TO_LEFT, HERE, TO_RIGHT] = [0, 1, 2]
const load = (row: number, where: number) => [...get(row), ...loadVector(where)]
const choose = (inside: number, outside: number, mask: number) => [
  ...get(inside),
  ...get(outside),
  ...get(mask),
  ...chosen,
]

const sumOf = (four: readonly (readonly number[])[], half: 'lower' | 'upper') => [
  ...four.flatMap((each, i) => [...each, ...int16[half], ...(i > 0 ? int16.plus : [])]),
  ...[...constant(2), ...int16.everywhere, ...int16.plus, ...constant(2), ...int16.shiftRight],
]
const meanOf = (four: readonly (readonly number[])[]) => [
  ...sumOf(four, 'lower'),
  ...sumOf(four, 'upper'),
  ...uint8.narrowed,
]

const group = [
  ...[...load(ROW, HERE), ...set(OWN), ...load(ROW, TO_LEFT), ...set(LEFT), ...load(ROW, TO_RIGHT), ...set(RIGHT)],
  ...[...load(ABOVE, HERE), ...set(UP), ...load(BELOW, HERE), ...set(DOWN)],
  ...[...get(LEFT), ...get(RIGHT), ...uint8.meanRoundedUp, ...set(BESIDE)],
  ...[...get(UP), ...get(DOWN), ...uint8.meanRoundedUp, ...set(UPRIGHT)],
  ...[...meanOf([LEFT, RIGHT, UP, DOWN].map(get)), ...set(GREEN)],
  ...meanOf([load(ABOVE, TO_LEFT), load(ABOVE, TO_RIGHT), load(BELOW, TO_LEFT), load(BELOW, TO_RIGHT)]),
  // On red or blue: green on four sides, the other colour on four corners. On green: of red and blue the row's own lies beside, the other above and below.
  ...set(FAR),
  ...[...choose(OWN, BESIDE, IN_COLUMN), ...set(NEAR)],
  ...[...choose(FAR, UPRIGHT, IN_COLUMN), ...set(FAR)],
  ...[...choose(GREEN, OWN, IN_COLUMN), ...set(GREEN)],
  ...[...choose(NEAR, FAR, IN_RED), ...set(FIRST)],
  ...[...choose(FAR, NEAR, IN_RED), ...set(LAST)],
  ...storeColours(OUT, FIRST, GREEN, LAST),
  ...[ABOVE, ROW, BELOW].flatMap((row) => step(row, constant(GROUP_PX))),
  ...step(OUT, constant(3 * GROUP_PX)),
]

const module = moduleOf(7, LOCALS, [
  ...[...get(COLUMNS), ...int16.everywhere, ...set(IN_COLUMN)],
  ...[...get(RED), ...int32.everywhere, ...set(IN_RED)],
  ...repeat(GROUPS, group),
])
