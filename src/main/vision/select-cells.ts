import type { Group } from './group.ts'
import type { Segmentation } from './segment.ts'

/** Below this, in square micrometres, a nucleus is none: a pyknotic erythroblast's is 4 um across. */
const LEAST_NUCLEUS_UM2 = 11
const LEAST_RADIUS_UM = 1.2
/** From here on a nucleus is one to compare small things with. */
const LARGE_NUCLEUS_UM2 = 45
/** No platelet, stained edge included, is larger (10 um across) but a clump. */
const LARGE_BODY_UM2 = 75
/** Most platelets are smaller (8 um across, stained edge included), few cells are. */
const SMALL_BODY_UM2 = 50
/** Without a nucleus in the image to compare with, what is smaller (6 um) is a platelet. */
const LEAST_BODY_UM2 = 26
/** Without such a nucleus platelets up to this size (8 um) are told by their profile. */
const LONE_PLATELET_UM2 = 50
/**
 * The densest tenth of a nucleus begins so much above its median, at most, where it is a small cell's: a condensed nucleus is dense all
 * over, a platelet's granules thin out from its middle. Of 285 lone platelets of one laboratory (Acevedo et al. 2020) 222 lie above, of 97 small cells
 * of three laboratories 4.
 */
const FLATTEST_PLATELET = 1.2
/** A nucleus that the image's edge cuts is compared where it is no larger than this. */
const SMALL_NUCLEUS_UM2 = 30

/** Which groups are cells, and how surely: index into `groups` and score, 0-1. Platelets and specks of stain are left out. */
export function selectCells(segmentation: Segmentation): { readonly index: number; readonly score: number }[] {
  const { groups, workingUm, nuclear } = segmentation
  const stains = stainOf(segmentation)
  const areaUm2 = (group: Group): number => group.nucleus.area * workingUm ** 2
  const large = stains.filter((_, k) => areaUm2(groups[k]) >= LARGE_NUCLEUS_UM2).map(({ density }) => density)
  const reference = large.length > 0 ? median(large) : null
  const cells: { index: number; score: number }[] = []
  for (const [index, group] of groups.entries()) {
    const area = areaUm2(group)
    const { density, nuclearness } = stains[index]
    if (area < LEAST_NUCLEUS_UM2 || group.radius * workingUm < LEAST_RADIUS_UM) continue
    const bodyUm2 = group.territory.area * workingUm ** 2
    if (reference === null) {
      if (!group.cut && bodyUm2 < LEAST_BODY_UM2) continue
      if (!group.cut && bodyUm2 < LONE_PLATELET_UM2 && peakOf(group, segmentation) > FLATTEST_PLATELET) continue
    } else if (density < reference * leastShare(group, area, bodyUm2)) {
      continue
    }
    const bySize = Math.min(1, area / LARGE_NUCLEUS_UM2)
    const byStain = Math.min(1, nuclearness / (2 * nuclear.sure))
    cells.push({ index, score: (bySize + byStain) / 2 })
  }
  return cells
}

/**
 * How dense (mean green absorbance) the nucleus of a small cell is at least, as a share of the image's median large nucleus: small
 * lymphocytes and late erythroblasts have condensed ones, platelets are paler than any nucleus.
 */
function leastShare(group: Group, nucleusUm2: number, bodyUm2: number): number {
  if (group.cut) return nucleusUm2 < SMALL_NUCLEUS_UM2 ? 0.75 : 0
  if (bodyUm2 >= LARGE_BODY_UM2) return 0
  return 0.85 - 0.25 * Math.max(0, (bodyUm2 - SMALL_BODY_UM2) / (LARGE_BODY_UM2 - SMALL_BODY_UM2))
}

/** Where the densest tenth of the group's nucleus begins, as a multiple of its median density (green absorbance). */
function peakOf(group: Group, { fragments, maps }: Segmentation): number {
  const isMember = new Uint8Array(fragments.list.length + 1)
  for (const member of group.members) isMember[member + 1] = 1
  const densities: number[] = []
  for (let i = 0; i < fragments.labels.length; i++)
    if (isMember[fragments.labels[i]] === 1) densities.push(maps.absorbance[i])
  densities.sort((a, b) => a - b)
  return densities[Math.floor(0.9 * densities.length)] / median(densities)
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
