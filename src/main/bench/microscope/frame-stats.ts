import { type FrameView, HISTOGRAM_BINS } from '../../../shared/contract/microscope.ts'
import type { RgbImage } from '../../../shared/image.ts'

/** Every so manieth pixel of every so manieth row: a sixteenth says as much as all. */
const STRIDE = 4
/** From here on a channel counts as at the end of its scale; JPEG cameras ring around 255. */
const SATURATED = 254

/** What a person wants to know of a frame's brightness. */
export function frameStats({ data, widthPx, heightPx }: RgbImage): Omit<FrameView, 'sequence'> {
  const counts = [0, 1, 2].map(() => new Float64Array(HISTOGRAM_BINS))
  const binOf = 256 / HISTOGRAM_BINS
  let saturated = 0
  let pixels = 0
  for (let y = 0; y < heightPx; y += STRIDE) {
    for (let x = 0; x < widthPx; x += STRIDE) {
      const at = 3 * (y * widthPx + x)
      let brightest = 0
      for (let channel = 0; channel < 3; channel++) {
        const value = data[at + channel]
        counts[channel][Math.floor(value / binOf)]++
        if (value > brightest) brightest = value
      }
      if (brightest >= SATURATED) saturated++
      pixels++
    }
  }
  const [red, green, blue] = counts.map((channel) => Array.from(channel, (count) => count / Math.max(1, pixels)))
  return { histogram: { red, green, blue }, saturatedShare: saturated / Math.max(1, pixels) }
}
