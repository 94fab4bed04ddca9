import type { RgbImage } from '../../../shared/image.ts'

/** Means of an image's blocks, row by row, red, green and blue; see `flatFieldResult`. */
export interface BlockMeans {
  readonly columns: number
  readonly rows: number
  readonly means: readonly (readonly [number, number, number])[]
  /** Share of the pixels at the end of the scale in any channel, 0-1. */
  readonly saturated: number
}

/** Every other pixel of every other row is looked at. */
export function blockMeans({ data, widthPx, heightPx }: RgbImage, columns: number, rows: number): BlockMeans {
  const sums = new Float64Array(3 * columns * rows)
  const counts = new Float64Array(columns * rows)
  let saturated = 0
  let looked = 0
  for (let y = 0; y < heightPx; y += 2) {
    const row = Math.floor((y * rows) / heightPx)
    for (let x = 0; x < widthPx; x += 2) {
      const block = row * columns + Math.floor((x * columns) / widthPx)
      const i = 3 * (y * widthPx + x)
      const [r, g, b] = [data[i]!, data[i + 1]!, data[i + 2]!]
      if (r >= 254 || g >= 254 || b >= 254) saturated++
      sums[3 * block]! += r
      sums[3 * block + 1]! += g
      sums[3 * block + 2]! += b
      counts[block]!++
      looked++
    }
  }
  const means = Array.from(
    counts,
    (count, i) => [0, 1, 2].map((c) => sums[3 * i + c]! / count) as [number, number, number],
  )
  return { columns, rows, means, saturated: saturated / looked }
}
