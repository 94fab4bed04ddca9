import type { ClassCode } from '../../../shared/taxonomy.ts'
import { CLASS_CODES } from '../../../shared/taxonomy.ts'
import { cellRadiusUm } from './cell-size.ts'
import { layClumps } from './clumps.ts'
import type { LaidCell } from './laid-cell.ts'
import { noiseAt } from './noise-texture.ts'
import { hash, Random } from './random.ts'
import type { SmearLocal, SmearMap } from './smear-map.ts'

/** Side of a chunk, um: the unit in which the slide is laid out. Larger than any two cells side by side. */
export const CHUNK_UM = 100
/** The most truth cells one chunk may hold. */
const CHUNK_CELLS = 256
/** The newest are kept: a dozen rows across the smear, more than neighbouring rows of fields show. A chunk takes some 4 KB, in each thread that draws. */
const KEPT_CHUNKS = 1000

/** Red cells, platelets and specks: too many for an object each. `stride` numbers apiece: x, y, variant, size factor. */
export interface Scatter {
  readonly values: Float32Array
  readonly count: number
}
export const SCATTER_STRIDE = 4

export interface FatVacuole {
  readonly x: number
  readonly y: number
  readonly radiusUm: number
}

interface Chunk {
  readonly fat: readonly FatVacuole[]
  readonly cells: readonly LaidCell[]
}

const RED_RADIUS_UM = 3.6
/** So many times more nucleated cells where they lie in clumps. */
const CLUMPED_DENSITY = 2.4

/**
 * Where everything lies, chunk by chunk. A chunk depends on its seed and on those neighbours whose parity (x, y odd or even) comes
 * before its own, so cells keep their distance across chunk borders and no order of asking changes the slide.
 */
export class Layout {
  readonly map: SmearMap
  private readonly seed: number
  private readonly clumped: boolean
  private readonly columns: number
  private readonly rows: number
  private readonly cumulative: Float64Array
  private readonly chunks = new Map<number, Chunk>()
  private readonly reds = new Map<number, Scatter>()

  /**
   * `shares`: of every class among the nucleated cells, summing to 1. `clumped`: nucleated cells lie in touching clumps rather than
   * mostly apart.
   */
  constructor(seed: number, shares: Readonly<Record<ClassCode, number>>, map: SmearMap, clumped = false) {
    this.seed = seed
    this.clumped = clumped
    this.map = map
    this.columns = Math.ceil(map.extent.width / CHUNK_UM)
    this.rows = Math.ceil(map.extent.height / CHUNK_UM)
    let sum = 0
    this.cumulative = Float64Array.from(CLASS_CODES, (code) => {
      sum += shares[code]
      return sum
    })
  }

  /** Calls back for every chunk that touches the box (um). */
  chunksIn(left: number, top: number, right: number, bottom: number, visit: (cx: number, cy: number) => void): void {
    const { origin } = this.map.extent
    const x0 = Math.max(0, Math.floor((left - origin.x) / CHUNK_UM))
    const x1 = Math.min(this.columns - 1, Math.floor((right - origin.x) / CHUNK_UM))
    const y0 = Math.max(0, Math.floor((top - origin.y) / CHUNK_UM))
    const y1 = Math.min(this.rows - 1, Math.floor((bottom - origin.y) / CHUNK_UM))
    for (let cy = y0; cy <= y1; cy++) for (let cx = x0; cx <= x1; cx++) visit(cx, cy)
  }

  /** Nucleated cells and cell-sized artefacts of a chunk. */
  cells(cx: number, cy: number): readonly LaidCell[] {
    return this.chunk(cx, cy).cells
  }

  fat(cx: number, cy: number): readonly FatVacuole[] {
    return this.chunk(cx, cy).fat
  }

  private chunk(cx: number, cy: number): Chunk {
    const key = cy * this.columns + cx
    let chunk = this.chunks.get(key)
    if (!chunk) {
      chunk = this.layChunk(cx, cy, key)
      keep(this.chunks, key, chunk)
    }
    return chunk
  }

  /** Neighbours whose parity comes first; a chunk may look at these only. */
  private earlier(cx: number, cy: number, visit: (nx: number, ny: number) => void): void {
    const phase = (cx & 1) + 2 * (cy & 1)
    for (let ny = cy - 1; ny <= cy + 1; ny++) {
      for (let nx = cx - 1; nx <= cx + 1; nx++) {
        if (nx < 0 || ny < 0 || nx >= this.columns || ny >= this.rows) continue
        if ((nx & 1) + 2 * (ny & 1) < phase) visit(nx, ny)
      }
    }
  }

  private layChunk(cx: number, cy: number, key: number): Chunk {
    const random = new Random(hash(this.seed, key, 0xce11))
    const left = this.map.extent.origin.x + cx * CHUNK_UM
    const top = this.map.extent.origin.y + cy * CHUNK_UM
    const local = this.map.at(left + CHUNK_UM / 2, top + CHUNK_UM / 2)
    const around: LaidCell[] = []
    const fat: FatVacuole[] = []
    const fatAround: FatVacuole[] = []
    this.earlier(cx, cy, (nx, ny) => {
      const neighbour = this.chunk(nx, ny)
      around.push(...neighbour.cells)
      fatAround.push(...neighbour.fat)
    })
    for (let i = Math.round(local.spicule * random.range(2, 7)); i > 0; i--) {
      const drop = {
        x: left + random.next() * CHUNK_UM,
        y: top + random.next() * CHUNK_UM,
        radiusUm: random.range(7, 21),
      }
      const clear = (other: FatVacuole) => distance(drop, other) > drop.radiusUm + other.radiusUm + 2
      const clearOfCells = around.every((cell) => distance(drop, cell) > drop.radiusUm + cell.radiusUm * 0.8)
      if (clearOfCells && fatAround.every(clear) && this.map.at(drop.x, drop.y).spicule > 0.3) {
        fat.push(drop)
        fatAround.push(drop)
      }
    }
    const cells: LaidCell[] = []
    const densest = this.densest(left, top, (at) => at.cellsPerUm2)
    const wanted = (this.clumped ? CLUMPED_DENSITY : 1) * densest * CHUNK_UM * CHUNK_UM
    const count = Math.min(CHUNK_CELLS, Math.max(0, Math.round(wanted + 0.8 * Math.sqrt(wanted) * random.normal())))
    const dryFrom = ({ x, y }: { readonly x: number; readonly y: number }, radiusUm: number) =>
      fatAround.every((drop) => distance({ x, y }, drop) > drop.radiusUm + radiusUm * 0.8)
    if (this.clumped) {
      const unlaid = Array.from({ length: count }, (_, i) => this.newCell(key, i, random))
      const inhabited = ({ x, y }: { readonly x: number; readonly y: number }) =>
        random.next() * densest <= this.map.at(x, y).cellsPerUm2
      return {
        fat,
        cells: layClumps(unlaid, { random, left, top, sideUm: CHUNK_UM, around, inhabited, dry: dryFrom }),
      }
    }
    const crowded = local.spicule > 0.3 || local.thickness > 0.5
    for (let i = 0; i < count; i++) {
      const cell = this.newCell(key, i, random)
      const { radiusUm } = cell
      const partner = cells.length > 0 && random.chance(0.075) ? cells[cells.length - 1] : undefined
      for (let attempt = 0; attempt < 14; attempt++) {
        let x = left + random.next() * CHUNK_UM
        let y = top + random.next() * CHUNK_UM
        if (partner && attempt < 7) {
          const direction = random.angle()
          const reach = (partner.radiusUm + radiusUm) * random.range(0.95, 1.03)
          x = partner.x + Math.cos(direction) * reach
          y = partner.y + Math.sin(direction) * reach
          if (x < left || y < top || x >= left + CHUNK_UM || y >= top + CHUNK_UM) continue
        }
        if (random.next() * densest > this.map.at(x, y).cellsPerUm2) break
        const gap = partner && attempt < 7 ? 0.935 : crowded ? 0.99 : 1.2
        const place = { x, y }
        const free = (other: LaidCell) => distance(place, other) > gap * (radiusUm + other.radiusUm)
        if (!cells.every(free) || !around.every(free) || !dryFrom(place, radiusUm)) continue
        cells.push({ ...cell, x, y })
        break
      }
    }
    return { fat, cells }
  }

  /** The `i`-th cell of a chunk, not yet anywhere. */
  private newCell(key: number, i: number, random: Random): Omit<LaidCell, 'x' | 'y'> {
    const seed = hash(this.seed, key, i, 0x5eed)
    const code = this.drawClass(random.next())
    return { id: key * CHUNK_CELLS + i, code, seed, radiusUm: cellRadiusUm(code, seed) }
  }

  /** The greatest density at a chunk's corners and middle: what is laid out before being thinned to the density at each place. */
  private densest(left: number, top: number, of: (at: SmearLocal) => number): number {
    let most = of(this.map.at(left + CHUNK_UM / 2, top + CHUNK_UM / 2))
    for (const x of [left, left + CHUNK_UM])
      for (const y of [top, top + CHUNK_UM]) most = Math.max(most, of(this.map.at(x, y)))
    return most
  }

  private drawClass(share: number): ClassCode {
    let i = 0
    while (i < this.cumulative.length - 1 && share >= this.cumulative[i]!) i++
    return CLASS_CODES[i]!
  }

  /** Red cells: mostly side by side where the smear is thin, in rolls where it is thick, pushed aside by nucleated cells. */
  redCells(cx: number, cy: number): Scatter {
    const key = cy * this.columns + cx
    let scatter = this.reds.get(key)
    if (!scatter) {
      scatter = this.layRedCells(cx, cy, key)
      keep(this.reds, key, scatter)
    }
    return scatter
  }

  private layRedCells(cx: number, cy: number, key: number): Scatter {
    const random = new Random(hash(this.seed, key, 0x4ed))
    const left = this.map.extent.origin.x + cx * CHUNK_UM
    const top = this.map.extent.origin.y + cy * CHUNK_UM
    const local = this.map.at(left + CHUNK_UM / 2, top + CHUNK_UM / 2)
    const grid = new NeighbourGrid(left, top)
    this.earlier(cx, cy, (nx, ny) => {
      const other = this.redCells(nx, ny)
      for (let i = 0; i < other.count; i++) {
        grid.add(other.values[i * SCATTER_STRIDE]!, other.values[i * SCATTER_STRIDE + 1]!)
      }
    })
    const obstacles: { x: number; y: number; radiusUm: number }[] = []
    for (let ny = cy - 1; ny <= cy + 1; ny++) {
      for (let nx = cx - 1; nx <= cx + 1; nx++) {
        if (nx < 0 || ny < 0 || nx >= this.columns || ny >= this.rows) continue
        for (const o of [...this.cells(nx, ny), ...this.fat(nx, ny)]) {
          const reach = o.radiusUm + RED_RADIUS_UM
          if (o.x > left - reach && o.y > top - reach && o.x < left + CHUNK_UM + reach && o.y < top + CHUNK_UM + reach)
            obstacles.push(o)
        }
      }
    }
    const densest = this.densest(left, top, (at) => at.redCellsPerUm2)
    const even = densest < 1.25 * local.redCellsPerUm2
    const wanted = Math.round(densest * CHUNK_UM * CHUNK_UM * random.range(0.85, 1.15))
    const values = new Float32Array(Math.max(1, wanted) * SCATTER_STRIDE)
    const shift = this.seed % 613
    let count = 0
    let skipped = 0
    let roll = 0
    let rollAngle = 0
    let lastX = 0
    let lastY = 0
    for (let attempt = 0; attempt < wanted * 7 && count + skipped < wanted; attempt++) {
      let x = left + random.next() * CHUNK_UM
      let y = top + random.next() * CHUNK_UM
      let apart = random.chance(0.8 - 0.7 * local.thickness) ? 6.7 : 5.2 - 2.6 * local.thickness
      if (roll > 0) {
        rollAngle += random.range(-0.25, 0.25)
        const step = random.range(2.2, 4.4)
        x = lastX + Math.cos(rollAngle) * step
        y = lastY + Math.sin(rollAngle) * step
        roll--
        apart = 1.6
        if (x < left || y < top || x >= left + CHUNK_UM || y >= top + CHUNK_UM) continue
      } else {
        // Red cells gather: most lie in the patches between which the glass is bare.
        if (noiseAt(x / 38 + shift, y / 38) < random.range(-1.9, 0.9) - 0.9 * local.thickness) continue
        if (random.chance(0.05 + 0.25 * local.thickness)) {
          roll = 2 + random.int(3 + 5 * local.thickness)
          rollAngle = random.angle()
        }
      }
      if (grid.near(x, y, apart)) continue
      if (!even && random.next() * densest > this.map.at(x, y).redCellsPerUm2) {
        skipped++
        continue
      }
      const blocked = obstacles.some((o) => {
        const dx = o.x - x
        const dy = o.y - y
        const reach = o.radiusUm + RED_RADIUS_UM * 0.72
        return dx * dx + dy * dy < reach * reach
      })
      if (blocked) continue
      grid.add(x, y)
      lastX = x
      lastY = y
      values[count * SCATTER_STRIDE] = x
      values[count * SCATTER_STRIDE + 1] = y
      values[count * SCATTER_STRIDE + 2] = random.int(65536)
      values[count * SCATTER_STRIDE + 3] = random.about(1, 0.1)
      count++
    }
    return { values, count }
  }

  /** Platelets (variants below 32768, singly or in small clumps) and specks of stain and dust (from 32768). */
  specks(cx: number, cy: number): Scatter {
    const key = cy * this.columns + cx
    const random = new Random(hash(this.seed, key, 0x9c))
    const left = this.map.extent.origin.x + cx * CHUNK_UM
    const top = this.map.extent.origin.y + cy * CHUNK_UM
    const local = this.map.at(left + CHUNK_UM / 2, top + CHUNK_UM / 2)
    const lively = Math.min(1, local.redCellsPerUm2 * 150)
    const platelets = Math.round(lively * random.range(0, 7))
    const dust = Math.round(random.range(0, 5) + local.spicule * 40 + lively * random.range(0, 26))
    const points: number[] = []
    for (let i = 0; i < platelets; i++) {
      const x = left + random.next() * CHUNK_UM
      const y = top + random.next() * CHUNK_UM
      const clump = random.chance(0.12) ? 3 + random.int(6) : 1
      for (let k = 0; k < clump; k++) {
        const spread = clump > 1 ? 2.4 : 0
        points.push(x + spread * random.normal(), y + spread * random.normal(), random.int(32768), random.about(1, 0.2))
      }
    }
    for (let i = 0; i < dust; i++) {
      const x = left + random.next() * CHUNK_UM
      const y = top + random.next() * CHUNK_UM
      points.push(x, y, 32768 + random.int(32768), random.about(1, 0.3))
    }
    return { values: Float32Array.from(points), count: points.length / SCATTER_STRIDE }
  }
}

function distance(
  a: { readonly x: number; readonly y: number },
  b: { readonly x: number; readonly y: number },
): number {
  const dx = a.x - b.x
  const dy = a.y - b.y
  return Math.sqrt(dx * dx + dy * dy)
}

function keep<T>(store: Map<number, T>, key: number, value: T): void {
  store.set(key, value)
  if (store.size > KEPT_CHUNKS) store.delete(store.keys().next().value!)
}

/** Points of one chunk and its surroundings, in buckets of `BUCKET_UM`, for "is anything nearer than". */
class NeighbourGrid {
  private static readonly BUCKET_UM = 7
  private static readonly SIDE = Math.ceil((CHUNK_UM + 28) / 7)
  private readonly left: number
  private readonly top: number
  private readonly buckets: (number[] | undefined)[] = []

  constructor(left: number, top: number) {
    this.left = left - 14
    this.top = top - 14
  }

  add(x: number, y: number): void {
    const bx = Math.floor((x - this.left) / NeighbourGrid.BUCKET_UM)
    const by = Math.floor((y - this.top) / NeighbourGrid.BUCKET_UM)
    if (bx < 0 || by < 0 || bx >= NeighbourGrid.SIDE || by >= NeighbourGrid.SIDE) return
    const index = by * NeighbourGrid.SIDE + bx
    const bucket = this.buckets[index]
    if (bucket) bucket.push(x, y)
    else this.buckets[index] = [x, y]
  }

  /** `reach` at most one bucket. */
  near(x: number, y: number, reach: number): boolean {
    const bx = Math.floor((x - this.left) / NeighbourGrid.BUCKET_UM)
    const by = Math.floor((y - this.top) / NeighbourGrid.BUCKET_UM)
    for (let ny = Math.max(0, by - 1); ny <= Math.min(NeighbourGrid.SIDE - 1, by + 1); ny++) {
      for (let nx = Math.max(0, bx - 1); nx <= Math.min(NeighbourGrid.SIDE - 1, bx + 1); nx++) {
        const bucket = this.buckets[ny * NeighbourGrid.SIDE + nx]
        if (!bucket) continue
        for (let i = 0; i < bucket.length; i += 2) {
          const dx = bucket[i]! - x
          const dy = bucket[i + 1]! - y
          if (dx * dx + dy * dy < reach * reach) return true
        }
      }
    }
    return false
  }
}
