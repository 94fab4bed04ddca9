import type { Cell } from '../../shared/contract/cells.ts'
import type { LeftOutReason } from '../../shared/contract/quality.ts'
import type { Field } from '../../shared/contract/slide.ts'
import { REASON_WORD } from '../../shared/quality/words.ts'
import { type BoxTable, UNNAMED } from './box-table.ts'
import { detailFor, dotPx, shadeFor } from './level-of-detail.ts'
import { type Paint, paints } from './paints.ts'
import type { Placement, SlideRect } from './placement.ts'

const FIELD_COLOUR = '#0a84ff'
const SHADE = 'rgb(10 110 230 / 14%)'
/** Of what is found and does not count. */
const DIMMED = 0.4

/** Draws the boxes that are in view; answers how many those were. Axis-aligned fills at whole pixels: far quicker than strokes. */
export function drawBoxes(ctx: CanvasRenderingContext2D, table: BoxTable, at: Placement): number {
  const typical = table.typicalWidth * at.scale
  const detail = detailFor(typical)
  const dot = dotPx(typical)
  const line = typical >= 60 ? 2 : typical >= 20 ? 1.5 : 1
  const halo = typical >= 20
  let drawn = 0
  for (let place = 0; place <= UNNAMED; place++) {
    const paint = paints[place]
    ctx.fillStyle = paint.colour
    for (let row = table.start[place]; row < table.start[place + 1]; row++) {
      const centreX = table.centreX[row] * at.scale + at.offsetX
      const centreY = table.centreY[row] * at.scale + at.offsetY
      const halfWidth = (table.width[row] * at.scale) / 2
      const halfHeight = (table.height[row] * at.scale) / 2
      if (
        centreX + halfWidth < 0 ||
        centreY + halfHeight < 0 ||
        centreX - halfWidth > at.widthPx ||
        centreY - halfHeight > at.heightPx
      )
        continue
      drawn++
      ctx.globalAlpha = table.leftOut[row] === 1 ? DIMMED : 1
      if (detail === 'dots') {
        ctx.fillRect(Math.round(centreX) - (dot >> 1), Math.round(centreY) - (dot >> 1), dot, dot)
        continue
      }
      const x = Math.round(centreX - halfWidth)
      const y = Math.round(centreY - halfHeight)
      const width = Math.round(2 * halfWidth)
      const height = Math.round(2 * halfHeight)
      const open = table.unsure[row] === 1 && halo
      if (halo) {
        ctx.fillStyle = paint.halo
        frame(ctx, x - 1, y - 1, width + 2, height + 2, line + 2, open)
        ctx.fillStyle = paint.colour
      }
      frame(ctx, x, y, width, height, line, open)
      if (detail === 'labels') label(ctx, paint, x, y, table.read[row] === 1, open)
    }
  }
  ctx.globalAlpha = 1
  return drawn
}

/** The outline of a rectangle; open: its corners only. */
function frame(
  ctx: CanvasRenderingContext2D,
  x: number,
  y: number,
  width: number,
  height: number,
  line: number,
  open: boolean,
): void {
  if (!open) {
    ctx.fillRect(x, y, width, line)
    ctx.fillRect(x, y + height - line, width, line)
    ctx.fillRect(x, y + line, line, height - 2 * line)
    ctx.fillRect(x + width - line, y + line, line, height - 2 * line)
    return
  }
  const arm = Math.round(Math.min(width, height) * 0.28)
  for (const left of [x, x + width - arm]) {
    ctx.fillRect(left, y, arm, line)
    ctx.fillRect(left, y + height - line, arm, line)
  }
  for (const top of [y, y + height - arm]) {
    ctx.fillRect(x, top, line, arm)
    ctx.fillRect(x + width - line, top, line, arm)
  }
}

const LABEL_FONT = '600 10px system-ui, sans-serif'
const LABEL_HEIGHT_PX = 14
const labelWidths = new Map<string, number>()

/** Width of a label's text, CSS pixels; measured once for each of the few there are. */
function widthOf(ctx: CanvasRenderingContext2D, text: string): number {
  let width = labelWidths.get(text)
  if (width === undefined) {
    width = Math.ceil(ctx.measureText(text).width)
    labelWidths.set(text, width)
  }
  return width
}

function label(
  ctx: CanvasRenderingContext2D,
  paint: Paint,
  x: number,
  y: number,
  read: boolean,
  unsure: boolean,
): void {
  const text = read ? `${paint.code} ✓` : unsure ? `${paint.code} ?` : paint.code
  ctx.font = LABEL_FONT
  const width = widthOf(ctx, text) + 8
  ctx.fillRect(x, y - LABEL_HEIGHT_PX, width, LABEL_HEIGHT_PX)
  ctx.fillStyle = paint.ink
  ctx.fillText(text, x + 4, y - 3.5)
  ctx.fillStyle = paint.colour
}

/** A selected cell: a black and white frame with a gap, seen on every stain and in every colour vision. */
export function drawSelected(ctx: CanvasRenderingContext2D, cell: Cell, at: Placement, active: boolean): void {
  const half = Math.max(9, (Math.max(cell.widthPx, cell.heightPx) * at.scale) / 2 + 6)
  const x = Math.round(cell.slideX * at.scale + at.offsetX - half)
  const y = Math.round(cell.slideY * at.scale + at.offsetY - half)
  const side = Math.round(2 * half)
  ctx.fillStyle = '#000000'
  frame(ctx, x - 2, y - 2, side + 4, side + 4, active ? 5 : 3, !active)
  ctx.fillStyle = '#ffffff'
  frame(ctx, x - 1, y - 1, side + 2, side + 2, active ? 3 : 2, !active)
  if (!active) return
  ctx.fillStyle = FIELD_COLOUR
  frame(ctx, x, y, side, side, 2, false)
}

/**
 * Covers what was not scanned: a tile's picture reaches beyond the fields on it. `around` is the colour of the desk under the slide.
 */
export function drawUnscanned(
  ctx: CanvasRenderingContext2D,
  fields: readonly Field[],
  around: string,
  at: Placement,
): void {
  ctx.fillStyle = around
  ctx.fillRect(0, 0, at.widthPx, at.heightPx)
  for (const { slideX, slideY, widthPx, heightPx } of fields) {
    const x = slideX * at.scale + at.offsetX
    const y = slideY * at.scale + at.offsetY
    const left = Math.round(x)
    const upper = Math.round(y)
    const right = Math.round(x + widthPx * at.scale)
    const lower = Math.round(y + heightPx * at.scale)
    if (right < 0 || lower < 0 || left > at.widthPx || upper > at.heightPx) continue
    ctx.clearRect(left, upper, right - left, lower - upper)
  }
}

/** The counted (owned) area of every field: shaded from afar, a thin line from near; what does not count darkened, with its reason. */
export function drawCounted(ctx: CanvasRenderingContext2D, fields: readonly Field[], at: Placement): void {
  for (const { owned, leftOut } of fields) {
    const x = Math.round(owned.x * at.scale + at.offsetX)
    const y = Math.round(owned.y * at.scale + at.offsetY)
    const right = Math.round((owned.x + owned.width) * at.scale + at.offsetX)
    const lower = Math.round((owned.y + owned.height) * at.scale + at.offsetY)
    if (right < 0 || lower < 0 || x > at.widthPx || y > at.heightPx) continue
    if (leftOut) {
      drawLeftOut(ctx, leftOut.reason, x, y, right - x, lower - y)
      continue
    }
    const shade = shadeFor(right - x)
    if (shade > 0) {
      ctx.globalAlpha = shade
      ctx.fillStyle = SHADE
      ctx.fillRect(x, y, right - x, lower - y)
      ctx.globalAlpha = 1
    }
    if (right - x < 24) continue
    ctx.fillStyle = 'rgb(10 60 130 / 32%)'
    frame(ctx, x, y, right - x, lower - y, 1, false)
  }
}

const LEFT_OUT_SHADE = 'rgb(30 30 30 / 46%)'

/** What a field shows that does not count: darker, with the word of the reason where there is room. */
function drawLeftOut(
  ctx: CanvasRenderingContext2D,
  reason: LeftOutReason,
  x: number,
  y: number,
  width: number,
  height: number,
): void {
  ctx.fillStyle = LEFT_OUT_SHADE
  ctx.fillRect(x, y, width, height)
  const word = `left out: ${REASON_WORD[reason]}`
  for (const text of [word, REASON_WORD[reason]]) {
    ctx.font = '600 12px system-ui, sans-serif'
    const textWidth = Math.ceil(ctx.measureText(text).width)
    if (textWidth + 10 > width || height < 20) continue
    ctx.fillStyle = 'rgb(0 0 0 / 70%)'
    ctx.fillRect(x + 4, y + 4, textWidth + 8, 18)
    ctx.fillStyle = '#ffffff'
    ctx.fillText(text, x + 8, y + 17)
    return
  }
}

/** The field in work: where the camera looks now. */
export function drawFieldInWork(ctx: CanvasRenderingContext2D, rect: SlideRect, text: string, at: Placement): void {
  const x = Math.round(rect.x * at.scale + at.offsetX)
  const y = Math.round(rect.y * at.scale + at.offsetY)
  const width = Math.max(6, Math.round(rect.width * at.scale))
  const height = Math.max(6, Math.round(rect.height * at.scale))
  ctx.fillStyle = 'rgb(255 255 255 / 80%)'
  frame(ctx, x - 1, y - 1, width + 2, height + 2, 4, false)
  ctx.fillStyle = FIELD_COLOUR
  frame(ctx, x, y, width, height, 2, false)
  if (width < 90) return
  ctx.font = '600 11px system-ui, sans-serif'
  const textWidth = Math.ceil(ctx.measureText(text).width) + 10
  ctx.fillRect(x, y, textWidth, 17)
  ctx.fillStyle = '#ffffff'
  ctx.fillText(text, x + 5, y + 12.5)
}
