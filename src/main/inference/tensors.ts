import type { ModelManifest } from './manifest.ts'

/** Crops as the graph takes them, and the shape to call them by. */
export interface InputArray {
  readonly type: 'uint8' | 'float32'
  readonly data: Uint8Array | Float32Array
  readonly dims: readonly number[]
}

/**
 * @param crops n x sizePx x sizePx x 3, RGB, 8 bit; not copied where the graph takes exactly that.
 * @returns n crops in the manifest's type, layout and normalisation.
 */
export function toInput(crops: Uint8Array, n: number, input: ModelManifest['input']): InputArray {
  const { sizePx, type, layout, normalisation } = input
  const plane = sizePx * sizePx
  const dims = layout === 'NHWC' ? [n, sizePx, sizePx, 3] : [n, 3, sizePx, sizePx]
  if (type === 'uint8' && layout === 'NHWC') return { type, data: crops, dims }
  const data = type === 'uint8' ? new Uint8Array(n * plane * 3) : new Float32Array(n * plane * 3)
  const pixelStep = layout === 'NHWC' ? 3 : 1
  const channelStep = layout === 'NHWC' ? 1 : plane
  for (let channel = 0; channel < 3; channel++) {
    const values = channelValues(type, normalisation, channel)
    for (let image = 0; image < n; image++) {
      let from = image * plane * 3 + channel
      let to = image * plane * 3 + channel * channelStep
      for (let pixel = 0; pixel < plane; pixel++) {
        data[to] = values[crops[from]!]!
        from += 3
        to += pixelStep
      }
    }
  }
  return { type, data, dims }
}

/** What each of the 256 pixel values becomes. */
function channelValues(
  type: 'uint8' | 'float32',
  normalisation: ModelManifest['input']['normalisation'],
  channel: number,
): Float32Array {
  const values = new Float32Array(256)
  for (let value = 0; value < 256; value++) {
    values[value] =
      type === 'float32' && normalisation
        ? (value / 255 - normalisation.mean[channel]!) / normalisation.std[channel]!
        : value
  }
  return values
}

/** Row by row, in place: exp(x - max) / sum, so that large logits do not overflow. */
export function softmaxRows(values: Float32Array, width: number): void {
  for (let start = 0; start < values.length; start += width) {
    let max = Number.NEGATIVE_INFINITY
    for (let i = start; i < start + width; i++) max = Math.max(max, values[i]!)
    let sum = 0
    for (let i = start; i < start + width; i++) {
      const exponential = Math.exp(values[i]! - max)
      values[i] = exponential
      sum += exponential
    }
    for (let i = start; i < start + width; i++) values[i] = values[i]! / sum
  }
}

/** Whether every row is finite, within 0-1 and sums to 1 within 0.001. */
export function areProbabilities(values: Float32Array, width: number): boolean {
  for (let start = 0; start < values.length; start += width) {
    let sum = 0
    for (let i = start; i < start + width; i++) {
      const value = values[i]!
      if (!(value >= -1e-6 && value <= 1 + 1e-6)) return false
      sum += value
    }
    if (Math.abs(sum - 1) > 1e-3) return false
  }
  return true
}

export function areFinite(values: Float32Array): boolean {
  return values.every((value) => Number.isFinite(value))
}

/** The largest absolute difference of values at the same place; infinite where one of them is not a number, or the lengths differ. */
export function largestDifference(given: Float32Array, wanted: Float32Array): number {
  if (given.length !== wanted.length) return Number.POSITIVE_INFINITY
  let largest = 0
  for (let i = 0; i < given.length; i++) {
    const difference = Math.abs(given[i]! - wanted[i]!)
    if (Number.isNaN(difference)) return Number.POSITIVE_INFINITY
    if (difference > largest) largest = difference
  }
  return largest
}
