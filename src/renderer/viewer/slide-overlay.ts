import type { StageRect } from '../../shared/contract/area.ts'
import type { SlideInfo } from '../../shared/contract/slide.ts'
import { type Desk, desk } from '../app/desk.ts'
import { stitchStore } from '../features/stitch/stitch-store.ts'
import { tallyStore } from '../features/tally/tally-store.ts'
import { type BoxTable, boxTable, cellAt } from './box-table.ts'
import { countingFrame } from './counting-frame.ts'
import { drawRunArea } from './draw-area.ts'
import { drawBoxes, drawCounted, drawFieldInWork, drawSelected, drawUnscanned } from './draw-overlay.ts'
import { drawStitches } from './draw-stitches.ts'
import { drawCountingFrame, drawHandAreas } from './draw-tally.ts'
import { onSlide } from './field-in-work.ts'
import { type Placement, type SlideRect, visibleIn } from './placement.ts'

/** The canvas above a slide's picture: boxes, fields, areas, seams, what is selected. What it drew it tells in its data attributes. */
export class SlideOverlay {
  readonly #slide: SlideInfo
  readonly #canvas: HTMLCanvasElement
  readonly #ctx: CanvasRenderingContext2D
  #table: BoxTable | null = null
  #taken: Pick<Desk, 'cells' | 'view' | 'theme'> | null = null
  #around = ''
  #fields: Desk['fields'] = []

  constructor(host: HTMLElement, slide: SlideInfo) {
    this.#slide = slide
    this.#canvas = document.createElement('canvas')
    this.#canvas.className = 'viewer-overlay'
    this.#canvas.dataset.testid = 'boxes'
    this.#canvas.dataset.boxCount = '0'
    this.#canvas.setAttribute('aria-hidden', 'true')
    host.append(this.#canvas)
    this.#ctx = this.#canvas.getContext('2d')!
  }

  remove(): void {
    this.#canvas.remove()
  }

  /** What is worked out once for many drawings. */
  take({ cells, view, theme }: Desk): void {
    const before = this.#taken
    if (cells !== before?.cells || view !== before.view) this.#table = boxTable(cells, view)
    if (theme !== before?.theme) this.#around = getComputedStyle(this.#canvas).getPropertyValue('--slide-around')
    this.#taken = { cells, view, theme }
  }

  /** The cell at a point, or no farther from it than `reach`, all SlidePx; null: none. */
  cellAt(x: number, y: number, reach: number): number | null {
    return this.#table ? cellAt(this.#table, x, y, reach) : null
  }

  /** @param inWork where the camera looks; null: it does not, or nobody knows. */
  draw(at: Placement, fields: Desk['fields'], inWork: SlideRect | null): void {
    this.#fields = fields
    this.#fitCanvas(at)
    const ctx = this.#ctx
    const state = desk.get()
    drawUnscanned(ctx, fields, this.#around, at)
    this.#drawArea(at)
    drawCounted(ctx, fields, at)
    this.#drawTally(at)
    if (inWork) drawFieldInWork(ctx, inWork, state.live?.activity || 'stage', at)
    for (const id of state.selection) {
      const cell = id === state.active ? undefined : state.cells.byId.get(id)
      if (cell) drawSelected(ctx, cell, at, false)
    }
    const active = state.active === null ? undefined : state.cells.byId.get(state.active)
    if (active) drawSelected(ctx, active, at, true)
    // Above the frames of selected cells, so that those hide no letter code.
    const drawn = this.#table && state.boxesShown ? drawBoxes(ctx, this.#table, at) : 0
    this.#drawStitches(at)
    this.#canvas.dataset.boxCount = String(state.boxesShown ? (this.#table?.count ?? 0) : 0)
    this.#canvas.dataset.boxesInView = String(drawn)
    this.#canvas.dataset.placement = `${at.scale} ${at.offsetX} ${at.offsetY}`
  }

  /** Where the run was told to count. */
  #drawArea(at: Placement): void {
    const area = desk.get().run?.area ?? null
    const placed = (rects: readonly StageRect[]) =>
      rects.map((rect) => onSlide(rect, this.#fields, this.#slide)).filter((rect) => rect !== null)
    const rects = placed(area?.rects ?? [])
    drawRunArea(this.#ctx, rects, placed(area?.excluded ?? []), at)
    this.#canvas.dataset.areas = String(rects.length)
  }

  /** How neighbouring fields are joined, while that is wanted. */
  #drawStitches(at: Placement): void {
    const { shown, runId, stitches } = stitchStore.get()
    const wanted = shown && runId === this.#slide.runId ? stitches : []
    this.#canvas.dataset.stitchesInView = String(drawStitches(this.#ctx, wanted, this.#fields, at))
  }

  /** What people counted here, and where one counts now. */
  #drawTally(at: Placement): void {
    const { onSlide, counting, state } = tallyStore.get()
    const areas = onSlide?.runId === this.#slide.runId ? onSlide.areas : []
    drawHandAreas(this.#ctx, areas, counting, at)
    this.#canvas.dataset.handAreas = String(areas.length)
    if (!counting || state?.sitting.runId !== this.#slide.runId) return
    drawCountingFrame(this.#ctx, countingFrame(visibleIn(at), this.#fields), at)
  }

  #fitCanvas(at: Placement): void {
    const ratio = window.devicePixelRatio || 1
    const width = Math.round(at.widthPx * ratio)
    const height = Math.round(at.heightPx * ratio)
    if (this.#canvas.width !== width || this.#canvas.height !== height) {
      this.#canvas.width = width
      this.#canvas.height = height
    }
    this.#ctx.setTransform(ratio, 0, 0, ratio, 0, 0)
  }
}
