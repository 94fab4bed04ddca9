import type { Fragments } from './fragments.ts'
import type { Group, Link } from './group.ts'
import type { OneCellJudge } from './one-cell.ts'
import { type Moments, sumOf } from './shape.ts'
import type { Territories } from './territory.ts'

/** For each fragment, what its own pixels and its territory add up to. */
export interface Measured {
  readonly nuclei: readonly Moments[]
  readonly territories: readonly Moments[]
  /** 1 where the image's edge cuts the territory. */
  readonly cut: Uint8Array
}

interface JudgedLink extends Link {
  /** Log odds that both are one cell. */
  readonly odds: number
}

/**
 * Merges lobes into nuclei: the two that most surely lie in one cell first, then the next with what has become of them, until no
 * pair is left that rather is one cell than two.
 *
 * @param bodyOf for each fragment the body (a piece of the cell mask, split at its own waists) it lies in
 */
export function mergeFragments(
  fragments: Fragments,
  territories: Territories,
  bodyOf: Int32Array,
  { nuclei, territories: bodies, cut }: Measured,
  workingUm: number,
  judge: OneCellJudge,
): Group[] {
  const count = fragments.list.length
  const groups: (Group | null)[] = fragments.list.map((fragment, i) => ({
    members: [i],
    radius: fragment.radius,
    nucleus: nuclei[i],
    territory: bodies[i],
    cut: cut[i] !== 0,
  }))
  const judged = (link: Link): JudgedLink => ({
    ...link,
    odds: judge(groups[link.a] as Group, groups[link.b] as Group, link, workingUm),
  })
  const necks = new Map(fragments.necks.map(({ a, b, radius }) => [a * count + b, radius]))
  let links = territories.meetings.map(({ a, b, gap, contact }) =>
    judged({ a, b, gap, contact, neck: necks.get(a * count + b) ?? 0, sameBody: bodyOf[a] === bodyOf[b] }),
  )
  for (;;) {
    let best: JudgedLink | null = null
    for (const link of links) if (link.odds > 0 && (best === null || link.odds > best.odds)) best = link
    if (best === null) break
    const { a, b } = best
    groups[a] = join(groups[a] as Group, groups[b] as Group)
    groups[b] = null
    const kept: JudgedLink[] = []
    const changed = new Map<number, Link>()
    for (const link of links) {
      if (link.a !== a && link.b !== a && link.a !== b && link.b !== b) {
        kept.push(link)
        continue
      }
      const other = link.a === a || link.a === b ? link.b : link.a
      if (other === a || other === b) continue
      const known = changed.get(other)
      changed.set(other, known === undefined ? { ...link, a, b: other } : together(known, link))
    }
    links = [...kept, ...[...changed.values()].map(judged)]
  }
  return groups.filter((group) => group !== null)
}

function together(a: Link, b: Link): Link {
  return {
    ...a,
    gap: Math.min(a.gap, b.gap),
    contact: a.contact + b.contact,
    neck: Math.max(a.neck, b.neck),
    sameBody: a.sameBody || b.sameBody,
  }
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
