import { UMAP } from 'umap-js'
import { type Nearest, nearestAmong, nearestOf } from './nearest.ts'
import { principalPlane } from './principal-plane.ts'

/** With fewer cells there are no neighbourhoods to speak of. */
export const LEAST_CELLS = 20
/** As many cells are laid out together; more are placed among them. Five seconds on one slow core. */
export const MOST_LAID_OUT = 5000
const NEIGHBOURS = 15
/** Wider than UMAP's usual and with less pushing: apart enough for a lasso, and little empty ground between the groups. */
const APART = { minDist: 0.8, spread: 1.5, repulsionStrength: 0.4 }
/** Width of the plane the layout starts from; UMAP's usual start has this size too. */
const START_SPREAD = 5

/** Seconds on a slow core: for a pair of vectors compared, and for a cell laid out. Their ratio is what progress is told by. */
const PAIR_S = 1.15e-7
const CELL_S = 1.3e-3

/** How much of the work is done, 0-1. */
export type OnProgress = (share: number) => void

export interface LayoutOptions {
  readonly seed: number
  readonly mostLaidOut?: number
}

/** Places of cells on a map, each from -1 to 1, the wider way filled. */
export interface CellLayout {
  readonly x: Float32Array
  readonly y: Float32Array
  /** Cells the layout was made from; the others were placed among their nearest of these. */
  readonly laidOut: number
}

/**
 * A map of vectors, by UMAP (McInnes, Healy, Melville 2018, arXiv 1802.03426): those that are alike come to lie together. The same
 * vectors and seed give the same map. Of more than `mostLaidOut` vectors a sample of so many is laid out, and the others are placed among it.
 *
 * @param vectors count x size; at least `LEAST_CELLS` of them.
 */
export function layOut(
  vectors: Float32Array,
  count: number,
  size: number,
  { seed, mostLaidOut = MOST_LAID_OUT }: LayoutOptions,
  onProgress: OnProgress,
): CellLayout {
  const random = seeded(seed)
  const order = Array.from({ length: count }, (_, i) => i)
  if (count > mostLaidOut) shuffle(order, random)
  const sample = order.slice(0, mostLaidOut).sort((a, b) => a - b)
  const rest = order.slice(mostLaidOut).sort((a, b) => a - b)
  const sampled = gather(vectors, size, sample)
  const work = [(sample.length ** 2 / 2) * PAIR_S, sample.length * CELL_S, rest.length * sample.length * PAIR_S]
  const [neighbours, layout, placing] = stepsOf(work, onProgress)
  const places = layOutAll(sampled, sample.length, size, random, neighbours, layout)
  const x = new Float32Array(count)
  const y = new Float32Array(count)
  for (const [row, cell] of sample.entries()) {
    x[cell] = places[row][0]
    y[cell] = places[row][1]
  }
  if (rest.length > 0) {
    const asked = gather(vectors, size, rest)
    const k = Math.min(NEIGHBOURS, sample.length)
    const near = nearestOf(asked, rest.length, sampled, sample.length, size, k, (done) => placing(done / rest.length))
    for (const [row, cell] of rest.entries()) [x[cell], y[cell]] = among(places, near, row)
  }
  fill(x, y)
  return { x, y, laidOut: sample.length }
}

function layOutAll(
  vectors: Float32Array,
  count: number,
  size: number,
  random: () => number,
  onNeighbours: OnProgress,
  onLayout: OnProgress,
): readonly (readonly number[])[] {
  // The later a row, the fewer others are left to compare it with.
  const near = nearestAmong(vectors, count, size, Math.min(NEIGHBOURS, count - 1), (done) =>
    onNeighbours(1 - (1 - done / count) ** 2),
  )
  const umap = new UMAP({ nNeighbors: near.k, ...APART, random })
  const rows = Array.from({ length: count }, (_, row) => row * near.k)
  umap.setPrecomputedKNN(
    rows.map((start) => Array.from(near.index.subarray(start, start + near.k))),
    rows.map((start) => Array.from(near.squared.subarray(start, start + near.k), Math.sqrt)),
  )
  // The neighbours are known: of the vectors themselves only their number is asked for.
  const epochs = umap.initializeFit(rows.map(() => []))
  // From the principal plane instead of at random: what lies far apart stays so, and classes keep together.
  const places = umap.getEmbedding()
  const plane = principalPlane(vectors, count, size)
  for (const [row, place] of places.entries()) {
    // A little noise, as equal vectors would never be pulled apart.
    for (let axis = 0; axis < 2; axis++) place[axis] = START_SPREAD * plane[row * 2 + axis] + 0.01 * (random() - 0.5)
  }
  for (let epoch = 1; epoch <= epochs; epoch++) {
    umap.step()
    onLayout(epoch / epochs)
  }
  return umap.getEmbedding()
}

/** For each of some pieces of work one after the other, of known sizes, what tells how much of it is done. */
function stepsOf(work: readonly number[], onProgress: OnProgress): readonly OnProgress[] {
  const total = work.reduce((sum, size) => sum + size, 0)
  return work.map((size, i) => {
    const before = work.slice(0, i).reduce((sum, each) => sum + each, 0)
    return (share) => onProgress((before + share * size) / total)
  })
}

/** The mean place of the nearest, the nearer the heavier: where UMAP's own transform begins. */
function among(places: readonly (readonly number[])[], { k, index, squared }: Nearest, row: number): [number, number] {
  const start = row * k
  const nearest = Math.sqrt(squared[start])
  let scale = 0
  for (let i = start; i < start + k; i++) scale += (Math.sqrt(squared[i]) - nearest) / k
  let [x, y, total] = [0, 0, 0]
  for (let i = start; i < start + k; i++) {
    const weight = scale > 0 ? Math.exp(-(Math.sqrt(squared[i]) - nearest) / scale) : 1
    x += weight * places[index[i]][0]
    y += weight * places[index[i]][1]
    total += weight
  }
  return [x / total, y / total]
}

/** Moves and scales places so that the wider way runs from -1 to 1, and the other is in its middle; in place. */
function fill(x: Float32Array, y: Float32Array): void {
  const [left, right] = extent(x)
  const [top, bottom] = extent(y)
  const half = Math.max(right - left, bottom - top) / 2 || 1
  for (let i = 0; i < x.length; i++) {
    x[i] = (x[i] - (left + right) / 2) / half
    y[i] = (y[i] - (top + bottom) / 2) / half
  }
}

function extent(values: Float32Array): readonly [number, number] {
  let low = Number.POSITIVE_INFINITY
  let high = Number.NEGATIVE_INFINITY
  for (const value of values) {
    if (value < low) low = value
    if (value > high) high = value
  }
  return [low, high]
}

function gather(vectors: Float32Array, size: number, rows: readonly number[]): Float32Array {
  const gathered = new Float32Array(rows.length * size)
  for (const [to, from] of rows.entries()) gathered.set(vectors.subarray(from * size, (from + 1) * size), to * size)
  return gathered
}

function shuffle(order: number[], random: () => number): void {
  for (let i = order.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1))
    ;[order[i], order[j]] = [order[j], order[i]]
  }
}

/** 0 <= value < 1, a sequence fixed by its seed (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}
