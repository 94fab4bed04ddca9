/** Light on the working grid: height x width x 3, fixed point. Blurs work in place and use a scratch plane of the same size. */
export interface LightPlane {
  data: Uint16Array
  width: number
  height: number
}

/** The objective resolves nothing better within this much of focus, um. */
const DEPTH_OF_FIELD_UM = 0.4
/** Standard deviation of the blur per um beyond the depth of field (oil objective with the condenser half closed). */
const BLUR_PER_UM = 0.42
const LARGEST_BLUR_UM = 9

/** Standard deviation of the defocus blur, um, at a distance from best focus: 0 within the depth of field, then growing steadily. */
export function defocusSigmaUm(distanceUm: number): number {
  const beyond = Math.abs(distanceUm) - DEPTH_OF_FIELD_UM
  // A soft corner, so that focus curves are smooth where a motor looks for their top.
  const soft = beyond > 0.4 ? beyond : beyond > -0.4 ? (beyond + 0.4) ** 2 / 1.6 : 0
  return Math.min(LARGEST_BLUR_UM, BLUR_PER_UM * soft)
}

/**
 * Blur by two boxes one after the other in each direction, together of standard deviation `sigma` pixels.
 * A box of (fractional) half width w has variance w(w+1)/3 pixels squared.
 */
export function blur(plane: LightPlane, scratch: Uint16Array, sigma: number): void {
  if (sigma < 0.15) return
  const half = (-1 + Math.sqrt(1 + 6 * sigma * sigma)) / 2
  blurRows(plane.data, scratch, plane.width, plane.height, half)
  blurRows(scratch, plane.data, plane.width, plane.height, half)
  blurColumns(plane.data, scratch, plane.width, plane.height, half)
  blurColumns(scratch, plane.data, plane.width, plane.height, half)
}

function blurRows(from: Uint16Array, to: Uint16Array, width: number, height: number, half: number): void {
  const whole = Math.floor(half)
  const part = Math.round((half - whole) * 256)
  const gain = 1 / (256 * (2 * whole + 1) + 2 * part)
  for (let y = 0; y < height; y++) {
    const row = y * width * 3
    for (let c = 0; c < 3; c++) {
      const start = row + c
      const last = start + (width - 1) * 3
      let sum = 0
      for (let k = -whole; k <= whole; k++) sum += from[Math.max(start, Math.min(last, start + 3 * k))]!
      for (let x = 0, i = start; x < width; x++, i += 3) {
        let a = i - 3 * (whole + 1)
        let b = i + 3 * (whole + 1)
        if (a < start) a = start
        if (b > last) b = last
        to[i] = (sum * 256 + part * (from[a]! + from[b]!)) * gain + 0.5
        let out = i - 3 * whole
        if (out < start) out = start
        sum += from[b]! - from[out]!
      }
    }
  }
}

function blurColumns(from: Uint16Array, to: Uint16Array, width: number, height: number, half: number): void {
  const whole = Math.floor(half)
  const part = Math.round((half - whole) * 256)
  const gain = 1 / (256 * (2 * whole + 1) + 2 * part)
  const stride = width * 3
  const sums = new Float64Array(stride)
  const row = (y: number) => Math.max(0, Math.min(height - 1, y)) * stride
  for (let k = -whole; k <= whole; k++) {
    const r = row(k)
    for (let x = 0; x < stride; x++) sums[x]! += from[r + x]!
  }
  for (let y = 0; y < height; y++) {
    const above = row(y - whole - 1)
    const below = row(y + whole + 1)
    const out = row(y - whole)
    const here = y * stride
    for (let x = 0; x < stride; x++) {
      const entering = from[below + x]!
      const sum = sums[x]!
      to[here + x] = (sum * 256 + part * (from[above + x]! + entering)) * gain + 0.5
      sums[x] = sum + entering - from[out + x]!
    }
  }
}

/**
 * Smear along (dx, dy) pixels: the mean over a straight path. Doubling: a copy half the path away, then a quarter, then an eighth...
 * Returns which of the two buffers holds the result.
 */
export function smear(plane: LightPlane, scratch: Uint16Array, dx: number, dy: number): void {
  let from = plane.data
  let to = scratch
  let shiftX = dx / 2
  let shiftY = dy / 2
  let passes = 0
  while (Math.max(Math.abs(shiftX), Math.abs(shiftY)) >= 0.5 && passes < 12) {
    shiftMean(from, to, plane.width, plane.height, shiftX, shiftY)
    const swap = from
    from = to
    to = swap
    shiftX /= 2
    shiftY /= 2
    passes++
  }
  if (from !== plane.data) plane.data.set(from.subarray(0, plane.width * plane.height * 3))
}

/** Mean of the image moved by half the shift one way and half the other. */
function shiftMean(
  from: Uint16Array,
  to: Uint16Array,
  width: number,
  height: number,
  shiftX: number,
  shiftY: number,
): void {
  const ax = Math.round(shiftX / 2)
  const ay = Math.round(shiftY / 2)
  const bx = Math.round(shiftX) - ax
  const by = Math.round(shiftY) - ay
  for (let y = 0; y < height; y++) {
    const ra = Math.max(0, Math.min(height - 1, y + ay)) * width
    const rb = Math.max(0, Math.min(height - 1, y - by)) * width
    for (let x = 0, o = y * width * 3; x < width; x++, o += 3) {
      let xa = x + ax
      let xb = x - bx
      xa = xa < 0 ? 0 : xa >= width ? width - 1 : xa
      xb = xb < 0 ? 0 : xb >= width ? width - 1 : xb
      const a = (ra + xa) * 3
      const b = (rb + xb) * 3
      to[o] = (from[a]! + from[b]!) >> 1
      to[o + 1] = (from[a + 1]! + from[b + 1]!) >> 1
      to[o + 2] = (from[a + 2]! + from[b + 2]!) >> 1
    }
  }
}

/** Halves a plane by taking the mean of 2 x 2; odd edges are dropped. */
export function halve(plane: LightPlane, target: Uint16Array): LightPlane {
  const width = plane.width >> 1
  const height = plane.height >> 1
  const stride = plane.width * 3
  const { data } = plane
  for (let y = 0, o = 0; y < height; y++) {
    for (let x = 0, i = 2 * y * stride; x < width; x++, i += 6, o += 3) {
      for (let c = 0; c < 3; c++) {
        const k = i + c
        target[o + c] = (data[k]! + data[k + 3]! + data[k + stride]! + data[k + stride + 3]! + 2) >> 2
      }
    }
  }
  return { data: target, width, height }
}
