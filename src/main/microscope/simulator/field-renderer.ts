import { ABSORPTION_STEPS, drawCell, reachUm } from './cell-sprite.ts'
import { expose, exposeTurned } from './expose.ts'
import { gridPlace } from './grid-place.ts'
import type { Layout } from './layout.ts'
import { SCATTER_STRIDE } from './layout.ts'
import { plasmaTexture, TEXTURE_SIZE } from './noise-texture.ts'
import type { LightPlane } from './optics.ts'
import { blur, defocusSigmaUm, halve, smear } from './optics.ts'
import { hotPixels, LIGHT_STEPS } from './sensor.ts'
import type { RedSprite } from './small-sprites.ts'
import {
  drawPlatelets,
  drawRedCells,
  drawSpecks,
  PLATELET_VARIANTS,
  RED_VARIANTS,
  SPECK_VARIANTS,
} from './small-sprites.ts'
import type { CellSprite } from './sprite-store.ts'
import { SpriteStore } from './sprite-store.ts'
import type { Stain } from './stain.ts'
import type { RenderRequest } from './world.ts'

/**
 * Pitch of the finest working grid, um. It is fixed to the slide, not to the camera, so a cell is drawn once whatever looks at it,
 * and about half the resolution limit of an oil objective, so sampling it between pixels loses nothing that could be seen.
 */
export const WORKING_PITCH_UM = 0.184
/** No nucleated cell reaches further than this from its centre, um. */
const REACH_UM = 22
/** Tables of light end here; `ABSORPTION_STEPS` to the unit. */
const ABSORPTION_TOP = 12_287
const CELL_TOP = 7 * ABSORPTION_STEPS
const RED_TOP = 8 * ABSORPTION_STEPS - 1

interface Bank {
  readonly red: readonly RedSprite[]
  readonly platelets: readonly CellSprite[]
  readonly specks: readonly CellSprite[]
}

/** Draws the fields of one slide. Holds caches; makes no difference to what comes out. */
export class FieldRenderer {
  private readonly layout: Layout
  private readonly stain: Stain
  private readonly banks = new Map<number, Bank>()
  private readonly sprites: SpriteStore
  private readonly light: readonly Uint16Array[]
  private readonly redAbsorption: readonly Uint16Array[]
  private readonly plasmaAbsorption: readonly Uint16Array[]
  private absorption = new Uint16Array(0)
  private red = new Uint16Array(0)
  private plasma = new Uint8Array(0)
  private lightA = new Uint16Array(0)
  private lightB = new Uint16Array(0)

  /** `spritePixels`: room for the cells drawn last; see `SpriteStore`. */
  constructor(layout: Layout, stain: Stain, spritePixels = 5_000_000) {
    this.sprites = new SpriteStore(spritePixels)
    this.layout = layout
    this.stain = stain
    this.light = stain.glass.map((glass) =>
      Uint16Array.from({ length: ABSORPTION_TOP + 1 }, (_, i) =>
        Math.round(glass * LIGHT_STEPS * Math.exp(-i / ABSORPTION_STEPS)),
      ),
    )
    // Cells lying on one another are squeezed thinner: absorption grows ever more slowly with their number.
    this.redAbsorption = stain.haemoglobin.map((hb) =>
      Uint16Array.from({ length: 8 * ABSORPTION_STEPS }, (_, i) =>
        Math.round(hb * 1.5 * ABSORPTION_STEPS * 1.33 * (1 - Math.exp(-i / ABSORPTION_STEPS / 1.5))),
      ),
    )
    this.plasmaAbsorption = stain.plasma.map((p) =>
      Uint16Array.from({ length: 256 }, (_, i) => Math.round((p * ABSORPTION_STEPS * i) / 128)),
    )
  }

  /**
   * Rows `top` <= row < `bottom` of the requested image into `out` (the whole image: heightPx x widthPx x 3).
   * How rows are shared out among calls never changes an image without blur; see `BANDS` in `render-pool.ts`.
   */
  render(request: RenderRequest, top: number, bottom: number, out: Uint8Array): void {
    const { pixelSizeUm, widthPx, heightPx, centre, travelUm } = request
    const level = Math.max(0, Math.floor(Math.log2(pixelSizeUm / WORKING_PITCH_UM) + 1e-9))
    const pitch = WORKING_PITCH_UM * 2 ** level
    const sigma = defocusSigmaUm(request.zUm - this.layout.map.bestFocusUm(centre)) / pitch
    const travelX = travelUm.x / pitch
    const travelY = travelUm.y / pitch
    const marginX = Math.ceil(3 * sigma + Math.abs(travelX) / 2) + 3
    const marginY = Math.ceil(3 * sigma + Math.abs(travelY) / 2) + 3
    const seen = gridPlace(request, pitch, top, bottom)
    const gridLeft = seen.left - marginX
    const gridTop = seen.top - marginY
    const gridRight = seen.right + marginX
    const gridBottom = seen.bottom + marginY
    const width = gridRight - gridLeft + 1
    const height = gridBottom - gridTop + 1
    this.reserve(width * height)
    this.paint(gridLeft, gridTop, width, height, pitch, level)
    let plane = this.transmit(width, height)
    let scratch = this.lightB
    let scale = 1
    let left = sigma
    while (left > 3) {
      plane = halve(plane, scratch)
      scratch = scratch === this.lightB ? this.lightA : this.lightB
      scale *= 2
      left /= 2
    }
    blur(plane, scratch, left)
    smear(plane, scratch, travelX / scale, travelY / scale)
    const place = { ...seen, x0: seen.x0 - gridLeft, y0: seen.y0 - gridTop }
    if (request.transform) exposeTurned(plane, request, top, bottom, out, place, scale)
    else expose(plane, request, top, bottom, out, { ...place, step: seen.xx, scale })
    for (const hot of hotPixels(widthPx, heightPx, request.effects.hotPixelShare)) {
      const row = Math.floor(hot.pixel / widthPx)
      if (row < top || row >= bottom) continue
      for (let c = 0; c < 3; c++) if (hot.channel === 3 || hot.channel === c) out[hot.pixel * 3 + c] = 255
    }
  }

  private reserve(count: number): void {
    if (this.red.length >= count) return
    this.absorption = new Uint16Array(count * 3)
    this.red = new Uint16Array(count)
    this.plasma = new Uint8Array(count)
    this.lightA = new Uint16Array(count * 3)
    this.lightB = new Uint16Array(count * 3)
  }

  private bank(level: number, pitch: number): Bank {
    let bank = this.banks.get(level)
    if (!bank) {
      bank = {
        red: drawRedCells(pitch),
        platelets: drawPlatelets(pitch, this.stain),
        specks: drawSpecks(pitch, this.stain),
      }
      this.banks.set(level, bank)
    }
    return bank
  }

  /** Everything that lies on the glass, as absorption on the working grid. */
  private paint(left: number, top: number, width: number, height: number, pitch: number, level: number): void {
    this.absorption.fill(0, 0, width * height * 3)
    this.red.fill(0, 0, width * height)
    this.paintPlasma(left, top, width, height, pitch, level)
    const bank = this.bank(level, pitch)
    const edge = [left * pitch, top * pitch, (left + width) * pitch, (top + height) * pitch] as const
    const box = [edge[0] - REACH_UM, edge[1] - REACH_UM, edge[2] + REACH_UM, edge[3] + REACH_UM] as const
    this.layout.chunksIn(...box, (cx, cy) => {
      const { values, count } = this.layout.redCells(cx, cy)
      for (let i = 0; i < count; i++) {
        const at = i * SCATTER_STRIDE
        const gx = Math.floor(values[at]! / pitch) - left
        const gy = Math.floor(values[at + 1]! / pitch) - top
        const variant = values[at + 2]!
        this.addRed(bank.red[variant % RED_VARIANTS]!, (variant >> 8) & 7, values[at + 3]!, gx, gy, width, height)
      }
    })
    this.layout.chunksIn(...box, (cx, cy) => {
      for (const drop of this.layout.fat(cx, cy))
        this.clearFat(drop.x / pitch - left, drop.y / pitch - top, drop.radiusUm / pitch, width, height)
    })
    this.layout.chunksIn(...box, (cx, cy) => {
      for (const cell of this.layout.cells(cx, cy)) {
        const reach = reachUm(cell.code, cell.radiusUm)
        if (
          cell.x + reach < edge[0] ||
          cell.y + reach < edge[1] ||
          cell.x - reach > edge[2] ||
          cell.y - reach > edge[3]
        )
          continue
        const gx = Math.floor(cell.x / pitch)
        const gy = Math.floor(cell.y / pitch)
        const key = cell.id * 16 + level
        const sprite = this.sprites.get(key, (memory) =>
          drawCell(cell.code, cell.seed, pitch, cell.x / pitch - gx, cell.y / pitch - gy, this.stain, memory),
        )
        this.layCell(sprite, gx - left, gy - top, width, height)
      }
    })
    if (level > 3) return
    this.layout.chunksIn(...box, (cx, cy) => {
      const { values, count } = this.layout.specks(cx, cy)
      for (let i = 0; i < count; i++) {
        const at = i * SCATTER_STRIDE
        const variant = values[at + 2]!
        const sprite =
          variant < 32768 ? bank.platelets[variant % PLATELET_VARIANTS]! : bank.specks[variant % SPECK_VARIANTS]!
        this.addSpeck(
          sprite,
          Math.floor(values[at]! / pitch) - left,
          Math.floor(values[at + 1]! / pitch) - top,
          width,
          height,
        )
      }
    })
  }

  /** Dried plasma: 128 is one unit of `Stain.plasma`. The smear's own slow changes are interpolated between blocks. */
  private paintPlasma(left: number, top: number, width: number, height: number, pitch: number, level: number): void {
    const { plasma, layout } = this
    const block = 64
    const mask = TEXTURE_SIZE - 1
    const firstBlock = Math.floor(left / block)
    const columns = Math.floor((left + width - 1) / block) - firstBlock + 2
    const sample = (blockY: number) =>
      Float64Array.from(
        { length: columns },
        (_, b) => 128 * layout.map.at((firstBlock + b) * block * pitch, blockY * block * pitch).plasma,
      )
    let blockY = Math.floor(top / block)
    let row0 = sample(blockY)
    let row1 = sample(blockY + 1)
    for (let y = 0; y < height; y++) {
      const gy = top + y
      if (Math.floor(gy / block) !== blockY) {
        blockY = Math.floor(gy / block)
        row0 = row1
        row1 = sample(blockY + 1)
      }
      const t = gy / block - blockY
      const texture = ((gy << level) & mask) * TEXTURE_SIZE
      for (let b = 0; b < columns - 1; b++) {
        const from = Math.max(left, (firstBlock + b) * block)
        const to = Math.min(left + width, (firstBlock + b + 1) * block)
        const start = row0[b]! * (1 - t) + row1[b]! * t
        const step = (row0[b + 1]! * (1 - t) + row1[b + 1]! * t - start) / block
        // 16.8 fixed point.
        let value = Math.round((start + step * (from - (firstBlock + b) * block)) * 256)
        const slope = Math.round(step * 256)
        for (let gx = from, o = y * width + from - left; gx < to; gx++, o++) {
          plasma[o] = (value * plasmaTexture[texture + ((gx << level) & mask)]!) >> 15
          value += slope
        }
      }
    }
  }

  /** `turn` 0-7: bit 0 mirrors x, bit 1 mirrors y, bit 2 swaps the axes. */
  private addRed(
    sprite: RedSprite,
    turn: number,
    strength: number,
    gx: number,
    gy: number,
    width: number,
    height: number,
  ): void {
    const { side, amount } = sprite
    const half = side >> 1
    const x0 = Math.max(0, gx - half)
    const x1 = Math.min(width - 1, gx + half)
    const y0 = Math.max(0, gy - half)
    const y1 = Math.min(height - 1, gy + half)
    if (x0 > x1 || y0 > y1) return
    let stepX = turn & 4 ? side : 1
    let stepY = turn & 4 ? 1 : side
    let origin = 0
    if (turn & 1) {
      origin += (side - 1) * stepX
      stepX = -stepX
    }
    if (turn & 2) {
      origin += (side - 1) * stepY
      stepY = -stepY
    }
    const gain = Math.round(strength * 256)
    const { red } = this
    for (let y = y0; y <= y1; y++) {
      let s = origin + (y - gy + half) * stepY + (x0 - gx + half) * stepX
      for (let o = y * width + x0, end = y * width + x1; o <= end; o++, s += stepX) red[o]! += (amount[s]! * gain) >> 8
    }
  }

  /** A fat cell washed out by the fixation: a round hole in everything, with a faint edge. */
  private clearFat(cx: number, cy: number, radius: number, width: number, height: number): void {
    const { red, plasma } = this
    const x0 = Math.max(0, Math.floor(cx - radius - 3))
    const x1 = Math.min(width - 1, Math.ceil(cx + radius + 3))
    const y0 = Math.max(0, Math.floor(cy - radius - 3))
    const y1 = Math.min(height - 1, Math.ceil(cy + radius + 3))
    for (let y = y0; y <= y1; y++) {
      for (let x = x0, o = y * width + x0; x <= x1; x++, o++) {
        const dx = x - cx
        const dy = y - cy
        const turn = Math.atan2(dy, dx) + radius
        const inside =
          radius * (0.94 + 0.05 * Math.sin(2 * turn) + 0.025 * Math.sin(3 * turn + radius)) - Math.hypot(dx, dy)
        if (inside < -3) continue
        const gone = Math.max(0, Math.min(1, (inside + 2) / 5))
        const rim = Math.max(0, 1 - Math.abs(inside) / 3)
        plasma[o] = Math.min(255, plasma[o]! * (1 - 0.85 * gone) + 26 * rim)
        red[o] = red[o]! * (1 - gone)
      }
    }
  }

  /** A nucleated cell hides the red cells and plasma below it; where two meet, the darker one shows. */
  private layCell(sprite: CellSprite, gx: number, gy: number, width: number, height: number): void {
    const { absorption, red, plasma } = this
    const x0 = Math.max(0, gx + sprite.left)
    const x1 = Math.min(width, gx + sprite.left + sprite.width)
    const y0 = Math.max(0, gy + sprite.top)
    const y1 = Math.min(height, gy + sprite.top + sprite.height)
    const source = sprite.absorption
    for (let y = y0; y < y1; y++) {
      let s = (y - gy - sprite.top) * sprite.width + (x0 - gx - sprite.left)
      for (let x = x0, o = y * width + x0; x < x1; x++, o++, s++) {
        const cover = sprite.cover[s]!
        if (cover > 0) {
          const keep = 256 - ((cover * 225) >> 8)
          red[o] = (red[o]! * keep) >> 8
          plasma[o] = (plasma[o]! * (256 - ((cover * 140) >> 8))) >> 8
        }
        const o3 = o * 3
        const s3 = s * 3
        const r = source[s3]!
        const g = source[s3 + 1]!
        const b = source[s3 + 2]!
        if (r > absorption[o3]!) absorption[o3] = r
        if (g > absorption[o3 + 1]!) absorption[o3 + 1] = g
        if (b > absorption[o3 + 2]!) absorption[o3 + 2] = b
      }
    }
  }

  private addSpeck(sprite: CellSprite, gx: number, gy: number, width: number, height: number): void {
    const { absorption } = this
    const x0 = Math.max(0, gx + sprite.left)
    const x1 = Math.min(width, gx + sprite.left + sprite.width)
    const y0 = Math.max(0, gy + sprite.top)
    const y1 = Math.min(height, gy + sprite.top + sprite.height)
    for (let y = y0; y < y1; y++) {
      let s = ((y - gy - sprite.top) * sprite.width + (x0 - gx - sprite.left)) * 3
      for (let o = (y * width + x0) * 3, end = (y * width + x1) * 3; o < end; o++, s++) {
        absorption[o] = Math.min(CELL_TOP, absorption[o]! + sprite.absorption[s]!)
      }
    }
  }

  /** Absorption to light, in `lightA`. */
  private transmit(width: number, height: number): LightPlane {
    const { absorption, red, plasma, lightA } = this
    const [lightRed, lightGreen, lightBlue] = this.light as [Uint16Array, Uint16Array, Uint16Array]
    const [redRed, redGreen, redBlue] = this.redAbsorption as [Uint16Array, Uint16Array, Uint16Array]
    const [plasmaRed, plasmaGreen, plasmaBlue] = this.plasmaAbsorption as [Uint16Array, Uint16Array, Uint16Array]
    const count = width * height
    for (let i = 0, k = 0; i < count; i++, k += 3) {
      const p = plasma[i]!
      let r = absorption[k]! + plasmaRed[p]!
      let g = absorption[k + 1]! + plasmaGreen[p]!
      let b = absorption[k + 2]! + plasmaBlue[p]!
      let h = red[i]!
      if (h > 0) {
        if (h > RED_TOP) h = RED_TOP
        r += redRed[h]!
        g += redGreen[h]!
        b += redBlue[h]!
      }
      // No clamp: cells keep below 7, red cells below 1.5 and plasma below 1, and the tables reach 12.
      lightA[k] = lightRed[r]!
      lightA[k + 1] = lightGreen[g]!
      lightA[k + 2] = lightBlue[b]!
    }
    return { data: lightA, width, height }
  }
}
