import { isClassCode } from '../../../shared/taxonomy.ts'
import { cropUrl } from '../../app/bench.ts'
import { type Desk, desk } from '../../app/desk.ts'
import { clearSelection, flyToActive, selectAndReveal } from '../../app/selection-actions.ts'
import { placeOf } from '../../viewer/box-table.ts'
import type { Filter } from '../gallery/listing.ts'
import { drawMap, type MapScene } from './draw-map.ts'
import { type MapHandle, pickCells } from './map-actions.ts'
import {
  fitted,
  type MapPlacement,
  moved,
  pointAt,
  pointsInside,
  pointsInView,
  resized,
  revealing,
  type ScreenPoint,
  stepTowards,
  zoomedAt,
} from './map-geometry.ts'
import { mapStore } from './map-link.ts'
import { LEFT_OUT, type MapPoints, mapPoints, NO_POINTS, UNFAMILIAR, UNSURE } from './map-points.ts'

/** A pointer this near counts as on the point, CSS pixels. */
const REACH_PX = 12
/** A press that moves less is a click. */
const CLICK_PX = 4
const ZOOM_STEP = 1.35
const KEY_ZOOM = 1.6
/** Crops kept for the map drawn large. */
const MOST_PICTURES = 300
const ARROWS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
}

export interface Hovered extends ScreenPoint {
  readonly cellId: number
}

/**
 * The map on its canvas. Looks at the desk itself, as the slide does, so that a changed selection costs one drawing and no rendering of
 * components.
 */
export class MapView implements MapHandle {
  readonly #canvas: HTMLCanvasElement
  readonly #ctx: CanvasRenderingContext2D
  readonly #onHover: (hovered: Hovered | null) => void
  readonly #ends: (() => void)[] = []
  readonly #pictures = new Map<number, HTMLImageElement>()
  #at: MapPlacement = fitted(100, 100)
  #points: MapPoints | null = null
  #known: Partial<Pick<Desk, 'cells' | 'view' | 'active'>> & { map?: unknown } = {}
  #hovered: number | null = null
  #lasso: ScreenPoint[] = []
  #drawWaits = false

  constructor(canvas: HTMLCanvasElement, onHover: (hovered: Hovered | null) => void) {
    this.#canvas = canvas
    canvas.tabIndex = 0
    canvas.setAttribute('role', 'application')
    canvas.setAttribute('aria-label', 'Map of the cells: arrows go from cell to cell, plus and minus zoom')
    this.#ctx = canvas.getContext('2d', { alpha: false })!
    this.#onHover = onHover
    const observer = new ResizeObserver(() => this.#resize())
    observer.observe(canvas)
    this.#ends.push(
      () => observer.disconnect(),
      desk.subscribe(() => this.#take()),
      mapStore.subscribe(() => this.#take()),
    )
    const on = <Name extends keyof HTMLElementEventMap>(
      name: Name,
      act: (event: HTMLElementEventMap[Name]) => void,
    ): void => {
      canvas.addEventListener(name, act, { passive: false })
      this.#ends.push(() => canvas.removeEventListener(name, act))
    }
    on('wheel', (event) => {
      event.preventDefault()
      this.#look(zoomedAt(this.#at, event.deltaY < 0 ? ZOOM_STEP : 1 / ZOOM_STEP, placeOn(event)))
    })
    on('pointerdown', (event) => this.#press(event))
    on('pointermove', (event) => this.#hover(event))
    on('pointerleave', () => this.#setHovered(null))
    on('dblclick', () => flyToActive())
    on('keydown', (event) => this.#key(event))
    this.#resize()
    this.#take()
  }

  destroy(): void {
    for (const end of this.#ends) end()
  }

  points(): MapPoints | null {
    return this.#points
  }

  inView(): readonly number[] {
    const points = this.#points
    return points ? pointsInView(points, this.#at).map((row) => points.ids[row]) : []
  }

  focus(): void {
    this.#canvas.focus()
  }

  fit(): void {
    this.#look(fitted(this.#at.widthPx, this.#at.heightPx))
  }

  /** About the selected cell, where it is in sight. */
  zoomBy(factor: number): void {
    const { scale, offsetX, offsetY, widthPx, heightPx } = this.#at
    const { active } = desk.get()
    const row = active === null ? undefined : this.#points?.rowOf.get(active)
    const x = row === undefined ? -1 : this.#points!.x[row] * scale + offsetX
    const y = row === undefined ? -1 : this.#points!.y[row] * scale + offsetY
    const inSight = x >= 0 && y >= 0 && x <= widthPx && y <= heightPx
    this.#look(zoomedAt(this.#at, factor, inSight ? { x, y } : { x: widthPx / 2, y: heightPx / 2 }))
  }

  #look(at: MapPlacement): void {
    this.#at = at
    this.#drawSoon()
  }

  /** What changed on the desk or the map, and matters here. */
  #take(): void {
    const { cells, view, active } = desk.get()
    const { map } = mapStore.get()
    const before = this.#known
    if (map !== before.map || cells !== before.cells || view !== before.view)
      this.#points = map ? mapPoints(map, cells, view) : null
    if (map !== before.map) {
      this.#setHovered(null)
      if (map === null || before.map === null || before.map === undefined) this.fit()
    }
    if (active !== before.active && active !== null && this.#points) {
      const row = this.#points.rowOf.get(active)
      if (row !== undefined) this.#at = revealing(this.#at, this.#points.x[row], this.#points.y[row])
    }
    this.#known = { cells, view, active, map }
    this.#drawSoon()
  }

  #resize(): void {
    const { clientWidth, clientHeight } = this.#canvas
    if (clientWidth === 0 || clientHeight === 0) return
    this.#look(resized(this.#at, clientWidth, clientHeight))
  }

  #press(down: PointerEvent): void {
    if (down.button !== 0) return
    const canvas = this.#canvas
    canvas.focus({ preventScroll: true })
    const add = down.ctrlKey || down.metaKey
    const draws = desk.get().mapLasso !== down.shiftKey
    let last = placeOn(down)
    const first = last
    let dragged = false
    canvas.setPointerCapture(down.pointerId)
    const move = (event: PointerEvent): void => {
      const to = placeOn(event)
      if (!dragged && Math.hypot(to.x - first.x, to.y - first.y) < CLICK_PX) return
      dragged = true
      this.#setHovered(null)
      if (draws) {
        this.#lasso = this.#lasso.length === 0 ? [first, to] : [...this.#lasso, to]
        this.#drawSoon()
      } else this.#look(moved(this.#at, to.x - last.x, to.y - last.y))
      last = to
    }
    const end = (event: PointerEvent): void => {
      canvas.removeEventListener('pointermove', move)
      canvas.removeEventListener('pointerup', end)
      canvas.removeEventListener('pointercancel', end)
      const line = this.#lasso
      this.#lasso = []
      this.#drawSoon()
      const points = this.#points
      if (event.type === 'pointercancel' || !points) return
      if (!dragged) this.#click(first, add || down.shiftKey)
      else if (draws) {
        const inside = pointsInside(points, this.#at, line).map((row) => points.ids[row])
        pickCells(inside, add ? 'add' : 'only')
      }
    }
    canvas.addEventListener('pointermove', move)
    canvas.addEventListener('pointerup', end)
    canvas.addEventListener('pointercancel', end)
  }

  #click(at: ScreenPoint, add: boolean): void {
    const row = this.#points ? pointAt(this.#points, this.#at, at, REACH_PX) : -1
    if (row >= 0) selectAndReveal(this.#points!.ids[row], add ? 'add' : 'only')
    else if (!add) clearSelection()
  }

  #hover(event: PointerEvent): void {
    if (event.buttons !== 0) return
    const at = placeOn(event)
    const row = this.#points ? pointAt(this.#points, this.#at, at, REACH_PX) : -1
    this.#setHovered(row < 0 ? null : row)
  }

  #setHovered(row: number | null): void {
    const cellId = row === null ? null : (this.#points?.ids[row] ?? null)
    if (cellId === this.#hovered) return
    this.#hovered = cellId
    this.#canvas.classList.toggle('on-point', cellId !== null)
    if (cellId === null || row === null) this.#onHover(null)
    else {
      const { scale, offsetX, offsetY } = this.#at
      this.#onHover({ cellId, x: this.#points!.x[row] * scale + offsetX, y: this.#points!.y[row] * scale + offsetY })
    }
    this.#drawSoon()
  }

  /** Arrows go from point to point; what zooms the slide zooms the map while it has the focus. */
  #key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const arrow = ARROWS[event.key]
    if (arrow) this.#step(arrow, event.shiftKey)
    else if (event.key === '+' || event.key === '=') this.zoomBy(KEY_ZOOM)
    else if (event.key === '-') this.zoomBy(1 / KEY_ZOOM)
    else if (event.key === '0' || event.key === 'Home') this.fit()
    else return
    event.preventDefault()
  }

  #step([dx, dy]: readonly [number, number], add: boolean): void {
    const points = this.#points
    if (!points || points.count === 0) return
    const { active } = desk.get()
    const from = active === null ? undefined : points.rowOf.get(active)
    const middle = { x: this.#at.widthPx / 2, y: this.#at.heightPx / 2 }
    const row = from === undefined ? pointAt(points, this.#at, middle, 1e6) : stepTowards(points, from, dx, dy)
    if (row >= 0) selectAndReveal(points.ids[row], add ? 'add' : 'only')
  }

  #picture = (cellId: number): HTMLImageElement | null => {
    const known = this.#pictures.get(cellId)
    if (known) return known.complete && known.naturalWidth > 0 ? known : null
    const image = new Image()
    image.onload = () => this.#drawSoon()
    image.src = cropUrl(cellId)
    this.#pictures.set(cellId, image)
    const oldest = this.#pictures.keys().next()
    if (this.#pictures.size > MOST_PICTURES && !oldest.done) this.#pictures.delete(oldest.value)
    return null
  }

  #drawSoon(): void {
    if (this.#drawWaits) return
    this.#drawWaits = true
    requestAnimationFrame(() => {
      this.#drawWaits = false
      this.#draw()
    })
  }

  #draw(): void {
    const { widthPx, heightPx } = this.#at
    const ratio = window.devicePixelRatio || 1
    const [width, height] = [Math.round(widthPx * ratio), Math.round(heightPx * ratio)]
    if (this.#canvas.width !== width || this.#canvas.height !== height) {
      this.#canvas.width = width
      this.#canvas.height = height
    }
    this.#ctx.setTransform(ratio, 0, 0, ratio, 0, 0)
    const { selection, active, filter } = desk.get()
    const points = this.#points ?? NO_POINTS
    const scene = {
      points,
      lit: litBy(filter),
      selection,
      active,
      hovered: this.#hovered,
      lasso: this.#lasso,
      picture: this.#picture,
    }
    const shown = drawMap(this.#ctx, scene, this.#at, ratio)
    this.#canvas.dataset.points = String(points.count)
    this.#canvas.dataset.leftOut = String(points.marks.filter((marks) => marks & LEFT_OUT).length)
    this.#canvas.dataset.inView = String(shown)
  }
}

/** What the gallery lists stands out. */
function litBy(filter: Filter): MapScene['lit'] {
  if (filter === 'left-out') return (_place, marks) => (marks & LEFT_OUT) !== 0
  if (filter === 'unsure') return (_place, marks) => (marks & (UNSURE | LEFT_OUT)) === UNSURE
  if (filter === 'unfamiliar') return (_place, marks) => (marks & (UNFAMILIAR | LEFT_OUT)) === UNFAMILIAR
  if (!isClassCode(filter)) return null
  const wanted = placeOf.get(filter)
  return (place, marks) => place === wanted && (marks & LEFT_OUT) === 0
}

function placeOn(event: MouseEvent): ScreenPoint {
  return { x: event.offsetX, y: event.offsetY }
}
