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
}

interface Link {
  a: number
  b: number
  gap: number
  /** Half the width of the neck; 0 where they do not touch. */
  neck: number
  /** Lower is merged first. */
  cost: number
}

/** Merges lobes into nuclei, surest first, until no pair is left that looks like one cell. */
export function mergeFragments(
  fragments: Fragments,
  territories: Territories,
  nuclei: readonly Moments[],
  bodies: readonly Moments[],
  pixelSizeUm: number,
): Group[] {
  const groups: (Group | null)[] = fragments.list.map((fragment, i) => ({
    members: [i],
    radius: fragment.radius,
    nucleus: nuclei[i],
    territory: bodies[i],
  }))
  let links: Link[] = territories.meetings.map(({ a, b, gap }) => {
    const neck = fragments.necks.find((candidate) => candidate.a === a && candidate.b === b)
    return { a, b, gap, neck: neck?.radius ?? 0, cost: 0 }
  })
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
        kept.set(low * groups.length + high, { a: low, b: high, gap: link.gap, neck: link.neck, cost: 0 })
      } else {
        known.gap = Math.min(known.gap, link.gap)
        known.neck = Math.max(known.neck, link.neck)
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
  }
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
  const elongation = nucleus.majorAxis / nucleus.minorAxis
  // Lobes of one nucleus are thin and lie close together; nuclei of two cells are wide, or their cells form a dumb-bell.
  if (smallerUm < 1.9 && gapUm < 2 && nucleusUm < 13) return 0.3 + 0.1 * gapUm
  if (smallerUm < 2.6 && gapUm < 1.5 && nucleusUm < 13 && elongation < 2) return 0.6 + 0.1 * gapUm
  const roundBody = territory.majorAxis / territory.minorAxis < 1.45 && territory.fill > 0.93
  if (smallerUm < 3.2 && gapUm < 3 && nucleusUm < 14 && roundBody) return 0.8
  return 2
}
