import type { RgbImage } from '../../src/shared/image.ts'

/** Milliseconds of the wall clock, modulo 2^24 (4.6 hours), as light and dark blocks along the upper edge, lowest bit first. */
const BITS = 24
const BLOCK_PX = 12
const RANGE_MS = 2 ** BITS
/** Narrower frames have no room for the code. */
export const CODED_WIDTH_PX = BITS * BLOCK_PX

/**
 * A source for ffmpeg's lavfi whose pixels say when they were made: a test pattern at its own rate, and above it the wall clock at the
 * moment the pattern left its generator, which is also the frame's time stamp. This is the exposure that nobody can be mistaken about.
 * @param stampsBehindS the stamps are of a clock so far behind the wall clock, seconds; the pixels stay as they are.
 */
export function timeCodedSource(widthPx: number, heightPx: number, framesPerS: number, stampsBehindS = 0): string {
  const bit = `mod(floor(floor(mod((T+${stampsBehindS})*1000,${RANGE_MS}))/pow(2,floor(X/${BLOCK_PX}))),2)`
  return [
    `testsrc2=size=${widthPx}x${heightPx}:rate=${framesPerS},realtime,settb=1/1000000,setpts=(time(0)-${stampsBehindS})/TB,format=yuv420p,split[pattern][top]`,
    `[top]crop=${CODED_WIDTH_PX}:${BLOCK_PX}:0:0,geq=lum='if(${bit},235,16)':cb=128:cr=128[code]`,
    '[pattern][code]overlay=0:0',
  ].join(';')
}

/** When the pixels were made, as `performance.now()`, known to a millisecond below. Throws where there is no clean code. */
export function madeAtMs(image: RgbImage): number {
  let code = 0
  for (let bit = BITS - 1; bit >= 0; bit--) {
    const x = bit * BLOCK_PX + BLOCK_PX / 2
    const level = image.data[3 * ((BLOCK_PX / 2) * image.widthPx + x)]
    if (level > 90 && level < 165) throw new Error(`bit ${bit} of the time code is neither light nor dark: ${level}`)
    code = 2 * code + (level > 128 ? 1 : 0)
  }
  const wallNowMs = performance.now() + wallOffsetMs()
  const behindMs = (((Math.floor(wallNowMs) - code) % RANGE_MS) + RANGE_MS) % RANGE_MS
  // A code that is ahead by a little reads as far behind.
  const ageMs = behindMs > RANGE_MS / 2 ? behindMs - RANGE_MS : behindMs
  return Math.floor(wallNowMs) - ageMs - wallOffsetMs()
}

/** From `performance.now()` to the wall clock, which is told in whole milliseconds: its last tick of many is the truest. */
let cachedOffsetMs: number | null = null
function wallOffsetMs(): number {
  if (cachedOffsetMs !== null) return cachedOffsetMs
  let offsetMs = Number.NEGATIVE_INFINITY
  const endMs = performance.now() + 20
  while (performance.now() < endMs) offsetMs = Math.max(offsetMs, Date.now() - performance.now())
  cachedOffsetMs = offsetMs
  return offsetMs
}

/** How far the system's monotonic clock is behind the wall clock, seconds, to a microsecond or so. */
export function monotonicBehindS(): number {
  return (wallOffsetMs() + performance.now() - Number(process.hrtime.bigint()) / 1e6) / 1000
}

/** The same code in an image of one's own. */
export function timeCodedImage(widthPx: number, heightPx: number): RgbImage {
  const data = new Uint8Array(3 * widthPx * heightPx).fill(120)
  const code = Math.floor(performance.now() + wallOffsetMs()) % RANGE_MS
  for (let y = 0; y < BLOCK_PX; y++) {
    for (let x = 0; x < CODED_WIDTH_PX; x++) {
      const light = Math.floor(code / 2 ** Math.floor(x / BLOCK_PX)) % 2 === 1
      data.fill(light ? 255 : 0, 3 * (y * widthPx + x), 3 * (y * widthPx + x) + 3)
    }
  }
  return { data, widthPx, heightPx }
}
