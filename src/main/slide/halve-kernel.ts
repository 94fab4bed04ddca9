/**
 * The inner loop of making an image half as large, for the processor's vector unit: WebAssembly (2.0, with its vectors of 16 bytes), put
 * together here from its instructions, so that there is neither a binary file nor another compiler to look after. JavaScript takes two and
 * a half times as long for the same, which was a sixth of all that keeping a field costs.
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

export function halveKernel(memory: WebAssembly.Memory): HalveKernel {
  const instance = new WebAssembly.Instance(module, { env: { memory } })
  return instance.exports.halve as HalveKernel
}

const [SOURCE, TARGET, GROUPS, ROWS, SOURCE_STRIDE, TARGET_STRIDE, BELOW] = [0, 1, 2, 3, 4, 5, 6]
/** The rest are the kernel's own: where it reads in both rows, where it writes, groups to go, and three vectors of pixels. */
const [UPPER, LOWER, OUT, LEFT] = [7, 8, 9, 10]
const PIXELS = [11, 12, 13]

const I32 = 0x7f
const VECTOR = 0x7b

const get = (local: number) => [0x20, local]
const set = (local: number) => [0x21, local]
/** Below 64: then the number is its own encoding. */
const constant = (value: number) => [0x41, value]
const add = [0x6a]
const step = (local: number, by: number[]) => [...get(local), ...by, ...add, ...set(local)]
const loop = (body: number[]) => [0x03, 0x40, ...body, 0x0b]
const load = (from: number, offset: number) => [...get(from), 0xfd, 0x00, 0, offset]
const store = (offset: number, value: number[]) => [...get(OUT), ...value, 0xfd, 0x0b, 0, offset]
const inverted = [0xfd, 0x4d]
const meanRoundedUp = [0xfd, 0x7b]
/** Bytes picked from two vectors, by their place in both together; where none is wanted the first. */
const pick = (a: number, b: number, bytes: readonly number[]) => [
  ...get(a),
  ...get(b),
  ...[0xfd, 0x0d],
  ...Array.from({ length: 16 }, (_, i) => bytes[i] ?? 0),
]

/** The bytes of pixels of a group, less those before `from`. */
const bytesOf = (pixels: readonly number[], from: number) =>
  pixels.flatMap((pixel) => [3 * pixel - from, 3 * pixel + 1 - from, 3 * pixel + 2 - from])

/** Of inverted values the mean rounded up is the mean rounded down. */
const meanOfPairs = (a: number, b: number, pixels: readonly number[], from: number) => [
  ...pick(a, b, bytesOf(pixels, from)),
  ...pick(
    a,
    b,
    bytesOf(
      pixels.map((pixel) => pixel + 1),
      from,
    ),
  ),
  ...meanRoundedUp,
  ...inverted,
]

const group = [
  ...PIXELS.flatMap((pixels, i) => [
    ...load(UPPER, 16 * i),
    ...load(LOWER, 16 * i),
    ...meanRoundedUp,
    ...inverted,
    ...set(pixels),
  ]),
  // Five pixels out of the first two vectors, three out of the last two.
  ...store(0, meanOfPairs(PIXELS[0], PIXELS[1], [0, 2, 4, 6, 8], 0)),
  ...store(15, meanOfPairs(PIXELS[1], PIXELS[2], [10, 12, 14], 16)),
  ...step(UPPER, constant(GROUP_BYTES)),
  ...step(LOWER, constant(GROUP_BYTES)),
  ...step(OUT, constant(GROUP_BYTES / 2)),
  // One group less; on while there are more.
  ...[...get(LEFT), ...constant(1), 0x6b, 0x22, LEFT, 0x0d, 0],
]

const row = [
  ...[...get(SOURCE), ...set(UPPER)],
  ...[...get(SOURCE), ...get(BELOW), ...add, ...set(LOWER)],
  ...[...get(TARGET), ...set(OUT)],
  ...[...get(GROUPS), ...set(LEFT)],
  ...loop(group),
  ...step(SOURCE, [...get(SOURCE_STRIDE), ...constant(1), 0x74]),
  ...step(TARGET, get(TARGET_STRIDE)),
  ...[...get(ROWS), ...constant(1), 0x6b, 0x22, ROWS, 0x0d, 0],
]

/** Numbers as WebAssembly writes lengths (LEB128). */
const length = (value: number): number[] =>
  value < 128 ? [value] : [(value & 127) | 128, ...length(Math.floor(value / 128))]
const counted = (bytes: readonly number[]) => [...length(bytes.length), ...bytes]
const section = (id: number, bytes: readonly number[]) => [id, ...counted(bytes)]
const name = (text: string) => counted([...text].map((letter) => letter.charCodeAt(0)))

const module = new WebAssembly.Module(
  Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    // Types: one, of seven numbers, that answers nothing.
    ...section(1, [1, 0x60, 7, I32, I32, I32, I32, I32, I32, I32, 0]),
    // Imports: the memory, of any size.
    ...section(2, [1, ...name('env'), ...name('memory'), 0x02, 0x00, 0]),
    ...section(3, [1, 0]),
    ...section(7, [1, ...name('halve'), 0x00, 0]),
    ...section(10, [1, ...counted([2, 4, I32, 3, VECTOR, ...loop(row), 0x0b])]),
  ]),
)
