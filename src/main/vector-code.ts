/**
 * WebAssembly (2.0, with its vectors of 16 bytes) put together from its instructions, for inner loops that the processor's vector unit should run:
 * there is neither a binary file nor another compiler to look after. Opcodes as in the WebAssembly core specification, 5.4.
 */

/** What a value on the stack, or a local variable, is. */
export const I32 = 0x7f
export const VECTOR = 0x7b

/** Numbers as WebAssembly writes lengths and opcodes (LEB128, 0 and more). */
const unsigned = (value: number): number[] =>
  value < 128 ? [value] : [(value & 127) | 128, ...unsigned(Math.floor(value / 128))]

/** And constants, whose seventh bit is the sign (-64 and more). */
const signed = (value: number): number[] =>
  value < 64 ? [value & 127] : [(value & 127) | 128, ...signed(Math.floor(value / 128))]

export const get = (local: number) => [0x20, local]
export const set = (local: number) => [0x21, local]
export const constant = (value: number) => [0x41, ...signed(value)]
export const add = [0x6a]
export const multiply = [0x6c]
/** The local variable, more by what `by` leaves on the stack. */
export const step = (local: number, by: readonly number[]) => [...get(local), ...by, ...add, ...set(local)]
/** The body is run again and again, `times` times, 1 or more: a local variable that is 0 afterwards. */
export const repeat = (times: number, body: readonly number[]) => [
  ...[0x03, 0x40, ...body],
  ...[...get(times), ...constant(1), 0x6b, 0x22, times, 0x0d, 0],
  0x0b,
]

/** An instruction on vectors. */
export const vector = (opcode: number, ...immediate: readonly number[]) => [0xfd, ...unsigned(opcode), ...immediate]
/** Of 16 bytes at an address on the stack, and so many beyond it (below 128). */
export const loadVector = (offset = 0) => vector(0x00, 0, offset)
export const storeVector = (offset = 0) => vector(0x0b, 0, offset)
export const loadInteger = [0x28, 0, 0]
/** Bytes picked from two vectors on the stack, by their place in both together; where none is wanted the first. */
export const pick = (bytes: readonly number[]) => vector(0x0d, ...Array.from({ length: 16 }, (_, i) => bytes[i] ?? 0))

const counted = (bytes: readonly number[]) => [...unsigned(bytes.length), ...bytes]
const section = (id: number, bytes: readonly number[]) => [id, ...counted(bytes)]
const name = (text: string) => counted([...text].map((letter) => letter.charCodeAt(0)))

/** Whole pages of a module's memory that so many bytes take. */
export const pagesFor = (bytes: number): number => Math.ceil(bytes / 65_536)

/** A module with one function `run`, of so many numbers, that answers nothing; `locals` are its own, after those. Its memory is imported. */
export function moduleOf(parameters: number, locals: readonly number[], body: readonly number[]): WebAssembly.Module {
  const declared = locals.flatMap((type) => [1, type])
  const code = [locals.length, ...declared, ...body, 0x0b]
  return new WebAssembly.Module(
    Uint8Array.from([
      ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
      ...section(1, [1, 0x60, ...counted(Array<number>(parameters).fill(I32)), 0]),
      // The memory, of any size.
      ...section(2, [1, ...name('env'), ...name('memory'), 0x02, 0x00, 0]),
      ...section(3, [1, 0]),
      ...section(7, [1, ...name('run'), 0x00, 0]),
      ...section(10, [1, ...counted(code)]),
    ]),
  )
}

/** The module's function, at work in that memory. */
export function runIn<Run>(module: WebAssembly.Module, memory: WebAssembly.Memory): Run {
  return new WebAssembly.Instance(module, { env: { memory } }).exports.run as Run
}
