import type { RgbImage } from '../../shared/image.ts'

/** All but the lowest bit of each byte of a word. */
const HIGH_BITS = ~0x01010101

/**
 * Shrinks rows of an image to half: each pixel is the mean of two by two, the pair above one another rounded up, the two pairs then
 * down, so that it is within half a grey value of the mean and on average no lighter or darker. Of an odd width or height the last
 * column or row is the mean of the pixels there are.
 * @param target at least ceil(width / 2) x ceil(height / 2) x 3.
 * @param from,to rows of the smaller image, half open.
 */
export function halveRows(image: RgbImage, target: Uint8Array, from: number, to: number): void {
  const width = image.widthPx
  const halfWidth = Math.ceil(width / 2)
  const aligned = width % 8 === 0 && image.data.byteOffset % 4 === 0 && target.byteOffset % 4 === 0
  const source = aligned ? new Int32Array(image.data.buffer, image.data.byteOffset, image.data.length >> 2) : null
  const words = aligned ? new Int32Array(target.buffer, target.byteOffset, target.length >> 2) : null
  for (let y = from; y < to; y++) {
    const above = 3 * width * (2 * y)
    // Only the last row can lack a lower neighbour.
    const below = 2 * y + 1 < image.heightPx ? above + 3 * width : above
    const at = 3 * halfWidth * y
    if (source && words) halveWords(source, above >> 2, below >> 2, words, at >> 2, (3 * width) >> 2)
    else halveBytes(image.data, above, below, target, at, width)
  }
}

function halveBytes(
  data: Uint8Array,
  above: number,
  below: number,
  target: Uint8Array,
  at: number,
  width: number,
): void {
  for (let x = 0, out = at; x < width; x += 2) {
    // Only the last column can lack a right neighbour.
    const next = x + 1 < width ? 3 : 0
    for (let channel = 0; channel < 3; channel++, out++) {
      const i = 3 * x + channel
      const left = (data[above + i] + data[below + i] + 1) >> 1
      const right = (data[above + i + next] + data[below + i + next] + 1) >> 1
      target[out] = (left + right) >> 1
    }
  }
}

/**
 * Eight pixels of two rows at a time, four bytes in one operation: `(a | b) - ((a ^ b) >> 1)` is the mean of each byte rounded up,
 * `(a & b) + ((a ^ b) >> 1)` rounded down, where the bit shifted out of a byte is cleared first. A quarter of the time of one byte
 * after another. Little endian, as every machine Node runs on.
 */
function halveWords(
  source: Int32Array,
  above: number,
  below: number,
  target: Int32Array,
  at: number,
  count: number,
): void {
  for (let a = above, b = below, out = at, end = above + count; a < end; a += 6, b += 6, out += 3) {
    const v0 = meanUp(source[a], source[b])
    const v1 = meanUp(source[a + 1], source[b + 1])
    const v2 = meanUp(source[a + 2], source[b + 2])
    const v3 = meanUp(source[a + 3], source[b + 3])
    const v4 = meanUp(source[a + 4], source[b + 4])
    const v5 = meanUp(source[a + 5], source[b + 5])
    // Bytes of the six words, low to high: r0 g0 b0 r1 | g1 b1 r2 g2 | b2 r3 g3 b3 | r4 g4 b4 r5 | g5 b5 r6 g6 | b6 r7 g7 b7.
    // Even pixels are put side by side as r0 g0 b0 r2 | g2 b2 r4 g4 | b4 r6 g6 b6, odd ones in the same order.
    target[out] = meanDown(
      (v0 & 0xffffff) | ((v1 << 8) & 0xff000000),
      (v0 >>> 24) | ((v1 & 0xffff) << 8) | ((v2 << 16) & 0xff000000),
    )
    target[out + 1] = meanDown(
      (v1 >>> 24) | ((v2 & 0xff) << 8) | (v3 << 16),
      (v2 >>> 16) | ((v3 >>> 24) << 16) | (v4 << 24),
    )
    target[out + 2] = meanDown(
      ((v3 >>> 16) & 0xff) | ((v4 >>> 16) << 8) | (v5 << 24),
      ((v4 >>> 8) & 0xff) | (v5 & ~0xff),
    )
  }
}

const meanUp = (a: number, b: number): number => (a | b) - (((a ^ b) & HIGH_BITS) >>> 1)
const meanDown = (a: number, b: number): number => (a & b) + (((a ^ b) & HIGH_BITS) >>> 1)

/** The whole image at half its size, on a buffer of its own. */
export function half(image: RgbImage): RgbImage {
  const widthPx = Math.ceil(image.widthPx / 2)
  const heightPx = Math.ceil(image.heightPx / 2)
  const data = Buffer.allocUnsafeSlow(3 * widthPx * heightPx)
  halveRows(image, data, 0, heightPx)
  return { data, widthPx, heightPx }
}
