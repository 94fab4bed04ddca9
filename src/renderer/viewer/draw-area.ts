import type { Placement, SlideRect } from './placement.ts'

const LINE = '#0a6ee6'
const LEFT_OUT_LINE = '#5c5c5c'
const HALO = 'rgb(255 255 255 / 85%)'

/** Where the run was told to count: a dashed outline, so that it is told from fields; what was excluded from it dotted and grey. */
export function drawRunArea(
  ctx: CanvasRenderingContext2D,
  rects: readonly SlideRect[],
  excluded: readonly SlideRect[],
  at: Placement,
): void {
  for (const rect of rects) outline(ctx, rect, at, LINE, [10, 6])
  for (const rect of excluded) outline(ctx, rect, at, LEFT_OUT_LINE, [2, 5])
  ctx.setLineDash([])
}

function outline(
  ctx: CanvasRenderingContext2D,
  rect: SlideRect,
  at: Placement,
  colour: string,
  dash: readonly number[],
): void {
  const x = Math.round(rect.x * at.scale + at.offsetX)
  const y = Math.round(rect.y * at.scale + at.offsetY)
  const width = Math.round(rect.width * at.scale)
  const height = Math.round(rect.height * at.scale)
  if (x + width < 0 || y + height < 0 || x > at.widthPx || y > at.heightPx) return
  ctx.setLineDash([])
  ctx.lineWidth = 3.5
  ctx.strokeStyle = HALO
  ctx.strokeRect(x, y, width, height)
  ctx.setLineDash([...dash])
  ctx.lineWidth = 2
  ctx.strokeStyle = colour
  ctx.strokeRect(x, y, width, height)
}
