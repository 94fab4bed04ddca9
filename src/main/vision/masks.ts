import type { Fragments } from './fragments.ts'
import { MARGIN } from './grid.ts'
import type { StainMaps } from './stain.ts'
import type { NuclearThresholds } from './threshold.ts'

/** 0 or 1 at each working pixel. */
export interface Masks {
  readonly nuclei: Uint8Array
  /** Nucleated cells, nuclei included. */
  readonly cells: Uint8Array
}

/** @param slope of the ratio of `cellular` to `absorbance`, above which no red cell lies. */
export function masksOf(
  { grid, cellular, absorbance }: StainMaps,
  nuclear: Int16Array,
  { sure, possible }: NuclearThresholds,
  slope: number,
): Masks {
  const offset = cellularOffset(sure)
  const nuclei = new Uint8Array(grid.size)
  const cells = new Uint8Array(grid.size)
  const first = MARGIN * grid.stride + MARGIN
  for (let row = first; row < first + grid.heightPx * grid.stride; row += grid.stride) {
    for (let i = row; i < row + grid.widthPx; i++) {
      const density = absorbance[i]
      if (nuclear[i] > sure && nuclear[i] > 0.4 * density) nuclei[i] = 1
      if (cellular[i] > slope * density + offset || nuclear[i] > possible) cells[i] = 1
    }
  }
  return { nuclei, cells }
}

/** What a cell's rim has at least, thousandths of optical density: a share of what its nuclei have, above noise and below plasma. */
function cellularOffset(sure: number): number {
  return Math.max(15, Math.min(40, 0.08 * sure))
}

/**
 * Takes the possible nucleus of bodies without a sure one into the mask, where it is as large as a cell: smudges, and pale
 * blasts among dark cells.
 */
export function addPaleNuclei(
  nuclei: Uint8Array,
  { cellular, absorbance }: StainMaps,
  nuclear: Int16Array,
  { possible }: NuclearThresholds,
  slope: number,
  bodies: Fragments,
  workingUm: number,
): void {
  const { labels, list } = bodies
  const sure = new Int32Array(list.length + 1)
  for (let i = 0; i < nuclei.length; i++) if (nuclei[i] !== 0) sure[labels[i]]++
  // Bodies with a proper nucleus, and those too small for a pale one, need no second look.
  const least = PALE_NUCLEUS_UM2 / workingUm ** 2
  const asked = Uint8Array.from(sure, (count, k) =>
    k > 0 && list[k - 1].area > least && count < SURE_SHARE * list[k - 1].area ? 1 : 0,
  )
  if (!asked.includes(1)) return
  const pale: number[][] = list.map(() => [])
  for (let i = 0; i < labels.length; i++) {
    // Bluish red cells reach the density of a pale nucleus, not its hue.
    if (asked[labels[i]] === 1 && nuclear[i] > possible && cellular[i] > (slope + 0.1) * absorbance[i])
      pale[labels[i] - 1].push(i)
  }
  for (const [k, pixels] of pale.entries()) {
    if (pixels.length <= least || sure[k + 1] >= SURE_SHARE * pixels.length) continue
    for (const i of pixels) nuclei[i] = 1
  }
}

const PALE_NUCLEUS_UM2 = 35
/** More of a possible nucleus is sure where there is a proper nucleus in it. */
const SURE_SHARE = 0.35
