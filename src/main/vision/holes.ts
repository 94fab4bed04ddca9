import { type Grid, MARGIN, neighbours } from './grid.ts'

/** Sets the pixels of holes (zero, enclosed by the mask, reached over sides) up to `largest` pixels in size. */
export function fillHoles(mask: Uint8Array, grid: Grid, largest: number): void {
  const { stride, widthPx, heightPx } = grid
  const seen = new Uint8Array(grid.size)
  const stack = new Int32Array(Math.max(16, Math.ceil(largest) + 8))
  const sides = neighbours(grid).subarray(0, 4)
  const first = MARGIN * stride + MARGIN
  const words = new Int32Array(mask.buffer, mask.byteOffset, mask.length >> 2)
  for (let y = 0; y < heightPx; y++) {
    for (let start = first + y * stride, end = start + widthPx; start < end; start++) {
      if ((start & 3) === 0 && start + 4 <= end) {
        // Nothing begins within four pixels that are all set, or all clear after a clear one.
        const word = words[start >> 2]
        if (word === FOUR_SET || (word === 0 && mask[start - 1] === 0)) {
          start += 3
          continue
        }
      }
      // A hole's uppermost row has the mask at both ends and all along above it.
      if (mask[start] !== 0 || seen[start] !== 0 || mask[start - 1] === 0 || mask[start - stride] === 0) continue
      let right = start + 1
      while (right < end && mask[right] === 0 && mask[right - stride] !== 0) right++
      if (right === end || mask[right] === 0) continue
      let count = 1
      let open = false
      stack[0] = start
      seen[start] = 1
      for (let k = 0; k < count && !open; k++) {
        const i = stack[k]
        for (let n = 0; n < 4; n++) {
          const j = i + sides[n]
          if (mask[j] !== 0 || seen[j] === 1) continue
          const column = (j % stride) - MARGIN
          const outside = column < 0 || column >= widthPx || j < first || j >= first + heightPx * stride
          if (outside || count > largest) {
            open = true
            break
          }
          seen[j] = 1
          stack[count++] = j
        }
      }
      if (!open) for (let k = 0; k < count; k++) mask[stack[k]] = 1
      else for (let k = 0; k < count; k++) seen[stack[k]] = 0
    }
  }
}

const FOUR_SET = 0x01010101
