import type { Field, Stitch } from '../../shared/contract/slide.ts'
import { type SeamState, seamState, seamWords } from '../../shared/stitch-words.ts'
import type { Placement } from './placement.ts'

/** Told apart in every colour vision, and by their dashes and words as well. */
const COLOURS: Readonly<Record<SeamState, string>> = {
  held: '#0b7a75',
  off: '#b3261e',
  unlike: '#b3261e',
  silent: '#5f6368',
}
const DASHES: Readonly<Record<SeamState, readonly number[]>> = { held: [], off: [], unlike: [10, 5], silent: [4, 4] }
/** Of the way from one field's middle to the other's. */
const LENGTH = 0.3
/** Words from this width of a field on, CSS pixels. */
const WORDS_FROM_PX = 320

/** A short line across each seam, from one field towards the other; where there is room, its score in words. Answers how many. */
export function drawStitches(
  ctx: CanvasRenderingContext2D,
  stitches: readonly Stitch[],
  fields: readonly Field[],
  at: Placement,
): number {
  const byIndex = new Map(fields.map((field) => [field.index, field]))
  let drawn = 0
  ctx.save()
  ctx.lineCap = 'butt'
  for (const stitch of stitches) {
    const [from, to] = [byIndex.get(stitch.from), byIndex.get(stitch.to)]
    if (!from || !to) continue
    const middle = (field: Field) => ({
      x: (field.slideX + field.widthPx / 2) * at.scale + at.offsetX,
      y: (field.slideY + field.heightPx / 2) * at.scale + at.offsetY,
    })
    const [a, b] = [middle(from), middle(to)]
    const centre = { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 }
    if (centre.x < -50 || centre.y < -50 || centre.x > at.widthPx + 50 || centre.y > at.heightPx + 50) continue
    drawn++
    const { offset } = stitch
    const offPx = offset && Math.hypot(to.slideX - from.slideX - offset.xPx, to.slideY - from.slideY - offset.yPx)
    const state = seamState(stitch, offPx)
    const reach = { x: ((b.x - a.x) * LENGTH) / 2, y: ((b.y - a.y) * LENGTH) / 2 }
    for (const [width, colour] of [
      [5, 'rgb(255 255 255 / 75%)'],
      [state === 'off' || state === 'unlike' ? 3.5 : 2.5, COLOURS[state]],
    ] as const) {
      ctx.lineWidth = width
      ctx.strokeStyle = colour
      ctx.setLineDash([...DASHES[state]])
      ctx.beginPath()
      ctx.moveTo(centre.x - reach.x, centre.y - reach.y)
      ctx.lineTo(centre.x + reach.x, centre.y + reach.y)
      ctx.stroke()
    }
    if (from.widthPx * at.scale < WORDS_FROM_PX) continue
    words(ctx, seamWords(stitch, offPx), centre, COLOURS[state])
  }
  ctx.restore()
  return drawn
}

function words(ctx: CanvasRenderingContext2D, text: string, { x, y }: { x: number; y: number }, colour: string): void {
  ctx.font = '600 11px system-ui, sans-serif'
  const width = Math.ceil(ctx.measureText(text).width) + 10
  ctx.fillStyle = colour
  ctx.fillRect(Math.round(x - width / 2), Math.round(y - 9), width, 18)
  ctx.fillStyle = '#ffffff'
  ctx.fillText(text, Math.round(x - width / 2) + 5, Math.round(y + 4))
}
