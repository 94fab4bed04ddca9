import type { Group } from './merge.ts'
import type { Segmentation } from './segment.ts'

/** Below this, in square micrometres, a nucleus is none: a pyknotic erythroblast's is 4 um across. */
const LEAST_NUCLEUS_UM2 = 11
const LEAST_RADIUS_UM = 1.2
/** Platelets reach this; small nuclei do too, but those are dense. */
const SMALL_NUCLEUS_UM2 = 30
/** From here on a nucleus is one to compare small ones with. */
const LARGE_NUCLEUS_UM2 = 45
/** A small nucleus is at least so dense (mean green absorbance), as a share of the image's median large one. */
const SMALL_NUCLEUS_SHARE = 0.75

/** Which groups are cells, and how surely: index into `groups` and score, 0-1. Platelets and specks of stain are left out. */
export function selectCells(segmentation: Segmentation): { readonly index: number; readonly score: number }[] {
  const { groups, workingUm, nuclear } = segmentation
  const stains = stainOf(segmentation)
  const areas = groups.map((group) => group.nucleus.area * workingUm ** 2)
  const large = stains.filter((_, k) => areas[k] >= LARGE_NUCLEUS_UM2).map(({ density }) => density)
  const least = large.length > 0 ? SMALL_NUCLEUS_SHARE * median(large) : 0
  const cells: { index: number; score: number }[] = []
  for (const [index, group] of groups.entries()) {
    const area = areas[index]
    const { density, nuclearness } = stains[index]
    if (area < LEAST_NUCLEUS_UM2 || group.radius * workingUm < LEAST_RADIUS_UM) continue
    if (area < SMALL_NUCLEUS_UM2 && density < least) continue
    const bySize = Math.min(1, area / LARGE_NUCLEUS_UM2)
    const byStain = Math.min(1, nuclearness / (2 * nuclear.sure))
    cells.push({ index, score: (bySize + byStain) / 2 })
  }
  return cells
}

/** Mean green absorbance and nuclear map over each group's nucleus. */
function stainOf({ groups, fragments, maps, nuclearness }: Segmentation): { density: number; nuclearness: number }[] {
  const densitySums = new Float64Array(fragments.list.length + 1)
  const nuclearSums = new Float64Array(fragments.list.length + 1)
  for (let i = 0; i < fragments.labels.length; i++) {
    const label = fragments.labels[i]
    if (label === 0) continue
    densitySums[label] += maps.absorbance[i]
    nuclearSums[label] += nuclearness[i]
  }
  const mean = (sums: Float64Array, group: Group): number =>
    group.members.reduce((sum, member) => sum + sums[member + 1], 0) / group.nucleus.area
  return groups.map((group) => ({ density: mean(densitySums, group), nuclearness: mean(nuclearSums, group) }))
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[sorted.length >> 1]
}
