import type { CalibrationsInUse } from './in-use.ts'

/** Fixed point of the gains: so many bits of them are a fraction. */
export const GAIN_BITS = 12
const GAIN_ONE = 1 << GAIN_BITS

/**
 * What a camera's pixels are multiplied by to even the light and make clear glass grey, row by row, red, green, blue.
 * @param table to be filled, height x width x 3.
 */
export function fillGains(
  table: Uint16Array,
  { widthPx, heightPx }: { readonly widthPx: number; readonly heightPx: number },
  { 'flat-field': flat, 'white-balance': white }: Pick<CalibrationsInUse, 'flat-field' | 'white-balance'>,
): void {
  const balance = white?.gains ?? [1, 1, 1]
  if (!flat) {
    for (let i = 0; i < table.length; i++) table[i] = Math.round(GAIN_ONE * balance[i % 3]!)
    return
  }
  const { columns, rows, gains } = flat
  const place = (at: number, size: number, count: number) => {
    const p = Math.max(0, Math.min(count - 1, ((at + 0.5) * count) / size - 0.5))
    const low = Math.min(count - 2, Math.floor(p))
    return { low, share: p - low }
  }
  for (let y = 0; y < heightPx; y++) {
    const { low: row, share: v } = place(y, heightPx, rows)
    for (let x = 0; x < widthPx; x++) {
      const { low: column, share: u } = place(x, widthPx, columns)
      const a = row * columns + column
      for (let c = 0; c < 3; c++) {
        const upper = gains[a]![c]! * (1 - u) + gains[a + 1]![c]! * u
        const lower = gains[a + columns]![c]! * (1 - u) + gains[a + columns + 1]![c]! * u
        table[3 * (y * widthPx + x) + c] = Math.min(
          65_535,
          Math.round(GAIN_ONE * balance[c]! * (upper * (1 - v) + lower * v)),
        )
      }
    }
  }
}
