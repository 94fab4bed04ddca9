import type { Rect, StageUm } from '../../../shared/geometry.ts'
import { stageUm } from '../../../shared/geometry.ts'
import { cellOutline } from './cell-size.ts'
import { isDebris } from './draw-others.ts'
import type { Layout } from './layout.ts'
import { makeSlide, type SlideOptions } from './make-slide.ts'
import { RenderPool } from './render-pool.ts'
import type { TruthCell, World } from './world.ts'

/** A simulated May-Gruenwald-Giemsa marrow smear. Costs nothing until it is looked at; `close` ends its workers. */
export function createWorld(options: SlideOptions): World {
  const { seed, profile } = options
  const { layout } = makeSlide(options)
  const { map } = layout
  const pool = new RenderPool(options)
  return {
    seed,
    profile,
    extent: map.extent,
    countable: map.countable,
    bestFocusUm: (at) => map.bestFocusUm(at),
    truthIn: (area) => truthIn(layout, area),
    render: (request) => pool.render(request),
    close: () => pool.close(),
  }
}

function truthIn(layout: Layout, area: Rect<StageUm>): TruthCell[] {
  const { origin, width, height } = area
  const found: TruthCell[] = []
  layout.chunksIn(origin.x, origin.y, origin.x + width, origin.y + height, (cx, cy) => {
    for (const cell of layout.cells(cx, cy)) {
      if (cell.x < origin.x || cell.y < origin.y || cell.x >= origin.x + width || cell.y >= origin.y + height) continue
      if (isDebris(cell.code, cell.seed)) continue
      const outline = cellOutline(cell.code, cell.seed)
      found.push({
        id: cell.id,
        class: cell.code,
        centre: stageUm(cell.x, cell.y),
        widthUm: 2 * outline.halfWidthUm,
        heightUm: 2 * outline.halfHeightUm,
      })
    }
  })
  return found
}
