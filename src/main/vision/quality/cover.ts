import type { FieldQuality } from '../../../shared/contract/quality.ts'
import { MARGIN } from '../grid.ts'
import type { Segmentation } from '../segment.ts'

/** Thousandths of optical density. Below it lies what glass scatters. */
const FAINTEST = 90
const DENSEST = 4096
/** Of the area: less tells nothing of its stain. */
const LEAST_SHARE = 0.004

type Cover = Pick<FieldQuality, 'coveredShare' | 'nuclearShare' | 'filmDensity' | 'nuclearDensity'>

/** How much of the field is covered, how much of that is nucleus, and how densely both are stained. */
export function coverOf({ maps, nuclearness, nuclear }: Segmentation): Cover {
  const { grid, azure, absorbance } = maps
  const { sure, possible } = nuclear
  const film = new Uint32Array(DENSEST)
  const nuclei = new Uint32Array(DENSEST)
  let [covered, inFilm, inNuclei] = [0, 0, 0]
  for (let y = 0; y < grid.heightPx; y++) {
    const row = (y + MARGIN) * grid.stride + MARGIN
    for (let i = row; i < row + grid.widthPx; i++) {
      const density = absorbance[i]
      if (density < FAINTEST) continue
      covered++
      if (nuclearness[i] > sure && nuclearness[i] > 0.4 * density) {
        inNuclei++
        nuclei[Math.max(0, Math.min(DENSEST - 1, azure[i]))]++
      } else if (nuclearness[i] < possible) {
        inFilm++
        film[Math.min(DENSEST - 1, density)]++
      }
    }
  }
  const area = grid.widthPx * grid.heightPx
  return {
    coveredShare: covered / area,
    nuclearShare: inNuclei / area,
    filmDensity: inFilm < LEAST_SHARE * area ? null : medianOf(film, inFilm) / 1000,
    nuclearDensity: inNuclei < LEAST_SHARE * area ? null : medianOf(nuclei, inNuclei) / 1000,
  }
}

function medianOf(counts: Uint32Array, total: number): number {
  let seen = 0
  for (let bin = 0; bin < counts.length; bin++) {
    seen += counts[bin]
    if (2 * seen >= total) return bin
  }
  return counts.length
}
