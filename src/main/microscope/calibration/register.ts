import type { RgbImage } from '../../../shared/image.ts'
import { PlaneTransform } from './fft.ts'
import { type GreyPlane, greyPlane } from './grey-plane.ts'

/** How far what is seen has moved from one image to another, image pixels, x to the right and y down. */
export interface Shift {
  readonly xPx: number
  readonly yPx: number
  /** Height of the correlation's peak over what chance makes in a window of that size; 0: too little in common to compare. */
  readonly certainty: number
}

/** Images of one place are more certain, images that have nothing in common less (up to 10, tried on simulated smears and spots). */
export const LEAST_CERTAINTY = 12

/** Finer detail than this share of a cycle a pixel counts ever less: it is noise mostly. */
const DETAIL = 0.08
/** Larger windows tell no better, only later. */
const LARGEST_WINDOW = 512
const SMALLEST_WINDOW = 32
/** Images wider than this are binned: what a microscope resolves is then still there. */
const WIDEST = 1400

/** An image made ready for registration; worth keeping where it is compared with several. */
export function registrable(image: RgbImage): GreyPlane {
  return greyPlane(image, Math.max(1, Math.round(image.widthPx / WIDEST)))
}

/**
 * Phase correlation (Kuglin and Hines 1975) with a Gaussian weight on low frequencies, so that the peak is a bell whose vertex a
 * parabola through the logarithms finds to some hundredths of a pixel. The windows that are compared are moved by what is known of
 * the shift beforehand, so that both show the same part of the slide: neither an uneven lamp nor the windows' rims draw the peak
 * towards zero, and shifts up to half the image can be told.
 *
 * @param expected in image pixels; left out: the images show the same place within a quarter of the window.
 */
export function register(
  from: GreyPlane,
  to: GreyPlane,
  expected?: { readonly xPx: number; readonly yPx: number },
): Shift {
  const { binned } = from
  let guess = { x: (expected?.xPx ?? 0) / binned, y: (expected?.yPx ?? 0) / binned }
  let shift = { x: 0, y: 0, certainty: 0 }
  for (let round = 0; round < 3; round++) {
    const at = { x: Math.round(guess.x), y: Math.round(guess.y) }
    const window = windowFor(from, to, at)
    if (!window) return { xPx: guess.x * binned, yPx: guess.y * binned, certainty: 0 }
    const { size } = window
    const tools = toolsFor(size)
    cut(from, window.from, size, tools.from)
    cut(to, window.to, size, tools.to)
    const rest = correlate(tools, size)
    shift = { x: at.x + rest.x, y: at.y + rest.y, certainty: rest.certainty }
    if (Math.round(shift.x) === at.x && Math.round(shift.y) === at.y) break
    guess = shift
  }
  return { xPx: shift.x * binned, yPx: shift.y * binned, certainty: shift.certainty }
}

interface Corner {
  readonly x: number
  readonly y: number
}

interface Size {
  readonly width: number
  readonly height: number
}

/** The largest window that lies in both images when it is moved along, in the middle of what they share; null: they share too little. */
function windowFor(from: GreyPlane, to: GreyPlane, by: Corner) {
  const left = Math.max(0, -by.x)
  const top = Math.max(0, -by.y)
  const shared = {
    width: Math.min(from.widthPx, to.widthPx - by.x) - left,
    height: Math.min(from.heightPx, to.heightPx - by.y) - top,
  }
  const side = (px: number) => Math.min(LARGEST_WINDOW, 2 ** Math.floor(Math.log2(Math.max(1, px))))
  const size = { width: side(shared.width), height: side(shared.height) }
  if (Math.min(size.width, size.height) < SMALLEST_WINDOW) return null
  const at = {
    x: left + Math.floor((shared.width - size.width) / 2),
    y: top + Math.floor((shared.height - size.height) / 2),
  }
  return { size, from: at, to: { x: at.x + by.x, y: at.y + by.y } }
}

const fades = new Map<number, Float64Array>()

/** Hann's window: fading out towards both ends. */
function fade(length: number): Float64Array {
  let values = fades.get(length)
  if (!values) {
    values = Float64Array.from({ length }, (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * (i + 0.5)) / length))
    fades.set(length, values)
  }
  return values
}

/** Fills `part` with a part of a plane, its mean taken off, fading out towards its rim. */
function cut({ values, widthPx }: GreyPlane, { x, y }: Corner, { width, height }: Size, part: Float64Array): void {
  let sum = 0
  for (let j = 0; j < height; j++) {
    for (let i = 0; i < width; i++) {
      const value = values[(y + j) * widthPx + x + i]!
      part[j * width + i] = value
      sum += value
    }
  }
  const mean = sum / part.length
  const [across, down] = [fade(width), fade(height)]
  for (let j = 0; j < height; j++) {
    for (let i = 0; i < width; i++) part[j * width + i] = (part[j * width + i]! - mean) * across[i]! * down[j]!
  }
}

/** What windows of one size are compared with. Planes are made once a size: made anew for each pair, collecting them took a fifth of a scan's registration. */
interface Tools {
  readonly transform: PlaneTransform
  readonly weight: Float64Array
  readonly chance: number
  readonly from: Float64Array
  readonly to: Float64Array
  readonly re: Float64Array
  readonly im: Float64Array
}

const toolsBySize = new Map<string, Tools>()

function toolsFor({ width, height }: Size): Tools {
  const key = `${width} x ${height}`
  let tools = toolsBySize.get(key)
  if (!tools) {
    const along = (size: number) =>
      Float64Array.from({ length: size }, (_, k) => {
        const cycles = Math.min(k, size - k) / size
        return Math.exp(-(cycles ** 2) / (2 * DETAIL ** 2))
      })
    const [across, down] = [along(width), along(height)]
    const weight = new Float64Array(width * height)
    for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) weight[y * width + x] = across[x]! * down[y]!
    // The lamp's unevenness and the fading itself are all there is in the lowest frequencies.
    for (const y of [0, 1, height - 1]) for (const x of [0, 1, width - 1]) weight[y * width + x] = 0
    const sum = (of: (w: number) => number) => weight.reduce((total, w) => total + of(w), 0)
    // Phases drawn by lot add up to this; fading ties neighbouring frequencies together, which makes them fewer.
    const chance = (1.5 * Math.sqrt(sum((w) => w * w))) / sum((w) => w)
    const plane = () => new Float64Array(width * height)
    const planes = { from: plane(), to: plane(), re: plane(), im: plane() }
    tools = { transform: new PlaneTransform(width, height), weight, chance, ...planes }
    toolsBySize.set(key, tools)
  }
  return tools
}

/** Of the two windows that were cut; they are used up. */
function correlate(
  { transform, weight, chance, from: a, to: b, re, im }: Tools,
  { width, height }: Size,
): { x: number; y: number; certainty: number } {
  // Two real planes at the price of one complex one.
  transform.forward(a, b)
  re.fill(0)
  im.fill(0)
  let total = 0
  for (let y = 0; y < height; y++) {
    const otherY = (height - y) % height
    for (let x = 0; x < width; x++) {
      const k = y * width + x
      if (weight[k]! < 1e-6) continue
      const o = otherY * width + ((width - x) % width)
      const aRe = (a[k]! + a[o]!) / 2
      const aIm = (b[k]! - b[o]!) / 2
      const bRe = (b[k]! + b[o]!) / 2
      const bIm = (a[o]! - a[k]!) / 2
      const crossRe = aRe * bRe + aIm * bIm
      const crossIm = aRe * bIm - aIm * bRe
      const length = Math.sqrt(crossRe * crossRe + crossIm * crossIm)
      total += weight[k]!
      if (length === 0) continue
      re[k] = (weight[k]! * crossRe) / length
      im[k] = (weight[k]! * crossIm) / length
    }
  }
  transform.backward(re, im)
  let best = 0
  for (let i = 1; i < re.length; i++) if (re[i]! > re[best]!) best = i
  const px = best % width
  const py = Math.floor(best / width)
  const at = (x: number, y: number) => re[((y + height) % height) * width + ((x + width) % width)]!
  const signed = (p: number, length: number) => (p > length / 2 ? p - length : p)
  return {
    x: signed(px, width) + vertex(at(px - 1, py), at(px, py), at(px + 1, py)),
    y: signed(py, height) + vertex(at(px, py - 1), at(px, py), at(px, py + 1)),
    certainty: at(px, py) / total / chance,
  }
}

/** Where between -0.5 and 0.5 a bell through three values has its top. */
function vertex(low: number, top: number, high: number): number {
  if (Math.min(low, top, high) <= 0) return 0
  const [a, b, c] = [Math.log(low), Math.log(top), Math.log(high)]
  const bend = a - 2 * b + c
  return bend < 0 ? Math.max(-0.5, Math.min(0.5, (a - c) / (2 * bend))) : 0
}
