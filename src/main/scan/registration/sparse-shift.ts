import { PlaneTransform } from '../../microscope/calibration/fft.ts'
import type { GreyPlane } from '../../microscope/calibration/grey-plane.ts'
import { type Likeness, likeness, type Offset } from './likeness.ts'

/** The search goes in steps of so many pixels of the planes, then over single ones round the best. */
const STEP = 2
const AROUND = [
  [1, 0],
  [-1, 0],
  [0, 1],
  [0, -1],
  [1, 1],
  [-1, -1],
  [1, -1],
  [-1, 1],
] as const
/** Tops nearer than this are one, micrometres. */
const APART_UM = 1.1
/** So many of the tops after the highest are looked at: which of them is the highest, the coarse steps may not tell. */
const ASKED = 4
/** Where coarse planes are no more alike than this anywhere, finer ones, which have more noise, are not either. */
const HOPELESS = 0.2

/** The shift at which two planes are most alike. */
export interface SparseShift extends Peak {
  /** Likeness at the next best top that is not near it, 0 where there is none. */
  readonly next: number
  /**
   * So much detail each of the two shows wherever within reach the other is moved to: root mean square of what they then share, the less of
   * the two, at the shift at which it is least; grey levels. 0: at some shift they share nothing.
   */
  readonly leastDetail: number
}

/**
 * The shift at which two planes of details are most alike, by plain correlation: for overlaps in which little lies. null: there is no overlap
 * within reach.
 * @param reach how far from `guess` is looked along each axis, pixels of the planes. @param pixelUm side of one of these.
 */
export function sparseShift(
  from: GreyPlane,
  to: GreyPlane,
  guess: Offset,
  reach: number,
  pixelUm: number,
): SparseShift | null {
  const middle = { x: Math.round(guess.x / STEP), y: Math.round(guess.y / STEP) }
  const coarse = correlation(halved(from), halved(to), middle, Math.ceil(reach / STEP))
  const { leastDetail } = coarse
  const [first, ...others] = tops(coarse)
  if (first === undefined) return null
  const climbed = ({ by }: Top) => climb(from, to, { x: STEP * by.x, y: STEP * by.y })
  if (first.value < HOPELESS)
    return { by: { x: STEP * first.by.x, y: STEP * first.by.y }, score: first.value, pixels: 0, next: 0, leastDetail }
  let best = climbed(first)
  const apartPx = APART_UM / pixelUm
  // Along an edge, two planes are as much alike wherever they are moved to.
  const slope = highestBeyond(coarse, first.by, apartPx / STEP)
  let next = slope === null ? 0 : likeness(from, to, { x: STEP * slope.x, y: STEP * slope.y }).score
  for (const other of others.slice(0, ASKED)) {
    const top = climbed(other)
    // Up the same hill.
    if (Math.hypot(top.by.x - best.by.x, top.by.y - best.by.y) < apartPx) continue
    // The coarse order of two that are close may be wrong.
    next = Math.max(next, Math.min(top.score, best.score))
    if (top.score > best.score) best = top
  }
  return { ...best, next, leastDetail }
}

interface Peak extends Likeness {
  readonly by: Offset
}

/** Of the coarse correlation. */
interface Top {
  readonly by: Offset
  readonly value: number
}

/** Likeness at every shift within reach, row by row. */
interface Correlation {
  /** Shifts in a row. */
  readonly across: number
  readonly shifts: readonly Offset[]
  readonly values: Float64Array
  /** See `SparseShift`. */
  readonly leastDetail: number
}

/** Means of 2 x 2. */
function halved({ values, widthPx, heightPx, binned }: GreyPlane): GreyPlane {
  const width = Math.floor(widthPx / STEP)
  const height = Math.floor(heightPx / STEP)
  const out = new Float32Array(width * height)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = STEP * y * widthPx + STEP * x
      out[y * width + x] = (values[at]! + values[at + 1]! + values[at + widthPx]! + values[at + widthPx + 1]!) / 4
    }
  }
  return { values: out, widthPx: width, heightPx: height, binned: binned * STEP }
}

const powerOfTwo = (length: number): number => 2 ** Math.ceil(Math.log2(length))

/** Sums of products at every shift within reach, each over the root of what both have there: as `likeness`, all at once. */
function correlation(from: GreyPlane, to: GreyPlane, middle: Offset, reach: number): Correlation {
  const width = powerOfTwo(Math.max(from.widthPx, to.widthPx) + 1 + reach + Math.abs(middle.x))
  const height = powerOfTwo(Math.max(from.heightPx, to.heightPx) + 1 + reach + Math.abs(middle.y))
  const transform = new PlaneTransform(width, height)
  const re = new Float64Array(width * height)
  const im = new Float64Array(width * height)
  const fill = (plane: Float64Array, { values, widthPx, heightPx }: GreyPlane) => {
    for (let y = 0; y < heightPx; y++) for (let x = 0; x < widthPx; x++) plane[y * width + x] = values[y * widthPx + x]!
  }
  fill(re, from)
  fill(im, to)
  transform.forward(re, im)
  const crossRe = new Float64Array(width * height)
  const crossIm = new Float64Array(width * height)
  for (let y = 0; y < height; y++) {
    const otherY = (height - y) % height
    for (let x = 0; x < width; x++) {
      const k = y * width + x
      const o = otherY * width + ((width - x) % width)
      const aRe = (re[k]! + re[o]!) / 2
      const aIm = (im[k]! - im[o]!) / 2
      const bRe = (im[k]! + im[o]!) / 2
      const bIm = (re[o]! - re[k]!) / 2
      crossRe[k] = aRe * bRe + aIm * bIm
      crossIm[k] = aRe * bIm - aIm * bRe
    }
  }
  transform.backward(crossRe, crossIm)
  const scale = 1 / (width * height)
  const fromPower = powers(from)
  const toPower = powers(to)
  const shifts: Offset[] = []
  for (let y = middle.y - reach; y <= middle.y + reach; y++) {
    for (let x = middle.x - reach; x <= middle.x + reach; x++) shifts.push({ x, y })
  }
  let leastDetail = Number.POSITIVE_INFINITY
  const value = (by: Offset): number => {
    const left = Math.max(0, -by.x)
    const top = Math.max(0, -by.y)
    const right = Math.min(from.widthPx, to.widthPx - by.x)
    const bottom = Math.min(from.heightPx, to.heightPx - by.y)
    const area = Math.max(0, right - left) * Math.max(0, bottom - top)
    const one = area && fromPower(left, top, right, bottom)
    const other = area && toPower(left + by.x, top + by.y, right + by.x, bottom + by.y)
    leastDetail = Math.min(leastDetail, area && Math.sqrt(Math.max(0, Math.min(one, other)) / area))
    const power = one * other
    const at = ((by.y + height) % height) * width + ((by.x + width) % width)
    return power <= 0 ? 0 : (scale * crossRe[at]!) / Math.sqrt(power)
  }
  const values = Float64Array.from(shifts, value)
  return { across: 2 * reach + 1, shifts, values, leastDetail }
}

/** Sums of squares over any rectangle. */
function powers({ values, widthPx, heightPx }: GreyPlane) {
  const sums = new Float64Array((widthPx + 1) * (heightPx + 1))
  for (let y = 0; y < heightPx; y++) {
    let row = 0
    for (let x = 0; x < widthPx; x++) {
      row += values[y * widthPx + x]! ** 2
      sums[(y + 1) * (widthPx + 1) + x + 1] = sums[y * (widthPx + 1) + x + 1]! + row
    }
  }
  const at = (x: number, y: number) => sums[y * (widthPx + 1) + x]!
  return (left: number, top: number, right: number, bottom: number) =>
    at(right, bottom) - at(left, bottom) - at(right, top) + at(left, top)
}

/** Shifts at which planes are more alike than at any beside them, the most alike first. */
function tops({ across, shifts, values }: Correlation): Top[] {
  const found: number[] = []
  for (let i = 0; i < values.length; i++) {
    const here = values[i]!
    const column = i % across
    const isTop = AROUND.every(([dx, dy]) => {
      if (column + dx < 0 || column + dx >= across) return true
      const beside = values[i + dy * across + dx]
      return beside === undefined || beside < here || (beside === here && dy * across + dx > 0)
    })
    if (isTop) found.push(i)
  }
  return found.map((i) => ({ by: shifts[i]!, value: values[i]! })).sort((a, b) => b.value - a.value)
}

/** The shift farther from another than this, steps, at which they are most alike; null: there is none in reach. */
function highestBeyond({ shifts, values }: Correlation, from: Offset, apart: number): Offset | null {
  let best: number | null = null
  for (const [i, { x, y }] of shifts.entries()) {
    if (Math.hypot(x - from.x, y - from.y) > apart && (best === null || values[i]! > values[best]!)) best = i
  }
  return best === null ? null : shifts[best]!
}

/** The top near a shift, and its part of a pixel by a parabola through its neighbours. */
function climb(from: GreyPlane, to: GreyPlane, start: Offset): Peak {
  let at = start
  let top = likeness(from, to, at)
  for (let step = 0; step < 2 * STEP; step++) {
    const here = at
    for (const [dx, dy] of AROUND) {
      const by = { x: here.x + dx, y: here.y + dy }
      const value = likeness(from, to, by)
      if (value.score <= top.score) continue
      top = value
      at = by
    }
    if (at === here) break
  }
  const score = (dx: number, dy: number) => likeness(from, to, { x: at.x + dx, y: at.y + dy }).score
  const x = at.x + vertex(score(-1, 0), top.score, score(1, 0))
  const y = at.y + vertex(score(0, -1), top.score, score(0, 1))
  return { ...top, by: { x, y } }
}

/** Where between -0.5 and 0.5 a parabola through three values has its top. */
function vertex(low: number, top: number, high: number): number {
  const bend = low - 2 * top + high
  return bend < 0 ? Math.max(-0.5, Math.min(0.5, (low - high) / (2 * bend))) : 0
}
