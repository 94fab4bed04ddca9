import type { Fragments } from './fragments.ts'
import { type Moments, shapeOf, sumOf } from './shape.ts'
import type { Territories } from './territory.ts'

/** Fragments taken to be one cell's nucleus. Lengths in working pixels. */
export interface Group {
  readonly members: readonly number[]
  /** Radius of the largest disc inside any member. */
  readonly radius: number
  readonly nucleus: Moments
  readonly territory: Moments
  /** Whether the image's edge cuts the cell. */
  readonly cut: boolean
}

/** For each fragment, what its own pixels and its territory add up to. */
export interface Measured {
  readonly nuclei: readonly Moments[]
  readonly territories: readonly Moments[]
  /** 1 where the image's edge cuts the territory. */
  readonly cut: Uint8Array
}

interface Link {
  a: number
  b: number
  gap: number
  /** Half the width of the neck; 0 where they do not touch. */
  neck: number
  /** Whether both lie in one body. */
  sameBody: boolean
  /** Lower is merged first. */
  cost: number
}

/**
 * Merges lobes into nuclei. First all fragments of a body that is by itself as round as one cell; then pairs, surest first,
 * until no pair is left that looks like one cell.
 *
 * @param bodyOf for each fragment the body (a piece of the cell mask, split at its own waists) it lies in
 */
export function mergeFragments(
  fragments: Fragments,
  territories: Territories,
  bodyOf: Int32Array,
  { nuclei, territories: bodies, cut }: Measured,
  pixelSizeUm: number,
): Group[] {
  const groups: (Group | null)[] = fragments.list.map((fragment, i) => ({
    members: [i],
    radius: fragment.radius,
    nucleus: nuclei[i],
    territory: bodies[i],
    cut: cut[i] !== 0,
  }))
  const target = Int32Array.from({ length: groups.length }, (_, i) => i)
  const inBody = new Map<number, number[]>()
  for (const [i, body] of bodyOf.entries()) inBody.set(body, [...(inBody.get(body) ?? []), i])
  for (const [first, ...others] of inBody.values()) {
    const whole = others.reduce((group, i) => join(group, groups[i] as Group), groups[first] as Group)
    if (others.length === 0 || !isOneCell(whole, fragments, pixelSizeUm)) continue
    groups[first] = whole
    for (const i of others) {
      groups[i] = null
      target[i] = first
    }
  }
  const necks = new Map(fragments.necks.map(({ a, b, radius }) => [a * groups.length + b, radius]))
  let links: Link[] = []
  for (const { a, b, gap } of territories.meetings) {
    if (target[a] === target[b]) continue
    const sameBody = bodyOf[a] === bodyOf[b]
    links.push({ a: target[a], b: target[b], gap, neck: necks.get(a * groups.length + b) ?? 0, sameBody, cost: 0 })
  }
  for (;;) {
    let best: Link | null = null
    for (const link of links) {
      link.cost = mergeCost(groups[link.a] as Group, groups[link.b] as Group, link, pixelSizeUm)
      if (link.cost < 1 && (best === null || link.cost < best.cost)) best = link
    }
    if (best === null) break
    const { a, b } = best
    groups[a] = join(groups[a] as Group, groups[b] as Group)
    groups[b] = null
    const kept = new Map<number, Link>()
    for (const link of links) {
      const from = link.a === b ? a : link.a
      const to = link.b === b ? a : link.b
      if (from === to) continue
      const low = Math.min(from, to)
      const high = Math.max(from, to)
      const known = kept.get(low * groups.length + high)
      if (known === undefined) {
        kept.set(low * groups.length + high, { ...link, a: low, b: high })
      } else {
        known.gap = Math.min(known.gap, link.gap)
        known.neck = Math.max(known.neck, link.neck)
        known.sameBody ||= link.sameBody
      }
    }
    links = [...kept.values()]
  }
  return groups.filter((group) => group !== null)
}

function join(a: Group, b: Group): Group {
  return {
    members: [...a.members, ...b.members],
    radius: Math.max(a.radius, b.radius),
    nucleus: sumOf(a.nucleus, b.nucleus),
    territory: sumOf(a.territory, b.territory),
    cut: a.cut || b.cut,
  }
}

/** A body without a waist, no larger than a cell gets, that is not a clump filled by several wide nuclei. */
function isOneCell(group: Group, fragments: Fragments, pixelSizeUm: number): boolean {
  const body = shapeOf(group.territory)
  const areaUm2 = body.area * pixelSizeUm ** 2
  const elongation = body.majorAxis / body.minorAxis
  const wide = group.members.filter((i) => fragments.list[i].radius * pixelSizeUm > 2.6).length
  const share = group.nucleus.area / body.area
  if (areaUm2 > 400 || body.fill < 0.9) return false
  if (wide > 1 && share > 0.65 && body.fill < 0.95) return false
  // The image's edge cuts a round cell down to half of one: twice as long as wide.
  return elongation < (group.cut ? 2.1 : 1.6)
}

/** Below 1: one cell. */
function mergeCost(a: Group, b: Group, link: Link, pixelSizeUm: number): number {
  const smaller = Math.min(a.radius, b.radius)
  const smallerUm = smaller * pixelSizeUm
  const nucleus = shapeOf(sumOf(a.nucleus, b.nucleus))
  const territory = shapeOf(sumOf(a.territory, b.territory))
  const nucleusUm = nucleus.majorAxis * pixelSizeUm
  if (nucleusUm > 17 || territory.majorAxis * pixelSizeUm > 26) return 2
  if (link.neck > 0 && link.neck / smaller > 0.8) return 0.2
  const gapUm = link.gap * pixelSizeUm
  // Lobes of one nucleus are thin and lie close together; nuclei of two cells are wide, or their cells form a dumb-bell.
  if (link.sameBody) {
    if (smallerUm < 2.6 && gapUm < 4 && nucleusUm < 15) return 0.3 + 0.05 * gapUm
    // Nuclei that leave most of the body free are a granulocyte's.
    const lobed = nucleus.area < 0.5 * territory.area
    if (lobed && smallerUm < 3.2 && gapUm < 6 && nucleusUm < 17) return 0.5 + 0.05 * gapUm
    const round = territory.majorAxis < 1.45 * territory.minorAxis && territory.fill > 0.93
    if (smallerUm < 3.4 && gapUm < 4 && nucleusUm < 16 && round) return 0.8
  }
  if (smallerUm < 1.8 && gapUm < 1.5 && nucleusUm < 12) return 0.6 + 0.1 * gapUm
  return 2
}
