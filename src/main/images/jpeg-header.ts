export interface JpegHeader {
  readonly widthPx: number
  readonly heightPx: number
  /** 1 grey, 3 colour, 4 CMYK or YCCK. */
  readonly components: number
}

/** Start-of-frame markers: 0xC0-0xCF without DHT (C4), JPG (C8) and DAC (CC). ITU-T T.81, table B.1. */
function isStartOfFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc
}

export function isJpeg(bytes: Uint8Array): boolean {
  return bytes.length > 3 && bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff
}

/** Size and number of components from the frame header, or null where the bytes hold none. */
export function readJpegHeader(bytes: Uint8Array): JpegHeader | null {
  if (!isJpeg(bytes)) return null
  let at = 2
  while (at + 9 < bytes.length) {
    if (bytes[at] !== 0xff) return null
    const marker = bytes[at + 1]
    if (marker === 0xff) {
      at += 1
      continue
    }
    if (isStartOfFrame(marker)) {
      return {
        heightPx: (bytes[at + 5] << 8) | bytes[at + 6],
        widthPx: (bytes[at + 7] << 8) | bytes[at + 8],
        components: bytes[at + 9],
      }
    }
    const length = (bytes[at + 2] << 8) | bytes[at + 3]
    if (length < 2) return null
    at += 2 + length
  }
  return null
}
