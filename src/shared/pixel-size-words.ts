import type { PixelSizeEstimate } from './contract/pixel-size.ts'

/** What a pixel size that nobody stated says of itself wherever it is shown. `um`: how the place writes micrometres. */
export function estimateWords(estimate: PixelSizeEstimate, um: 'um' | 'µm'): string {
  const { lowUm, highUm, redCells, images } = estimate
  const from = `estimated from ${redCells} red cells in ${images} ${images === 1 ? 'image' : 'images'}`
  return `${from} (95 % limits ${lowUm} to ${highUm} ${um}), taken to be 7.3 ${um} across; a patient's may be a tenth larger or smaller`
}
