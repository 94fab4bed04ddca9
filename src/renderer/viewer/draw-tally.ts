import type { HandArea } from '../features/tally/tally-store.ts'
import { shadeFor } from './level-of-detail.ts'
import type { Placement, SlideRect } from './placement.ts'

const LINE = '#d98a00'
const HATCH = 'rgb(217 138 0 / 45%)'
/** Between two lines of the hatch, CSS pixels. */
const STEP_PX = 9
const LABEL_FONT = '600 11px system-ui, sans-serif'

/**
 * Areas that people counted: hatched, so that they are told from the machine's plain shade, with who and how many. From near the hatch fades as
 * that does, so that cells are seen; but not while somebody counts and has to leave it out.
 */
export function drawHandAreas(
  ctx: CanvasRenderingContext2D,
  areas: readonly HandArea[],
  counting: boolean,
  at: Placement,
): void {
  for (const { area, label } of areas) {
    const { x, y, width, height } = onScreen(area, at)
    if (x + width < 0 || y + height < 0 || x > at.widthPx || y > at.heightPx) continue
    ctx.save()
    ctx.globalAlpha = counting ? 1 : shadeFor(width)
    ctx.beginPath()
    ctx.rect(x, y, width, height)
    ctx.clip()
    ctx.strokeStyle = HATCH
    ctx.lineWidth = 1.5
    ctx.beginPath()
    // The lines belong to the slide, not to the rectangle: where two areas overlap they fall together.
    for (let along = Math.floor((x - height) / STEP_PX) * STEP_PX; along < x + width; along += STEP_PX) {
      ctx.moveTo(along, y)
      ctx.lineTo(along + height, y + height)
    }
    ctx.stroke()
    ctx.restore()
    ctx.strokeStyle = LINE
    ctx.lineWidth = 1.5
    ctx.strokeRect(x, y, width, height)
    if (width < 120) continue
    ctx.font = LABEL_FONT
    const textWidth = Math.ceil(ctx.measureText(label).width) + 10
    ctx.fillStyle = LINE
    ctx.fillRect(x, y, Math.min(textWidth, width), 17)
    ctx.fillStyle = '#000000'
    ctx.fillText(label, x + 5, y + 12.5, width - 8)
  }
}

/** Where a person counts now: what lies outside is dimmed. */
export function drawCountingFrame(ctx: CanvasRenderingContext2D, frame: SlideRect, at: Placement): void {
  const { x, y, width, height } = onScreen(frame, at)
  ctx.fillStyle = 'rgb(0 0 0 / 35%)'
  ctx.fillRect(0, 0, at.widthPx, y)
  ctx.fillRect(0, y + height, at.widthPx, at.heightPx - y - height)
  ctx.fillRect(0, y, x, height)
  ctx.fillRect(x + width, y, at.widthPx - x - width, height)
  ctx.strokeStyle = LINE
  ctx.lineWidth = 2
  ctx.strokeRect(x, y, width, height)
}

function onScreen({ x, y, width, height }: SlideRect, at: Placement): SlideRect {
  const left = Math.round(x * at.scale + at.offsetX)
  const top = Math.round(y * at.scale + at.offsetY)
  return {
    x: left,
    y: top,
    width: Math.round((x + width) * at.scale + at.offsetX) - left,
    height: Math.round((y + height) * at.scale + at.offsetY) - top,
  }
}
