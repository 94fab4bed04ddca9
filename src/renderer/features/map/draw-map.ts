import { UNNAMED } from '../../viewer/box-table.ts'
import { paints } from '../../viewer/paints.ts'
import { type MapPlacement, radiusOf, type ScreenPoint, zoomOf } from './map-geometry.ts'
import { LEFT_OUT, type MapPoints, READ, UNFAMILIAR, UNSURE } from './map-points.ts'

/** Of the slide's own paleness: the colours of the classes were chosen for it. */
export const GROUND = '#e4e3df'
const INK = '#111111'
const ACCENT = '#0a6ee6'
/** Fewer points in sight than this and each carries its code; than the other, its picture. */
export const CODES_BELOW = 260
export const PICTURES_BELOW = 60
export const PICTURE_PX = 44
/** Of what the gallery does not list. */
const FAINT = 0.14
/** Of what does not count. */
export const DIMMED = 0.36

export interface MapScene {
  readonly points: MapPoints
  /** Which points stand out, by class and marks; null: all that count do. */
  readonly lit: ((place: number, marks: number) => boolean) | null
  readonly selection: ReadonlySet<number>
  readonly active: number | null
  readonly hovered: number | null
  readonly lasso: readonly ScreenPoint[]
  /** The cell's crop, once it is loaded. */
  readonly picture: (cellId: number) => HTMLImageElement | null
}

/** Draws the map; answers how many points were in sight. */
export function drawMap(ctx: CanvasRenderingContext2D, scene: MapScene, at: MapPlacement, ratio: number): number {
  const { points } = scene
  ctx.fillStyle = GROUND
  ctx.fillRect(0, 0, at.widthPx, at.heightPx)
  const radius = radiusOf(points.count, zoomOf(at))
  const seen = inSight(points, at, radius)
  const pictures = seen.length < PICTURES_BELOW
  const sprites = spritesFor(radius, ratio)
  // Under the points: among many, the ring of one would hide the colour of the next.
  if (!pictures) for (const id of scene.selection) if (id !== scene.active) rim(ctx, points, id, at, radius + 2)
  for (const strength of [FAINT, DIMMED, 1]) {
    ctx.globalAlpha = strength
    for (const row of seen) {
      if (strengthOf(scene.lit, points.place[row], points.marks[row]) !== strength) continue
      const x = points.x[row] * at.scale + at.offsetX
      const y = points.y[row] * at.scale + at.offsetY
      const picture = pictures ? scene.picture(points.ids[row]) : null
      if (picture) drawPicture(ctx, picture, points, row, x, y)
      else sprites.draw(ctx, points.place[row], points.marks[row], x, y)
    }
  }
  ctx.globalAlpha = 1
  if (!pictures && seen.length < CODES_BELOW) drawCodes(ctx, points, seen, at, radius)
  const half = pictures ? PICTURE_PX / 2 + 3 : radius + 3
  if (pictures) for (const id of scene.selection) if (id !== scene.active) ring(ctx, scene, id, at, half, false)
  if (scene.hovered !== null) ring(ctx, scene, scene.hovered, at, half, false)
  if (scene.active !== null) ring(ctx, scene, scene.active, at, half + 1, true)
  drawLasso(ctx, scene.lasso)
  return seen.length
}

function strengthOf(lit: MapScene['lit'], place: number, marks: number): number {
  if (lit !== null) return lit(place, marks) ? 1 : FAINT
  return marks & LEFT_OUT ? DIMMED : 1
}

/** Rows in sight, in the order of drawing. */
function inSight({ order, x, y }: MapPoints, at: MapPlacement, radius: number): Uint32Array {
  const seen = new Uint32Array(order.length)
  let count = 0
  for (const row of order) {
    const left = x[row] * at.scale + at.offsetX
    const top = y[row] * at.scale + at.offsetY
    if (left < -radius || top < -radius || left > at.widthPx + radius || top > at.heightPx + radius) continue
    seen[count++] = row
  }
  return seen.subarray(0, count)
}

interface Sprites {
  readonly draw: (ctx: CanvasRenderingContext2D, place: number, marks: number, x: number, y: number) => void
}

/** Those that a point's shape tells. */
const MARKS = UNSURE | UNFAMILIAR | READ
let cached: { readonly key: string; readonly sprites: Sprites } | null = null

/** One small picture for each class and mark at this size: copying them is quicker than drawing arcs. */
function spritesFor(radius: number, ratio: number): Sprites {
  const key = `${radius} ${ratio}`
  if (cached?.key === key) return cached.sprites
  const side = 2 * Math.ceil(radius + 2)
  const sheet = document.createElement('canvas')
  sheet.width = (MARKS + 1) * side * ratio
  sheet.height = (UNNAMED + 1) * side * ratio
  const ctx = sheet.getContext('2d')!
  ctx.scale(ratio, ratio)
  for (let place = 0; place <= UNNAMED; place++) {
    for (let marks = 0; marks <= MARKS; marks++) {
      point(ctx, place, marks, (marks + 0.5) * side, (place + 0.5) * side, radius)
    }
  }
  const pixels = side * ratio
  const sprites: Sprites = {
    draw: (to, place, marks, x, y) =>
      to.drawImage(
        sheet,
        (marks & MARKS) * pixels,
        place * pixels,
        pixels,
        pixels,
        Math.round((x - side / 2) * ratio) / ratio,
        Math.round((y - side / 2) * ratio) / ratio,
        side,
        side,
      ),
  }
  cached = { key, sprites }
  return sprites
}

/** A disc; unsure: a ring; unfamiliar: a diamond instead; labelled by a person: with a dot in the middle. */
export function point(
  ctx: CanvasRenderingContext2D,
  place: number,
  marks: number,
  x: number,
  y: number,
  radius: number,
): void {
  const { colour, halo, ink } = paints[place]
  const reach = marks & UNFAMILIAR ? radius * 1.25 : radius
  ctx.beginPath()
  if (marks & UNFAMILIAR) {
    ctx.moveTo(x, y - reach)
    ctx.lineTo(x + reach, y)
    ctx.lineTo(x, y + reach)
    ctx.lineTo(x - reach, y)
    ctx.closePath()
  } else ctx.arc(x, y, reach, 0, 2 * Math.PI)
  if (marks & UNSURE) {
    ctx.fillStyle = GROUND
    ctx.fill()
    ctx.lineWidth = Math.max(1, radius * 0.45)
    ctx.strokeStyle = colour
    ctx.stroke()
  } else {
    ctx.fillStyle = colour
    ctx.fill()
    if (radius >= 2) {
      ctx.lineWidth = 0.75
      ctx.strokeStyle = halo
      ctx.stroke()
    }
  }
  if (marks & READ && radius >= 2) {
    ctx.beginPath()
    ctx.arc(x, y, Math.max(1, radius * 0.35), 0, 2 * Math.PI)
    ctx.fillStyle = marks & UNSURE ? colour : ink
    ctx.fill()
  }
}

const CODE_FONT = '600 9px system-ui, sans-serif'
const CODE_WIDTH_PX = 22
const CODE_HEIGHT_PX = 10

/** One code a place on the screen, the rare class's where several would lie over each other. */
function drawCodes(
  ctx: CanvasRenderingContext2D,
  points: MapPoints,
  rows: Uint32Array,
  at: MapPlacement,
  radius: number,
): void {
  ctx.font = CODE_FONT
  ctx.textAlign = 'center'
  ctx.lineWidth = 2.5
  ctx.strokeStyle = GROUND
  ctx.fillStyle = INK
  const taken: ScreenPoint[] = []
  for (const row of rows.toReversed()) {
    if (points.marks[row] & LEFT_OUT) continue
    const x = points.x[row] * at.scale + at.offsetX
    const y = points.y[row] * at.scale + at.offsetY - radius - 2.5
    const free = (other: ScreenPoint): boolean =>
      Math.abs(other.x - x) >= CODE_WIDTH_PX || Math.abs(other.y - y) >= CODE_HEIGHT_PX
    if (!taken.every(free)) continue
    taken.push({ x, y })
    const { code } = paints[points.place[row]]
    ctx.strokeText(code, x, y)
    ctx.fillText(code, x, y)
  }
  ctx.textAlign = 'start'
}

/** The cell itself, in a frame of its class's colour, with its code; the frame is broken where the machine is unsure. */
function drawPicture(
  ctx: CanvasRenderingContext2D,
  picture: HTMLImageElement,
  points: MapPoints,
  row: number,
  x: number,
  y: number,
): void {
  const { colour, ink, code } = paints[points.place[row]]
  const marks = points.marks[row]
  const left = Math.round(x - PICTURE_PX / 2)
  const top = Math.round(y - PICTURE_PX / 2)
  ctx.drawImage(picture, left, top, PICTURE_PX, PICTURE_PX)
  ctx.lineWidth = 2.5
  ctx.strokeStyle = colour
  ctx.setLineDash(marks & UNSURE ? [6, 4] : [])
  ctx.strokeRect(left, top, PICTURE_PX, PICTURE_PX)
  ctx.setLineDash([])
  ctx.font = CODE_FONT
  const text = `${code}${marks & READ ? ' ✓' : marks & UNSURE ? ' ?' : ''}${marks & UNFAMILIAR ? ' ◇' : ''}`
  const width = ctx.measureText(text).width + 6
  ctx.fillStyle = colour
  ctx.fillRect(left - 1, top + PICTURE_PX - 11, width, 12)
  ctx.fillStyle = ink
  ctx.fillText(text, left + 2, top + PICTURE_PX - 1.5)
}

/** Black round a selected point, once that is drawn on it. */
function rim(ctx: CanvasRenderingContext2D, points: MapPoints, cellId: number, at: MapPlacement, reach: number): void {
  const row = points.rowOf.get(cellId)
  if (row === undefined) return
  ctx.beginPath()
  ctx.arc(points.x[row] * at.scale + at.offsetX, points.y[row] * at.scale + at.offsetY, reach, 0, 2 * Math.PI)
  ctx.fillStyle = INK
  ctx.fill()
}

/** A selected point: black and white, seen on every colour. */
function ring(
  ctx: CanvasRenderingContext2D,
  { points }: MapScene,
  cellId: number,
  at: MapPlacement,
  half: number,
  active: boolean,
): void {
  const row = points.rowOf.get(cellId)
  if (row === undefined) return
  const x = points.x[row] * at.scale + at.offsetX
  const y = points.y[row] * at.scale + at.offsetY
  if (x < -half || y < -half || x > at.widthPx + half || y > at.heightPx + half) return
  const circle = (radius: number, width: number, colour: string): void => {
    ctx.beginPath()
    if (half > PICTURE_PX / 2) ctx.rect(x - radius, y - radius, 2 * radius, 2 * radius)
    else ctx.arc(x, y, radius, 0, 2 * Math.PI)
    ctx.lineWidth = width
    ctx.strokeStyle = colour
    ctx.stroke()
  }
  circle(half, active ? 4 : 2.5, '#ffffff')
  circle(half, active ? 2.5 : 1.25, active ? ACCENT : INK)
  if (active) circle(half + 2, 1, INK)
}

function drawLasso(ctx: CanvasRenderingContext2D, line: readonly ScreenPoint[]): void {
  if (line.length < 2) return
  ctx.beginPath()
  for (const [i, { x, y }] of line.entries()) i === 0 ? ctx.moveTo(x, y) : ctx.lineTo(x, y)
  ctx.closePath()
  ctx.fillStyle = 'rgb(10 110 230 / 12%)'
  ctx.fill()
  ctx.lineWidth = 1.5
  ctx.strokeStyle = ACCENT
  ctx.stroke()
}
