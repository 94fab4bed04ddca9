import type { Saliency } from '../../../shared/contract/evidence.ts'

type Grid = Pick<Saliency, 'rows' | 'columns'>

/** Below this, 0-1, an effect of covering a spot says nothing: it is what noise and compression do. */
export const LEAST_EFFECT = 0.02
/** Where lines are drawn, as a share of the strongest effect. */
const LINE_AT = 0.5
/** How dark a place gets that makes no difference, 0-1. */
const DARKEST = 0.66

export interface Strongest {
  /** Probability lost by covering the spot that matters most; at most 0: there is none. */
  readonly lost: number
  /** Probability gained by covering the spot that speaks most against; at most 0: there is none. */
  readonly gained: number
}

export function strongestOf(weights: readonly number[]): Strongest {
  return { lost: Math.max(...weights), gained: -Math.min(...weights) }
}

/**
 * The weights as a surface: each holds at the middle of its spot, between spots it changes evenly (bilinear), beyond the outermost it
 * stays as it is. `x` and `y` are shares of the square's side, 0-1.
 */
export function weightAt(weights: readonly number[], { rows, columns }: Grid, x: number, y: number): number {
  const column = Math.min(columns - 1, Math.max(0, x * columns - 0.5))
  const row = Math.min(rows - 1, Math.max(0, y * rows - 0.5))
  const left = Math.floor(column)
  const top = Math.floor(row)
  const right = Math.min(columns - 1, left + 1)
  const bottom = Math.min(rows - 1, top + 1)
  const across = column - left
  const down = row - top
  const upper = weights[top * columns + left] * (1 - across) + weights[top * columns + right] * across
  const lower = weights[bottom * columns + left] * (1 - across) + weights[bottom * columns + right] * across
  return upper * (1 - down) + lower * down
}

/**
 * What is laid over the picture: a veil, clear where covering costs the class most, so that the stain is seen as it is where it
 * matters; a pale line round that place; blue, with a dotted line, where covering makes the machine surer.
 *
 * @returns sizePx x sizePx x 4, RGBA, not premultiplied.
 */
export function veilOf(weights: readonly number[], grid: Grid, sizePx: number): Uint8ClampedArray<ArrayBuffer> {
  const { lost, gained } = strongestOf(weights)
  const out = new Uint8ClampedArray(sizePx * sizePx * 4)
  const speaks = lost >= LEAST_EFFECT
  const against = gained >= LEAST_EFFECT && gained >= lost / 10
  if (!speaks && !against) return out
  const values = new Float32Array(sizePx * sizePx)
  for (let y = 0; y < sizePx; y++) {
    for (let x = 0; x < sizePx; x++) {
      values[y * sizePx + x] = weightAt(weights, grid, (x + 0.5) / sizePx, (y + 0.5) / sizePx)
    }
  }
  const strongest = Math.max(lost, gained)
  for (let y = 0; y < sizePx; y++) {
    for (let x = 0; x < sizePx; x++) {
      const i = y * sizePx + x
      const value = values[i]
      const clear = Math.max(0, value) / strongest
      const blue = against ? Math.max(0, -value) / gained : 0
      set(out, i, [20 * blue, 70 * blue, 190 * blue], DARKEST * (1 - clear) * (1 - 0.25 * blue))
      if (speaks && crosses(values, sizePx, x, y, lost * LINE_AT)) set(out, i, [255, 255, 255], 0.95)
      else if (against && (x + y) % 6 < 3 && crosses(values, sizePx, x, y, -gained * LINE_AT))
        set(out, i, [140, 190, 255], 1)
    }
  }
  return out
}

/** Whether the surface passes a level between this pixel and the next one right or below. */
function crosses(values: Float32Array, sizePx: number, x: number, y: number, level: number): boolean {
  const above = values[y * sizePx + x] >= level
  return (
    (x + 1 < sizePx && values[y * sizePx + x + 1] >= level !== above) ||
    (y + 1 < sizePx && values[(y + 1) * sizePx + x] >= level !== above)
  )
}

function set(
  out: Uint8ClampedArray,
  pixel: number,
  [red, green, blue]: readonly [number, number, number],
  alpha: number,
): void {
  out[pixel * 4] = red
  out[pixel * 4 + 1] = green
  out[pixel * 4 + 2] = blue
  out[pixel * 4 + 3] = alpha * 255
}
