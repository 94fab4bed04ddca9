import type { PixelSizeChoice, PixelSizeEstimate } from '../../shared/contract/pixel-size.ts'
import { readImage } from '../images/read-image.ts'
import type { Analyser } from './analysis.ts'
import { estimatePixelSize } from './estimate-pixel-size.ts'
import { requirePixelSize } from './plausible.ts'

export interface SettledPixelSize {
  readonly pixelSizeUm: number
  /** null: somebody stated it. */
  readonly pixelSizeEstimate: PixelSizeEstimate | null
}

/**
 * The pixel size of image files that belong together: as stated, or estimated from their red cells. Rejects
 * `pixel-size-implausible`, and as `estimatePixelSize` and `readImage` do.
 */
export async function settlePixelSize(
  choice: PixelSizeChoice,
  files: readonly string[],
  analyser: Pick<Analyser, 'redCells'>,
): Promise<SettledPixelSize> {
  if (choice !== 'auto') {
    requirePixelSize(choice)
    return { pixelSizeUm: choice, pixelSizeEstimate: null }
  }
  const estimate = await estimatePixelSize(
    files.map((file) => () => readImage(file)),
    analyser.redCells,
  )
  return { pixelSizeUm: estimate.pixelSizeUm, pixelSizeEstimate: estimate }
}
