import { constant, vector } from './vector-code.ts'

/*
 * Instructions on vectors of 16 bytes, by what numbers they make; each takes its operands from the stack. Named as in arithmetic; the numbers are those of
 * the WebAssembly core specification, 5.4.8.
 */

/** Sixteen. `narrowed`: of two vectors of int16, kept within 0 and 255. */
export const uint8 = { isEqual: vector(0x23), meanRoundedUp: vector(0x7b), narrowed: vector(0x66) }

/** Eight. `lower`, `upper`: of sixteen bytes the first or the last; `narrowed`: of two vectors of int32, kept within the range. */
export const int16 = {
  lower: vector(0x89),
  upper: vector(0x8a),
  narrowed: vector(0x85),
  everywhere: vector(0x10),
  plus: vector(0x8e),
  minus: vector(0x91),
  shiftRight: vector(0x8d),
}

/** Four. `lower`, `upper`: of eight int16 the first or the last; of uint16 `lowerUnsigned`, `upperUnsigned`. `pairs`: of int16, products of neighbours added. */
export const int32 = {
  lower: vector(0xa7),
  upper: vector(0xa8),
  lowerUnsigned: vector(0xa9),
  upperUnsigned: vector(0xaa),
  everywhere: vector(0x11),
  plus: vector(0xae),
  minus: vector(0xb1),
  times: vector(0xb5),
  pairs: vector(0xba),
  shiftLeft: vector(0xab),
  shiftRight: vector(0xac),
  /** Of two float64, towards 0; two zeros after them. */
  ofFloats: vector(0xfc),
  /** One of them, as a number on the stack. */
  lane: (number: number) => vector(0x1b, number),
}

/** Two. `ofIntegers`: of four int32 the first two. */
export const float64 = {
  ofIntegers: vector(0xfe),
  everywhere: vector(0x14),
  floor: vector(0x75),
  plus: vector(0xf0),
  minus: vector(0xf1),
  times: vector(0xf2),
}

export const or = vector(0x50)
export const not = vector(0x4d)
/** Of two vectors and a mask: bits of the first where it has ones, else of the second. */
export const chosen = vector(0x52)
/** A vector whose bytes are all so. */
export const allBytes = (value: number) => vector(0x0c, ...Array<number>(16).fill(value))

/** A vector whose int32 are all so. */
export const allIntegers = (value: number) => [...constant(value), ...int32.everywhere]

/** Eight bytes at an address on the stack, and nothing after them. */
export const loadEight = vector(0x5d, 0, 0)
/** Eight bytes at an address on the stack, twice. */
export const loadEightTwice = vector(0x0a, 0, 0)
/** The first four bytes of a vector, to an address. */
export const storeFour = vector(0x5a, 0, 0, 0)
/** A float64 on the stack. */
export const float = (value: number) => [0x44, ...new Uint8Array(Float64Array.of(value).buffer)]
