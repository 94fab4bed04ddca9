import type { PixelRect } from './geometry.ts'
import type { RawTile } from './raw-tile.ts'

/**
 * Shrinks a region of a tile to half into the tile one level below it: the rounded mean of two by two pixels. Where the level
 * has an odd width or height, its last column or row is the mean of the pixels there are.
 * @param region pixels of the parent's level, within the parent, of which the child shows all.
 */
export function halveInto(parent: RawTile, child: RawTile, region: PixelRect): void {
  const width = child.rect.right - child.rect.left
  const parentWidth = parent.rect.right - parent.rect.left
  const { buffer, byteOffset, length } = child.data
  const words = width % 4 === 0 && byteOffset % 4 === 0 ? new Int32Array(buffer, byteOffset, length >> 2) : null
  for (let y = region.top; y < region.bottom; y++) {
    const above = 2 * y - child.rect.top
    const rows: Rows = {
      from: child.data,
      above: 3 * width * above,
      // Only the last row can lack a lower neighbour.
      below: 3 * width * (2 * y + 1 < child.rect.bottom ? above + 1 : above),
      to: parent.data,
      // Where the child's first pixel goes.
      at: 3 * ((y - parent.rect.top) * parentWidth + child.rect.left / 2 - parent.rect.left),
    }
    const left = region.left - child.rect.left / 2
    const right = region.right - child.rect.left / 2
    if (words) halveRowInWords(rows, words, left, right)
    else halveRow(rows, left, right, width)
  }
}

/** Two rows of a tile and the row they become; byte offsets. */
interface Rows {
  readonly from: Buffer
  readonly above: number
  readonly below: number
  readonly to: Buffer
  readonly at: number
}

function halveRow({ from, above, below, to, at }: Rows, left: number, right: number, width: number): void {
  for (let x = left; x < right; x++) {
    // Only the last column can lack a right neighbour.
    const next = 2 * x + 1 < width ? 3 : 0
    for (let channel = 0; channel < 3; channel++) {
      const a = above + 6 * x + channel
      const b = below + 6 * x + channel
      to[at + 3 * x + channel] = (from[a] + from[a + next] + from[b] + from[b + next] + 2) >> 2
    }
  }
}

/** Every other byte of a word. */
const EVEN = 0x00ff00ff

/**
 * The same, two pixels at a time out of three words a row: bytes are summed in pairs, each with the byte above it free for the
 * carry. Halving is most of what painting costs the calling thread, and this takes 0.6 of the time. Little endian, as every
 * machine Node runs on. `left` and `right` may be odd: their neighbours come out as they were.
 */
function halveRowInWords({ above, below, to, at }: Rows, words: Int32Array, left: number, right: number): void {
  const first = left & ~1
  let a = (above + 6 * first) >> 2
  let b = (below + 6 * first) >> 2
  let o = at + 3 * first
  for (let x = first; x < right; x += 2) {
    // Bytes of the three words, low to high: r0 g0 b0 r1 | g1 b1 r2 g2 | b2 r3 g3 b3.
    const a0 = words[a]
    const a1 = words[a + 1]
    const a2 = words[a + 2]
    const b0 = words[b]
    const b1 = words[b + 1]
    const b2 = words[b + 2]
    const r0b0 = (a0 & EVEN) + (b0 & EVEN)
    const g0r1 = ((a0 >>> 8) & EVEN) + ((b0 >>> 8) & EVEN)
    const g1r2 = (a1 & EVEN) + (b1 & EVEN)
    const b1g2 = ((a1 >>> 8) & EVEN) + ((b1 >>> 8) & EVEN)
    const b2g3 = (a2 & EVEN) + (b2 & EVEN)
    const r3b3 = ((a2 >>> 8) & EVEN) + ((b2 >>> 8) & EVEN)
    to[o] = ((r0b0 & 0xffff) + (g0r1 >>> 16) + 2) >> 2
    to[o + 1] = ((g0r1 & 0xffff) + (g1r2 & 0xffff) + 2) >> 2
    to[o + 2] = ((r0b0 >>> 16) + (b1g2 & 0xffff) + 2) >> 2
    to[o + 3] = ((g1r2 >>> 16) + (r3b3 & 0xffff) + 2) >> 2
    to[o + 4] = ((b1g2 >>> 16) + (b2g3 >>> 16) + 2) >> 2
    to[o + 5] = ((b2g3 & 0xffff) + (r3b3 >>> 16) + 2) >> 2
    a += 3
    b += 3
    o += 6
  }
}
