import { frameMemory } from '../../frame-memory.ts'

/** Raw frames as cameras send them, 8 bit, rows without padding. `bayer-..`: the colours of the upper left two by two pixels begin so. */
export type RawFormat = 'rgb24' | 'gray' | 'nv12' | 'yuv420p' | 'bayer-rg8' | 'bayer-gr8' | 'bayer-gb8' | 'bayer-bg8'

export interface RawImage {
  readonly data: Uint8Array
  readonly widthPx: number
  readonly heightPx: number
  readonly format: RawFormat
}

export function rawBytes(format: RawFormat, widthPx: number, heightPx: number): number {
  if (format === 'rgb24') return 3 * widthPx * heightPx
  if (format === 'nv12' || format === 'yuv420p') {
    return widthPx * heightPx + 2 * Math.ceil(widthPx / 2) * Math.ceil(heightPx / 2)
  }
  return widthPx * heightPx
}

/** A copy, on a SharedArrayBuffer: height x width x 3, RGB. */
export function toRgb(image: RawImage): Uint8Array {
  switch (image.format) {
    case 'rgb24':
      return rgbCopy(image)
    case 'gray':
      return grayToRgb(image)
    case 'nv12':
    case 'yuv420p':
      return yuvToRgb(image, image.format)
    default:
      return bayerToRgb(image, image.format)
  }
}

function rgbCopy({ data, widthPx, heightPx }: RawImage): Uint8Array {
  const rgb = frameMemory(widthPx, heightPx)
  rgb.set(data)
  return rgb
}

function grayToRgb({ data, widthPx, heightPx }: RawImage): Uint8Array {
  const rgb = frameMemory(widthPx, heightPx)
  for (let i = 0, o = 0; i < data.length; i++) {
    rgb[o++] = data[i]
    rgb[o++] = data[i]
    rgb[o++] = data[i]
  }
  return rgb
}

/**
 * Full range, matrix of ITU-R BT.601 (as JFIF has it): R = Y + 1.402 Cr, G = Y - 0.344136 Cb - 0.714136 Cr, B = Y + 1.772 Cb. Each two
 * by two pixels share one colour.
 */
function yuvToRgb({ data, widthPx, heightPx }: RawImage, format: 'nv12' | 'yuv420p'): Uint8Array {
  const rgb = frameMemory(widthPx, heightPx)
  // Rounds, and keeps within 0 to 255.
  const clamped = new Uint8ClampedArray(rgb.buffer)
  const halfWidth = Math.ceil(widthPx / 2)
  const luma = widthPx * heightPx
  const [step, cbAt, crAt] =
    format === 'nv12' ? [2, luma, luma + 1] : [1, luma, luma + halfWidth * Math.ceil(heightPx / 2)]
  let o = 0
  for (let y = 0; y < heightPx; y++) {
    const row = (y >> 1) * halfWidth
    for (let x = 0; x < widthPx; x++) {
      const value = data[y * widthPx + x]
      const at = (row + (x >> 1)) * step
      const cb = data[cbAt + at] - 128
      const cr = data[crAt + at] - 128
      clamped[o++] = value + 1.402 * cr
      clamped[o++] = value - 0.344136 * cb - 0.714136 * cr
      clamped[o++] = value + 1.772 * cb
    }
  }
  return rgb
}

/** Of the upper left two by two pixels: where red lies. Blue lies across from it. */
const RED_AT = { 'bayer-rg8': [0, 0], 'bayer-gr8': [1, 0], 'bayer-gb8': [0, 1], 'bayer-bg8': [1, 1] } as const

/** Bilinear: what a pixel's filter left out is the mean of the nearest two or four pixels that have it; the edges are mirrored. */
function bayerToRgb({ data, widthPx, heightPx }: RawImage, format: keyof typeof RED_AT): Uint8Array {
  const rgb = frameMemory(widthPx, heightPx)
  const [redX, redY] = RED_AT[format]
  let o = 0
  for (let y = 0; y < heightPx; y++) {
    const row = y * widthPx
    const up = (y === 0 ? 1 : y - 1) * widthPx
    const down = (y === heightPx - 1 ? heightPx - 2 : y + 1) * widthPx
    const redRow = (y & 1) === redY
    for (let x = 0; x < widthPx; x++, o += 3) {
      const left = x === 0 ? 1 : x - 1
      const right = x === widthPx - 1 ? widthPx - 2 : x + 1
      const own = data[row + x]
      const beside = (data[row + left] + data[row + right] + 1) >> 1
      const above = (data[up + x] + data[down + x] + 1) >> 1
      const redColumn = (x & 1) === redX
      if (redRow === redColumn) {
        // On red or blue: green on four sides, the other colour on four corners.
        const green = (data[row + left] + data[row + right] + data[up + x] + data[down + x] + 2) >> 2
        const other = (data[up + left] + data[up + right] + data[down + left] + data[down + right] + 2) >> 2
        rgb[o] = redRow ? own : other
        rgb[o + 1] = green
        rgb[o + 2] = redRow ? other : own
      } else {
        // On green: of red and blue one lies beside, the other above and below.
        rgb[o] = redRow ? beside : above
        rgb[o + 1] = own
        rgb[o + 2] = redRow ? above : beside
      }
    }
  }
  return rgb
}
