import { get, pick, storeVector } from '../../vector-code.ts'

/** Where a byte of sixteen pixels comes from: red, green or blue of one of them. */
const SOURCES = Array.from({ length: 48 }, (_, byte) => ({ colour: byte % 3, pixel: Math.floor(byte / 3) }))
const SECOND = 16

/** Sixteen pixels' red, green and blue, in vectors of bytes, to the 48 bytes at an address: kernel's instructions, of local variables. */
export const storeColours = (address: number, red: number, green: number, blue: number): number[] =>
  [0, 16, 32].flatMap((from) => {
    const sources = SOURCES.slice(from, from + 16)
    return [
      ...[...get(address), ...get(red), ...get(green)],
      ...pick(sources.map(({ colour, pixel }) => (colour === 1 ? SECOND + pixel : pixel))),
      ...get(blue),
      ...pick(sources.map(({ colour, pixel }, i) => (colour === 2 ? SECOND + pixel : i))),
      ...storeVector(from),
    ]
  })
