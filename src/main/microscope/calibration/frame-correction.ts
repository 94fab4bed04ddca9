import { cameraPose, chain, inverse, straightTransform } from '../../../shared/camera-transform.ts'
import { MedullaError } from '../../../shared/errors.ts'
import type { RgbImage } from '../../../shared/image.ts'
import { frameMemory } from '../../frame-memory.ts'
import type { CalibrationsInUse } from './in-use.ts'

/** Fixed point of the gains. */
const GAIN_ONE = 4096
/** A camera whose corners lie this near to the grid is only turned by right angles and mirrored: no pixel is mixed with another. */
const EXACT_PX = 0.25

type Known = Pick<CalibrationsInUse, 'pixel-size' | 'dark-frame' | 'flat-field' | 'white-balance'>

/**
 * What calibration makes of a camera's frames: dark level taken off and stuck pixels filled, light evened, clear glass grey, and the image
 * laid along the stage's axes with square pixels. What is unknown is left as it is. Light is put right by tables made once; a frame of 3
 * megapixels takes some 20 ms, with turning by an odd angle some 100.
 */
export class FrameCorrection {
  /** Of the corrected images: the largest rectangle along the stage's axes that the turned one holds. */
  readonly widthPx: number
  readonly heightPx: number
  /** null: not calibrated. */
  readonly pixelSizeUm: number | null
  readonly #source: { readonly widthPx: number; readonly heightPx: number }
  readonly #stuck: readonly number[]
  readonly #level: readonly [number, number, number]
  /** Row by row, red, green, blue; null: light is as it is. */
  readonly #gains: Uint16Array | null
  /** From corrected pixels to the camera's; null: nothing to turn. */
  readonly #turn: Turn | null

  /** @throws MedullaError `invalid-input` where something was measured in images of another size. */
  constructor(source: { readonly widthPx: number; readonly heightPx: number }, known: Known) {
    const { 'pixel-size': pixelSize, 'dark-frame': dark, 'flat-field': flat } = known
    for (const each of [pixelSize, dark, flat]) if (each) requireSize(each, source)
    this.#source = source
    this.#stuck = dark?.stuck ?? []
    this.#level = dark?.level ?? [0, 0, 0]
    this.#gains = gainsOf(source, known)
    this.#turn = pixelSize && turnOf(pixelSize.transform, source)
    this.widthPx = this.#turn?.widthPx ?? source.widthPx
    this.heightPx = this.#turn?.heightPx ?? source.heightPx
    this.pixelSizeUm = pixelSize?.pixelSizeUm ?? null
  }

  apply(image: RgbImage): RgbImage {
    requireSize(image, this.#source)
    const lit = this.#light(image)
    return this.#turn ? laid(lit, this.#turn) : lit
  }

  #light(image: RgbImage): RgbImage {
    const { widthPx, heightPx } = image
    if (!this.#gains && this.#stuck.length === 0 && this.#level.every((level) => level === 0)) return image
    const data = frameMemory(widthPx, heightPx)
    const [red, green, blue] = this.#level.map((level) => Math.round(level))
    const gains = this.#gains
    const from = image.data
    for (let i = 0; i < data.length; i += 3) {
      const r = from[i]! - red!
      const g = from[i + 1]! - green!
      const b = from[i + 2]! - blue!
      // Full scale stays full scale: what was cut off must not look like something measured.
      data[i] = from[i] === 255 ? 255 : scaled(r, gains ? gains[i]! : GAIN_ONE)
      data[i + 1] = from[i + 1] === 255 ? 255 : scaled(g, gains ? gains[i + 1]! : GAIN_ONE)
      data[i + 2] = from[i + 2] === 255 ? 255 : scaled(b, gains ? gains[i + 2]! : GAIN_ONE)
    }
    for (const pixel of this.#stuck) {
      const x = pixel % widthPx
      const [left, right] = [x > 0 ? pixel - 1 : pixel + 1, x < widthPx - 1 ? pixel + 1 : pixel - 1]
      for (let c = 0; c < 3; c++) data[3 * pixel + c] = (data[3 * left + c]! + data[3 * right + c]! + 1) >> 1
    }
    return { data, widthPx, heightPx }
  }
}

function scaled(value: number, gain: number): number {
  const lit = (value * gain + GAIN_ONE / 2) >> 12
  return lit < 0 ? 0 : lit > 255 ? 255 : lit
}

function gainsOf({ widthPx, heightPx }: { widthPx: number; heightPx: number }, known: Known): Uint16Array | null {
  const { 'flat-field': flat, 'white-balance': white } = known
  if (!flat && !white) return null
  const balance = white?.gains ?? [1, 1, 1]
  const table = new Uint16Array(3 * widthPx * heightPx)
  if (!flat) {
    for (let i = 0; i < table.length; i++) table[i] = Math.round(GAIN_ONE * balance[i % 3]!)
    return table
  }
  const { columns, rows, gains } = flat
  const place = (at: number, size: number, count: number) => {
    const p = Math.max(0, Math.min(count - 1, ((at + 0.5) * count) / size - 0.5))
    const low = Math.min(count - 2, Math.floor(p))
    return { low, share: p - low }
  }
  for (let y = 0; y < heightPx; y++) {
    const { low: row, share: v } = place(y, heightPx, rows)
    for (let x = 0; x < widthPx; x++) {
      const { low: column, share: u } = place(x, widthPx, columns)
      const a = row * columns + column
      for (let c = 0; c < 3; c++) {
        const upper = gains[a]![c]! * (1 - u) + gains[a + 1]![c]! * u
        const lower = gains[a + columns]![c]! * (1 - u) + gains[a + columns + 1]![c]! * u
        table[3 * (y * widthPx + x) + c] = Math.min(
          65_535,
          Math.round(GAIN_ONE * balance[c]! * (upper * (1 - v) + lower * v)),
        )
      }
    }
  }
  return table
}

interface Turn {
  readonly widthPx: number
  readonly heightPx: number
  /** Camera pixels of a corrected pixel right and down, and where corrected pixel (0, 0) lies. */
  readonly xx: number
  readonly xy: number
  readonly yx: number
  readonly yy: number
  readonly x0: number
  readonly y0: number
}

function turnOf(
  transform: Parameters<typeof cameraPose>[0],
  source: { widthPx: number; heightPx: number },
): Turn | null {
  const { pixelSizeUm } = cameraPose(transform)
  let { xx, xy, yx, yy } = chain(inverse(transform), straightTransform(pixelSizeUm))
  const right = { xx: Math.round(xx), xy: Math.round(xy), yx: Math.round(yx), yy: Math.round(yy) }
  const isRight = Math.abs(right.xx * right.yy - right.xy * right.yx) === 1
  const reach = Math.max(source.widthPx, source.heightPx) / 2
  const off = Math.max(
    Math.abs(xx - right.xx),
    Math.abs(xy - right.xy),
    Math.abs(yx - right.yx),
    Math.abs(yy - right.yy),
  )
  const exact = isRight && off * reach < EXACT_PX
  if (exact) ({ xx, xy, yx, yy } = right)
  const { widthPx, heightPx } = exact
    ? right.xx === 0
      ? { widthPx: source.heightPx, heightPx: source.widthPx }
      : source
    : largestWithin({ xx, xy, yx, yy }, source)
  if (exact && right.xx === 1 && right.yy === 1) return null
  // Middles of pixels: the middle of one image lies on the middle of the other.
  const x0 = source.widthPx / 2 - 0.5 + xx * (0.5 - widthPx / 2) + xy * (0.5 - heightPx / 2)
  const y0 = source.heightPx / 2 - 0.5 + yx * (0.5 - widthPx / 2) + yy * (0.5 - heightPx / 2)
  return { widthPx, heightPx, xx, xy, yx, yy, x0, y0 }
}

/** The rectangle of the largest area whose corners, turned, lie within an image, in whole pixels, both even. */
function largestWithin(
  { xx, xy, yx, yy }: Pick<Turn, 'xx' | 'xy' | 'yx' | 'yy'>,
  source: { widthPx: number; heightPx: number },
) {
  // |xx| w + |xy| h <= width and |yx| w + |yy| h <= height, less a pixel for looking between neighbours.
  const [a, b, c, d] = [xx, xy, yx, yy].map(Math.abs) as [number, number, number, number]
  const [w, h] = [source.widthPx - 2, source.heightPx - 2]
  const candidates = [
    { width: w / (2 * a), height: w / (2 * b) },
    { width: h / (2 * c), height: h / (2 * d) },
    { width: (w * d - h * b) / (a * d - b * c), height: (h * a - w * c) / (a * d - b * c) },
  ].filter(
    ({ width, height }) =>
      Number.isFinite(width * height) &&
      Math.min(width, height) > 0 &&
      a * width + b * height <= w * 1.000001 &&
      c * width + d * height <= h * 1.000001,
  )
  const best = candidates.reduce((most, each) => (each.width * each.height > most.width * most.height ? each : most))
  return { widthPx: 2 * Math.floor(best.width / 2), heightPx: 2 * Math.floor(best.height / 2) }
}

function laid({ data, widthPx }: RgbImage, turn: Turn): RgbImage {
  const out = frameMemory(turn.widthPx, turn.heightPx)
  const stride = 3 * widthPx
  for (let y = 0, o = 0; y < turn.heightPx; y++) {
    const startX = turn.x0 + turn.xy * y
    const startY = turn.y0 + turn.yy * y
    for (let x = 0; x < turn.widthPx; x++, o += 3) {
      const px = startX + turn.xx * x
      const py = startY + turn.yx * x
      const column = Math.floor(px)
      const row = Math.floor(py)
      const u = ((px - column) * 256) | 0
      const v = ((py - row) * 256) | 0
      const i = row * stride + 3 * column
      if (u === 0 && v === 0) {
        out[o] = data[i]!
        out[o + 1] = data[i + 1]!
        out[o + 2] = data[i + 2]!
        continue
      }
      const j = i + stride
      const [aa, ab, ba, bb] = [(256 - u) * (256 - v), u * (256 - v), (256 - u) * v, u * v]
      out[o] = (data[i]! * aa + data[i + 3]! * ab + data[j]! * ba + data[j + 3]! * bb + 32_768) >> 16
      out[o + 1] = (data[i + 1]! * aa + data[i + 4]! * ab + data[j + 1]! * ba + data[j + 4]! * bb + 32_768) >> 16
      out[o + 2] = (data[i + 2]! * aa + data[i + 5]! * ab + data[j + 2]! * ba + data[j + 5]! * bb + 32_768) >> 16
    }
  }
  return { data: out, widthPx: turn.widthPx, heightPx: turn.heightPx }
}

function requireSize(
  measured: { readonly widthPx: number; readonly heightPx: number },
  source: { readonly widthPx: number; readonly heightPx: number },
): void {
  if (measured.widthPx === source.widthPx && measured.heightPx === source.heightPx) return
  throw new MedullaError(
    'invalid-input',
    `The microscope was calibrated with images of ${measured.widthPx} x ${measured.heightPx} px; its camera now gives ${source.widthPx} x ${source.heightPx} px.`,
    { remedy: 'Set the camera as it was, or calibrate pixel size, dark frame and flat field again.' },
  )
}
