import type { ScanArea, ScanOrder } from '../../shared/contract/area.ts'
import { type Rect, type StageUm, stageUm } from '../../shared/geometry.ts'
import { type GridPlace, nearestFirst, serpentine } from './scan-order.ts'
import { ownedHeightPx, ownedWidthPx, type PlannedCamera, planStage, type StagePlan } from './stage-plan.ts'

type Box = ScanArea['rects'][number]

/** A field counts as reached by a rectangle that covers more than this share of its width and height. */
const HAIR = 1e-3

/**
 * Fields that together own at least the area's rectangles, on one grid from the upper left corner of what holds them all. What a rectangle to
 * be left out touches of a field's own part leaves the field out.
 * @param from where the nearest-first order begins, if that lies in the area; else it begins in the middle of the first rectangle, as
 * where it is null. Serpentines go through one rectangle after the other.
 * @returns null: everything is left out.
 */
export function planArea(
  { rects, excluded }: Pick<ScanArea, 'rects' | 'excluded'>,
  camera: PlannedCamera,
  order: ScanOrder,
  from: StageUm | null,
): StagePlan | null {
  const plan = planStage(around(rects), camera)
  if (rects.length === 1 && excluded.length === 0 && order === 'serpentine') return plan
  const blocks = rects.map((rect) => blockOf(plan, rect))
  const wanted = new Set<number>()
  for (const { begin, end } of blocks) {
    for (let row = begin.row; row < end.row; row++)
      for (let column = begin.column; column < end.column; column++) wanted.add(row * plan.columns + column)
  }
  for (const rect of excluded) {
    const { begin, end } = blockOf(plan, rect)
    for (let row = begin.row; row < end.row; row++)
      for (let column = begin.column; column < end.column; column++) wanted.delete(row * plan.columns + column)
  }
  if (wanted.size === 0) return null
  if (order === 'nearest') return { ...plan, visits: nearestFirst(plan, beginning(plan, rects, from), wanted) }
  const visits: number[] = []
  for (const { begin, end } of blocks) {
    const added = serpentine(plan, begin, end, wanted)
    for (const place of added) wanted.delete(place)
    visits.push(...added)
  }
  return { ...plan, visits }
}

function around(rects: readonly Box[]): Rect<StageUm> {
  const left = Math.min(...rects.map((rect) => rect.xUm))
  const top = Math.min(...rects.map((rect) => rect.yUm))
  const right = Math.max(...rects.map((rect) => rect.xUm + rect.widthUm))
  const bottom = Math.max(...rects.map((rect) => rect.yUm + rect.heightUm))
  return { origin: stageUm(left, top), width: right - left, height: bottom - top }
}

/** Width and height of what a field owns, micrometres. */
function ownedUm(plan: StagePlan): { readonly width: number; readonly height: number } {
  return {
    width: ownedWidthPx(plan) * plan.pixelSizeUm,
    height: ownedHeightPx(plan) * plan.pixelSizeUm,
  }
}

/** The fields whose own part a rectangle touches: from `begin` until before `end`. */
function blockOf(plan: StagePlan, rect: Box): { readonly begin: GridPlace; readonly end: GridPlace } {
  const { width, height } = ownedUm(plan)
  const clamp = (value: number, most: number) => Math.min(most, Math.max(0, value))
  const left = (rect.xUm - plan.startUm.x) / width
  const top = (rect.yUm - plan.startUm.y) / height
  return {
    begin: {
      column: clamp(Math.floor(left + HAIR), plan.columns),
      row: clamp(Math.floor(top + HAIR), plan.rows),
    },
    end: {
      column: clamp(Math.ceil(left + rect.widthUm / width - HAIR), plan.columns),
      row: clamp(Math.ceil(top + rect.heightUm / height - HAIR), plan.rows),
    },
  }
}

function beginning(plan: StagePlan, rects: readonly Box[], from: StageUm | null): GridPlace {
  const { width, height } = ownedUm(plan)
  const [best] = rects
  const inside = (rect: Box) =>
    from !== null &&
    from.x >= rect.xUm &&
    from.y >= rect.yUm &&
    from.x < rect.xUm + rect.widthUm &&
    from.y < rect.yUm + rect.heightUm
  const at =
    from !== null && rects.some(inside) ? from : stageUm(best.xUm + best.widthUm / 2, best.yUm + best.heightUm / 2)
  return { column: (at.x - plan.startUm.x) / width - 0.5, row: (at.y - plan.startUm.y) / height - 0.5 }
}
