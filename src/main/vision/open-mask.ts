import { type Grid, MARGIN } from './grid.ts'

/**
 * Opens a mask (0 or 1) by an octagon two pixels in radius: what is thinner than five pixels goes, rims of red cells above
 * all. Pixels in `keep` stay.
 *
 * Four pixels at a time: a word of the mask moved by a byte is the word's left or right neighbours.
 */
export function openMask(mask: Uint8Array, keep: Uint8Array, grid: Grid): void {
  const words = wordsOf(mask)
  const kept = wordsOf(keep)
  const row = grid.stride >> 2
  const first = MARGIN * row
  const last = words.length - MARGIN * row
  const a = new Int32Array(words.length)
  const b = new Int32Array(words.length)
  // Smaller by a cross, then by a square: together an octagon.
  for (let k = first; k < last; k++) {
    const word = words[k]
    if (word !== 0) a[k] = word & left(words, k) & right(words, k) & words[k - row] & words[k + row]
  }
  for (let k = first; k < last; k++) if (a[k] !== 0) b[k] = a[k] & left(a, k) & right(a, k)
  for (let k = first; k < last; k++) a[k] = b[k - row] & b[k] & b[k + row]
  // And larger again.
  for (let k = first; k < last; k++) b[k] = a[k] | left(a, k) | right(a, k)
  for (let k = first - row; k < last + row; k++) a[k] = b[k - row] | b[k] | b[k + row]
  for (let k = first; k < last; k++) {
    words[k] = a[k] | left(a, k) | right(a, k) | a[k - row] | a[k + row] | kept[k]
  }
  for (let y = 0; y < grid.heightPx; y++) {
    const start = (y + MARGIN) * grid.stride
    mask.fill(0, start, start + MARGIN)
    mask.fill(0, start + MARGIN + grid.widthPx, start + grid.stride)
  }
}

/** Four pixels a word, the first in the lowest byte. */
function wordsOf(mask: Uint8Array): Int32Array {
  return new Int32Array(mask.buffer, mask.byteOffset, mask.length >> 2)
}

/** What lies left of each of the word's pixels. */
function left(words: Int32Array, k: number): number {
  return (words[k] << 8) | (words[k - 1] >>> 24)
}

function right(words: Int32Array, k: number): number {
  return (words[k] >>> 8) | (words[k + 1] << 24)
}
