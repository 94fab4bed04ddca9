import { contains, type Rect, type StageUm, stageUm } from '../geometry.ts'

/** What two rectangles share; null: nothing, or an edge only. */
export function overlap(a: Rect<StageUm>, b: Rect<StageUm>): Rect<StageUm> | null {
  const left = Math.max(a.origin.x, b.origin.x)
  const top = Math.max(a.origin.y, b.origin.y)
  const width = Math.min(a.origin.x + a.width, b.origin.x + b.width) - left
  const height = Math.min(a.origin.y + a.height, b.origin.y + b.height) - top
  return width > 0 && height > 0 ? { origin: stageUm(left, top), width, height } : null
}

/** The share of a rectangle that the others cover together, 0-1: what two of them cover counts once. */
export function coveredShare(rect: Rect<StageUm>, others: readonly Rect<StageUm>[]): number {
  const parts = others.flatMap((other) => overlap(rect, other) ?? [])
  // Cut along every edge, a strip between two neighbouring edges is covered in whole lengths.
  const edges = [...new Set(parts.flatMap(({ origin, width }) => [origin.x, origin.x + width]))].sort((a, b) => a - b)
  let covered = 0
  for (const [i, left] of edges.slice(0, -1).entries()) {
    const across = parts.filter((part) => part.origin.x <= left && part.origin.x + part.width > left)
    covered += (edges[i + 1]! - left) * unionLength(across.map(({ origin, height }) => [origin.y, origin.y + height]))
  }
  return Math.min(1, covered / (rect.width * rect.height))
}

export function isInAny(point: StageUm, rects: readonly Rect<StageUm>[]): boolean {
  return rects.some((rect) => contains(rect, point))
}

function unionLength(spans: (readonly [from: number, to: number])[]): number {
  let length = 0
  let reached = Number.NEGATIVE_INFINITY
  for (const [from, to] of spans.sort((a, b) => a[0] - b[0])) {
    length += Math.max(0, to - Math.max(from, reached))
    reached = Math.max(reached, to)
  }
  return length
}
