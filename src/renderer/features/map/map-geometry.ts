/** Where the map lies on its canvas: screen = map * scale + offset, CSS pixels; the map reaches from -1 to 1 each way. */
export interface MapPlacement {
  readonly scale: number
  readonly offsetX: number
  readonly offsetY: number
  readonly widthPx: number
  readonly heightPx: number
}

/** Points of a map, in its own units. */
export interface Places {
  readonly count: number
  readonly x: Float32Array
  readonly y: Float32Array
}

export interface ScreenPoint {
  readonly x: number
  readonly y: number
}

const MARGIN_PX = 26
/** How far in one may go: points a thousandth of the map apart then lie a crop's width apart. */
const MOST_ZOOM = 80
const LEAST_ZOOM = 0.5

/** The whole map. */
export function fitted(widthPx: number, heightPx: number): MapPlacement {
  const scale = Math.max(20, (Math.min(widthPx, heightPx) - 2 * MARGIN_PX) / 2)
  return { scale, offsetX: widthPx / 2, offsetY: heightPx / 2, widthPx, heightPx }
}

/** How much larger than the whole map would be drawn. */
export function zoomOf(at: MapPlacement): number {
  return at.scale / fitted(at.widthPx, at.heightPx).scale
}

/** Zoomed about a point of the screen, within limits. */
export function zoomedAt(at: MapPlacement, factor: number, { x, y }: ScreenPoint): MapPlacement {
  const zoom = zoomOf(at)
  const real = Math.min(MOST_ZOOM, Math.max(LEAST_ZOOM, zoom * factor)) / zoom
  return { ...at, scale: at.scale * real, offsetX: x - (x - at.offsetX) * real, offsetY: y - (y - at.offsetY) * real }
}

/** Moved by pixels of the screen; some of the map stays in sight. */
export function moved(at: MapPlacement, dx: number, dy: number): MapPlacement {
  const keep = (offset: number, size: number): number =>
    Math.min(size + at.scale - MARGIN_PX, Math.max(MARGIN_PX - at.scale, offset))
  return { ...at, offsetX: keep(at.offsetX + dx, at.widthPx), offsetY: keep(at.offsetY + dy, at.heightPx) }
}

/** The same part of the map in a canvas of another size. */
export function resized(at: MapPlacement, widthPx: number, heightPx: number): MapPlacement {
  const before = fitted(at.widthPx, at.heightPx)
  const after = fitted(widthPx, heightPx)
  const grown = after.scale / before.scale
  return {
    scale: at.scale * grown,
    offsetX: after.offsetX + (at.offsetX - before.offsetX) * grown,
    offsetY: after.offsetY + (at.offsetY - before.offsetY) * grown,
    widthPx,
    heightPx,
  }
}

/** Moved, no more than needed, so that a point of the map is in sight with some room round it. */
export function revealing(at: MapPlacement, x: number, y: number): MapPlacement {
  const shift = (place: number, size: number): number => {
    const room = Math.min(size / 2, 48)
    return Math.max(0, room - place) - Math.max(0, place - (size - room))
  }
  const dx = shift(x * at.scale + at.offsetX, at.widthPx)
  const dy = shift(y * at.scale + at.offsetY, at.heightPx)
  return dx === 0 && dy === 0 ? at : { ...at, offsetX: at.offsetX + dx, offsetY: at.offsetY + dy }
}

/** The point nearest to a place on the screen, within reach; -1: none is. */
export function pointAt(points: Places, at: MapPlacement, { x, y }: ScreenPoint, reachPx: number): number {
  const mapX = (x - at.offsetX) / at.scale
  const mapY = (y - at.offsetY) / at.scale
  let best = -1
  let least = (reachPx / at.scale) ** 2
  for (let row = 0; row < points.count; row++) {
    const squared = (points.x[row] - mapX) ** 2 + (points.y[row] - mapY) ** 2
    if (squared <= least) {
      least = squared
      best = row
    }
  }
  return best
}

/** Rows of the points inside a closed line on the screen (even-odd rule). */
export function pointsInside(points: Places, at: MapPlacement, line: readonly ScreenPoint[]): number[] {
  const inside: number[] = []
  for (let row = 0; row < points.count; row++) {
    const x = points.x[row] * at.scale + at.offsetX
    const y = points.y[row] * at.scale + at.offsetY
    let odd = false
    for (let i = 0, before = line.length - 1; i < line.length; before = i++) {
      const a = line[i]
      const b = line[before]
      if (a.y > y !== b.y > y && x < ((b.x - a.x) * (y - a.y)) / (b.y - a.y) + a.x) odd = !odd
    }
    if (odd) inside.push(row)
  }
  return inside
}

/** Rows of the points in sight. */
export function pointsInView(points: Places, at: MapPlacement): number[] {
  const rows: number[] = []
  for (let row = 0; row < points.count; row++) {
    const x = points.x[row] * at.scale + at.offsetX
    const y = points.y[row] * at.scale + at.offsetY
    if (x >= 0 && y >= 0 && x <= at.widthPx && y <= at.heightPx) rows.push(row)
  }
  return rows
}

/** The row itself and those nearest to it on the map, nearest first. */
export function nearestTo(points: Places, row: number, others: number): number[] {
  const squared = Float32Array.from(
    { length: points.count },
    (_, i) => (points.x[i] - points.x[row]) ** 2 + (points.y[i] - points.y[row]) ** 2,
  )
  const rest = Array.from({ length: points.count }, (_, i) => i).filter((i) => i !== row)
  rest.sort((a, b) => squared[a] - squared[b] || a - b)
  return [row, ...rest.slice(0, others)]
}

/** The nearest point that lies in a direction (more that way than to either side); -1: none does. */
export function stepTowards(points: Places, row: number, dx: number, dy: number): number {
  let best = -1
  let least = Number.POSITIVE_INFINITY
  for (let i = 0; i < points.count; i++) {
    const awayX = points.x[i] - points.x[row]
    const awayY = points.y[i] - points.y[row]
    const along = awayX * dx + awayY * dy
    const aside = Math.abs(awayX * dy) + Math.abs(awayY * dx)
    if (along <= 0 || aside > along) continue
    const squared = awayX * awayX + awayY * awayY
    if (squared < least) {
      least = squared
      best = i
    }
  }
  return best
}

/** Radius of a point, CSS pixels: many are drawn small, and they grow half as fast as the map does. */
export function radiusOf(count: number, zoom: number): number {
  const base = count > 8000 ? 1.5 : count > 2500 ? 2 : count > 800 ? 2.75 : 3.5
  return Math.min(8, base * Math.max(1, Math.sqrt(zoom)))
}
