import OpenSeadragon from 'openseadragon'
import type { Cell } from '../../shared/contract/cells.ts'
import type { SlideInfo } from '../../shared/contract/slide.ts'
import { type Desk, desk } from '../app/desk.ts'
import { stitchStore } from '../features/stitch/stitch-store.ts'
import { tallyStore } from '../features/tally/tally-store.ts'
import { extent, fieldInWork, fieldRect } from './field-in-work.ts'
import { growingSource, TileRefresher } from './growing-source.ts'
import type { ViewerHandle } from './handle.ts'
import { type Placement, type SlideRect, visibleIn } from './placement.ts'
import { Sketches } from './sketch.ts'
import { SlideOverlay } from './slide-overlay.ts'
import { spareInlineStyle } from './spare-inline-style.ts'
import { TileIndex } from './tile-index.ts'

const MOVE_S = 0.45
const MOST_IMAGE_ZOOM = 4
/** A click this near counts as on the cell, CSS pixels. */
const CLICK_REACH_PX = 14

const still = (): boolean => matchMedia('(prefers-reduced-motion: reduce)').matches

export interface SlideViewEvents {
  readonly onPick: (cellId: number | null, add: boolean) => void
  /** The view moved or changed size: what is shown, SlidePx, and CSS pixels of the screen for one of the slide. */
  readonly onView: (shown: SlideRect, scale: number) => void
  /** A hand moved the view. */
  readonly onTakenOver: () => void
}

/**
 * One run's slide on screen: OpenSeadragon for the picture, a canvas of our own above it for boxes and fields. Looks at the desk itself, so
 * that a moving stage or a new cell costs one drawing and no rendering of components.
 */
export class SlideView implements ViewerHandle {
  #seen: () => void = () => undefined
  readonly firstPicture = new Promise<void>((resolve) => {
    this.#seen = resolve
  })
  readonly #viewer: OpenSeadragon.Viewer
  readonly #overlay: SlideOverlay
  readonly #slide: SlideInfo
  readonly #index: TileIndex
  readonly #sketches = new Sketches()
  readonly #events: SlideViewEvents
  readonly #unsubscribe: () => void
  #refresher: TileRefresher | null = null
  #refreshed: Promise<void> = Promise.resolve()
  #shown: Partial<Desk> = {}
  #knownFields: Desk['fields'] = []
  /** What they cover together. */
  #scanned: SlideRect | null = null
  #drawWaits = false

  constructor(host: HTMLElement, slide: SlideInfo, events: SlideViewEvents) {
    this.#slide = slide
    this.#index = new TileIndex(slide)
    this.#events = events
    this.#index.take(desk.get().fields)
    this.#know(desk.get().fields)
    spareInlineStyle()
    this.#viewer = new OpenSeadragon.Viewer({
      element: host,
      tileSources: [growingSource(slide, this.#index, this.#sketches) as unknown as OpenSeadragon.TileSourceOptions],
      // Tiles that change keep their place in the canvas drawer's own format; see growing-source.ts.
      drawer: 'canvas',
      showNavigationControl: false,
      tabIndex: 0,
      animationTime: still() ? 0 : MOVE_S,
      springStiffness: 9,
      blendTime: 0,
      // The level that is seen is loaded first, not the coarsest: the coarser ones are all drawn, and none is seen once it is there.
      immediateRender: true,
      visibilityRatio: 0.1,
      minZoomImageRatio: 0.5,
      maxZoomPixelRatio: MOST_IMAGE_ZOOM,
      preserveImageSizeOnResize: true,
      maxImageCacheCount: 400,
      imageLoaderLimit: 6,
      zoomPerScroll: 1.35,
      gestureSettingsMouse: { clickToZoom: false, dblClickToZoom: true, flickEnabled: false },
      gestureSettingsTouch: { clickToZoom: false, dblClickToZoom: true },
    } as OpenSeadragon.Options)
    this.#overlay = new SlideOverlay(this.#viewer.canvas, slide)
    this.#viewer.canvas.dataset.region = 'slide'
    this.#viewer.canvas.setAttribute('role', 'application')
    this.#viewer.canvas.setAttribute('aria-label', 'Slide: arrows move it, plus and minus zoom')
    this.#listen()
    const stops = [
      desk.subscribe(() => this.#take(desk.get())),
      tallyStore.subscribe(() => this.#drawSoon()),
      stitchStore.subscribe(() => this.#drawSoon()),
    ]
    this.#unsubscribe = () => {
      for (const stop of stops) stop()
    }
  }

  #listen(): void {
    const viewer = this.#viewer
    viewer.addHandler('open', () => {
      this.#refresher = new TileRefresher(viewer.world.getItemAt(0), this.#slide, this.#index)
      this.#showUnlessEmpty()
      this.fit(true)
      this.#take(desk.get())
      this.#draw()
    })
    viewer.addHandler('tile-loaded', ({ tile }) => this.#refresher?.loaded(tile))
    viewer.addOnceHandler('tile-loaded', () => this.#seen())
    viewer.addHandler('update-viewport', () => this.#draw())
    viewer.addHandler('resize', () => this.#drawSoon())
    // The desk's own keys do all this, and some of OpenSeadragon's letters (r, f) are class keys.
    viewer.addHandler('canvas-key', (event) => {
      event.preventDefaultAction = true
    })
    viewer.addHandler('canvas-click', (event) => {
      if (!event.quick) return
      const at = this.#placement()
      const x = (event.position.x - at.offsetX) / at.scale
      const y = (event.position.y - at.offsetY) / at.scale
      const original = event.originalEvent as MouseEvent
      const cell = this.#overlay.cellAt(x, y, CLICK_REACH_PX / at.scale)
      this.#events.onPick(cell, original.ctrlKey || original.metaKey || original.shiftKey)
    })
    for (const moved of ['canvas-drag', 'canvas-scroll', 'canvas-pinch', 'canvas-double-click'] as const)
      viewer.addHandler(moved, () => this.#events.onTakenOver())
  }

  destroy(): void {
    this.#unsubscribe()
    this.#viewer.destroy()
    this.#overlay.remove()
  }

  /** What changed on the desk since the last time, and matters here. */
  #take(state: Desk): void {
    if (state.slide?.runId !== this.#slide.runId) return
    const before = this.#shown
    if (state.fields !== this.#knownFields) {
      const known = new Map(this.#knownFields.map((field) => [field.index, field.revision]))
      const fresh = state.fields.filter((field) => known.get(field.index) !== field.revision)
      this.#know(state.fields)
      const touched = this.#index.take(fresh)
      for (const { index } of fresh) this.#sketches.forget(index)
      this.#refreshed = this.#refresher?.changed(touched) ?? this.#refreshed
      this.#showUnlessEmpty()
      // The first that is seen of a slide: what was scanned before, or the first field of a new scan.
      if (known.size === 0 && state.run?.state !== 'scanning') this.fit(true)
    }
    this.#overlay.take(state)
    const changed =
      state.cells !== before.cells ||
      state.fields !== before.fields ||
      state.live !== before.live ||
      state.selection !== before.selection ||
      state.active !== before.active ||
      state.view !== before.view ||
      state.boxesShown !== before.boxesShown ||
      state.theme !== before.theme
    this.#shown = state
    // With the stage: a view that has come to rest when a field is committed asks for that field's tiles of one size, not for those of every size it passes.
    const moved = state.fields !== before.fields || state.live?.stage !== before.live?.stage
    if (state.follow && (moved || !before.follow)) this.#follow((before.fields ?? []).length === 0)
    if (changed) this.#drawSoon()
  }

  #know(fields: Desk['fields']): void {
    this.#knownFields = fields
    this.#scanned = extent(fields.map(fieldRect))
  }

  /** A picture of which nothing is there would be drawn again sixty times a second. */
  #showUnlessEmpty(): void {
    this.#viewer.world.getItemAt(0)?.setOpacity(this.#knownFields.length > 0 ? 1 : 0)
  }

  /** Grows the view with the scanned area: only when something of it is out of sight, and then with room to spare. Nothing is gained by gliding away from an empty slide. */
  #follow(fromNothing: boolean): void {
    const inWork = this.#inWork()
    const area = extent([this.#scanned, inWork].filter((rect) => rect !== null))
    if (!area || !this.#viewer.isOpen()) return
    const { scale, offsetX, offsetY, widthPx, heightPx } = this.#placement(false)
    const inSight =
      area.x * scale + offsetX >= 0 &&
      area.y * scale + offsetY >= 0 &&
      (area.x + area.width) * scale + offsetX <= widthPx &&
      (area.y + area.height) * scale + offsetY <= heightPx
    const large = Math.max((area.width * scale) / widthPx, (area.height * scale) / heightPx) > 0.3
    if (inSight && large) return
    this.#show(area, desk.get().run?.state === 'scanning' ? 1.5 : 1.08, fromNothing || still())
  }

  #show(rect: SlideRect, room: number, immediately: boolean): void {
    const image = this.#viewer.world.getItemAt(0)
    if (!image) return
    const width = rect.width * room
    const height = rect.height * room
    const bounds = image.imageToViewportRectangle(
      new OpenSeadragon.Rect(rect.x - (width - rect.width) / 2, rect.y - (height - rect.height) / 2, width, height),
    )
    this.#viewer.viewport.fitBounds(bounds, immediately)
  }

  #placement(current = true): Placement {
    const { viewport } = this.#viewer
    const bounds = viewport.getBounds(current)
    const size = viewport.getContainerSize()
    const scale = size.x / (bounds.width * this.#slide.widthPx)
    return {
      scale,
      offsetX: -bounds.x * this.#slide.widthPx * scale,
      offsetY: -bounds.y * this.#slide.widthPx * scale,
      widthPx: size.x,
      heightPx: size.y,
    }
  }

  /** Where the camera looks, SlidePx; null: it does not, or nobody knows. */
  #inWork(): SlideRect | null {
    const { run, live } = desk.get()
    if (run?.state !== 'scanning') return null
    return fieldInWork(live?.stage ?? null, this.#knownFields, this.#slide)
  }

  #drawSoon(): void {
    if (this.#drawWaits) return
    this.#drawWaits = true
    requestAnimationFrame(() => {
      if (this.#drawWaits) this.#draw()
    })
  }

  #draw(): void {
    this.#drawWaits = false
    if (!this.#viewer.isOpen()) return
    const at = this.#placement()
    this.#overlay.draw(at, this.#knownFields, this.#inWork())
    this.#events.onView(visibleIn(at), at.scale)
  }

  async upToDate(): Promise<void> {
    await this.#refreshed
    // Until its next frame the image has not seen which of its tiles are new.
    await new Promise(requestAnimationFrame)
    const image = this.#viewer.world.getItemAt(0)
    if (image) await new Promise<void>((resolve) => image.whenFullyLoaded(() => resolve()))
  }

  sketch(pictures: ReadonlyMap<number, ImageBitmap>): void {
    for (const field of this.#knownFields) {
      const picture = pictures.get(field.index)
      if (!picture) continue
      this.#sketches.put({ field, picture })
      this.#refresher?.sketch({ field, picture })
    }
  }

  visible(): SlideRect {
    return visibleIn(this.#placement())
  }

  flyTo(cell: Cell): void {
    this.#events.onTakenOver()
    const { widthPx, heightPx, scale } = this.#placement(false)
    const zoom = Math.min(MOST_IMAGE_ZOOM, Math.max(scale, 0.6))
    const width = widthPx / zoom
    const height = heightPx / zoom
    this.#show({ x: cell.slideX - width / 2, y: cell.slideY - height / 2, width, height }, 1, still())
  }

  show(rect: SlideRect): void {
    this.#events.onTakenOver()
    this.#show(rect, 1.6, still())
  }

  fit(immediately = still()): void {
    if (this.#scanned) this.#show(this.#scanned, 1.08, immediately)
    else this.#viewer.viewport.goHome(immediately)
  }

  actualSize(): void {
    const { viewport } = this.#viewer
    this.#zoomTo(viewport.imageToViewportZoom(1))
  }

  zoomBy(factor: number): void {
    this.#zoomTo(this.#viewer.viewport.getZoom(false) * factor)
  }

  /** Where a move that is still on its way was to end: by a zoom alone OpenSeadragon would leave it where it is. */
  #zoomTo(zoom: number): void {
    const { viewport } = this.#viewer
    const centre = viewport.getCenter(false)
    viewport.zoomTo(zoom, undefined, still()).panTo(centre, still()).applyConstraints(still())
    this.#events.onTakenOver()
  }

  panBy(x: number, y: number): void {
    const bounds = this.#viewer.viewport.getBounds(false)
    this.#viewer.viewport.panBy(new OpenSeadragon.Point(x * bounds.width, y * bounds.height), still())
    this.#viewer.viewport.applyConstraints(still())
    this.#events.onTakenOver()
  }

  /** Centres the view on a point of the slide, SlidePx. */
  centreOn(x: number, y: number): void {
    this.#viewer.viewport.panTo(
      this.#viewer.viewport.imageToViewportCoordinates(new OpenSeadragon.Point(x, y)),
      still(),
    )
    this.#events.onTakenOver()
  }
}
