/**
 * Reads the NUT container, in which ffmpeg passes on raw frames together with their size and time stamps: a stream of one video track.
 * Source: "NUT Open Container Format" (ffmpeg.org/~michael/nut.txt), version 3 and 4.
 */

const FILE_ID = 'nut/multimedia container\0'
/** Packets begin with eight bytes, of which the first is N and no frame code. */
const STARTCODES = {
  '4e4d7a561f5f04ad': 'main',
  '4e5311405bf2f9db': 'stream',
  '4e4be4adeeca4569': 'syncpoint',
  '4e58dd672f23e64e': 'index',
  '4e49ab68b596ba78': 'info',
} as const
const FLAG = {
  codedPts: 8,
  streamId: 16,
  sizeMsb: 32,
  checksum: 64,
  reserved: 128,
  sideData: 256,
  headerIndex: 1024,
  matchTime: 2048,
  coded: 4096,
  invalid: 8192,
} as const
const BROADCAST = 1
/** Longest header that is believed, bytes. */
const MAX_HEADER_BYTES = 1 << 16

export interface NutStream {
  /** Four characters, or ffmpeg's three and a depth: `RGB\x18`, `NV12`, `I420`, `Y800`. */
  readonly fourcc: string
  readonly widthPx: number
  readonly heightPx: number
}

interface FrameCode {
  readonly flags: number
  readonly ptsDelta: number
  readonly sizeMul: number
  readonly sizeLsb: number
  readonly reserved: number
  readonly headerIndex: number
}

export class NutError extends Error {
  override readonly name = 'NutError'
}

class NeedMore extends Error {}

/** Numbers as NUT writes them. Throws `NeedMore` where the bytes end too early. */
class Cursor {
  readonly #bytes: Uint8Array
  readonly #end: number
  at: number

  constructor(bytes: Uint8Array, at: number, end: number) {
    this.#bytes = bytes
    this.at = at
    this.#end = end
  }

  byte(): number {
    if (this.at >= this.#end) throw new NeedMore()
    return this.#bytes[this.at++]
  }

  /** Seven bits a byte, the highest first. Exact to 2^53. */
  v(): number {
    let value = 0
    for (let i = 0; i < 9; i++) {
      const byte = this.byte()
      value = value * 128 + (byte & 127)
      if (byte < 128) return value
    }
    throw new NutError('a number without an end')
  }

  s(): number {
    const value = this.v() + 1
    return value % 2 === 1 ? -(value - 1) / 2 : value / 2
  }

  skip(bytes: number): void {
    if (this.at + bytes > this.#end) throw new NeedMore()
    this.at += bytes
  }

  bytes(): Uint8Array {
    const length = this.v()
    const start = this.at
    this.skip(length)
    return this.#bytes.subarray(start, this.at)
  }
}

export interface NutEvents {
  /** Once, before the first frame. */
  stream(stream: NutStream): void
  /** @param data the frame's bytes, valid until this returns. @param stampMs its time stamp on the clock of its source. */
  frame(data: Uint8Array, stampMs: number): void
}

/** Takes bytes as they come; frames that are cut off by the end of the stream are never handed out. */
export class NutReader {
  readonly #events: NutEvents
  readonly #maxFrameBytes: number
  #rest: Uint8Array = new Uint8Array(0)
  #started = false
  #timeBases: { readonly num: number; readonly den: number }[] = []
  #codes: FrameCode[] = []
  #elisions: Uint8Array[] = []
  #mainFlags = 0
  #timeBase = 0
  #ptsShift = 0
  #streams = 0
  #lastPts = 0
  #frame: { data: Uint8Array; filled: number; pts: number } | null = null
  #buffer: Uint8Array = new Uint8Array(0)

  /** @param maxFrameBytes more than this is taken for garbage. */
  constructor(events: NutEvents, maxFrameBytes: number) {
    this.#events = events
    this.#maxFrameBytes = maxFrameBytes
  }

  /** Throws `NutError` where this is no NUT. */
  push(chunk: Uint8Array): void {
    let at = 0
    while (at < chunk.length) {
      const frame = this.#frame
      if (frame) {
        const take = Math.min(frame.data.length - frame.filled, chunk.length - at)
        frame.data.set(chunk.subarray(at, at + take), frame.filled)
        frame.filled += take
        at += take
        if (frame.filled === frame.data.length) this.#endFrame(frame)
        continue
      }
      // Headers are short: they are put together with what is left of the chunk before.
      const bytes = this.#rest.length === 0 ? chunk.subarray(at) : joined(this.#rest, chunk.subarray(at))
      const used = this.#header(bytes)
      if (used === null) {
        if (bytes.length > MAX_HEADER_BYTES) throw new NutError('a header without an end')
        this.#rest = bytes.slice()
        return
      }
      at += used - this.#rest.length
      this.#rest = new Uint8Array(0)
      // An empty frame is over at once.
      if (this.#frame?.data.length === 0) this.#endFrame(this.#frame)
    }
  }

  #endFrame({ data, pts }: { data: Uint8Array; pts: number }): void {
    this.#frame = null
    const { num, den } = this.#timeBases[this.#timeBase]
    this.#events.frame(data, (pts * num * 1000) / den)
  }

  /** @returns bytes used; null: there is more to come. */
  #header(bytes: Uint8Array): number | null {
    const cursor = new Cursor(bytes, 0, bytes.length)
    try {
      if (!this.#started) {
        for (const char of FILE_ID) if (cursor.byte() !== char.charCodeAt(0)) throw new NutError('no NUT stream')
        this.#started = true
      } else if (bytes[0] === 0x4e) this.#packet(bytes, cursor)
      else this.#frameHeader(cursor)
      return cursor.at
    } catch (error) {
      if (error instanceof NeedMore) return null
      throw error
    }
  }

  #packet(bytes: Uint8Array, cursor: Cursor): void {
    cursor.skip(8)
    const kind = STARTCODES[Buffer.from(bytes.subarray(0, 8)).toString('hex') as keyof typeof STARTCODES]
    if (kind === undefined) throw new NutError('a packet of no known kind')
    const length = cursor.v()
    if (length > MAX_HEADER_BYTES) throw new NutError('a header that is too long')
    if (length > 4096) cursor.skip(4)
    const body = cursor.at
    cursor.skip(length)
    // The last four bytes are a checksum, which a pipe does not need.
    const inside = new Cursor(bytes, body, body + length - 4)
    if (kind === 'main') this.#mainHeader(inside)
    if (kind === 'stream') this.#streamHeader(inside)
    if (kind === 'syncpoint') this.#syncpoint(inside)
  }

  #mainHeader(cursor: Cursor): void {
    const version = cursor.v()
    if (version !== 3 && version !== 4) throw new NutError(`version ${version}`)
    if (version > 3) cursor.v()
    this.#streams = cursor.v()
    cursor.v()
    this.#timeBases = Array.from({ length: cursor.v() }, () => ({ num: cursor.v(), den: cursor.v() }))
    this.#codes = []
    let [ptsDelta, sizeMul, headerIndex] = [0, 1, 0]
    while (this.#codes.length < 256) {
      const flags = cursor.v()
      const fields = cursor.v()
      let [sizeLsb, reserved] = [0, 0]
      if (fields > 0) ptsDelta = cursor.s()
      if (fields > 1) sizeMul = cursor.v()
      if (fields > 2) cursor.v()
      if (fields > 3) sizeLsb = cursor.v()
      if (fields > 4) reserved = cursor.v()
      const count = fields > 5 ? cursor.v() : sizeMul - sizeLsb
      if (fields > 6) cursor.s()
      if (fields > 7) headerIndex = cursor.v()
      for (let i = 8; i < fields; i++) cursor.v()
      if (count <= 0) throw new NutError('a table of frame codes that makes no sense')
      for (let i = 0; i < count && this.#codes.length < 256; ) {
        // Frames never begin with the byte that packets begin with.
        const packets = this.#codes.length === 0x4e
        const code = { flags, ptsDelta, sizeMul, sizeLsb: sizeLsb + i, reserved, headerIndex }
        this.#codes.push(packets ? { ...code, flags: FLAG.invalid } : code)
        if (!packets) i++
      }
    }
    this.#elisions = [new Uint8Array(0), ...Array.from({ length: cursor.v() }, () => cursor.bytes().slice())]
    this.#mainFlags = optional(cursor)
  }

  #streamHeader(cursor: Cursor): void {
    if (this.#streams !== 1) throw new NutError(`${this.#streams} tracks rather than one`)
    cursor.v()
    if (cursor.v() !== 0) throw new NutError('a track that is no video')
    const fourcc = String.fromCharCode(...cursor.bytes())
    this.#timeBase = cursor.v()
    this.#ptsShift = cursor.v()
    // Longest step in time, delay, flags: of no use here.
    for (let i = 0; i < 3; i++) cursor.v()
    cursor.bytes()
    const [widthPx, heightPx] = [cursor.v(), cursor.v()]
    this.#events.stream({ fourcc, widthPx, heightPx })
  }

  #syncpoint(cursor: Cursor): void {
    const coded = cursor.v()
    const from = this.#timeBases[coded % this.#timeBases.length]
    const to = this.#timeBases[this.#timeBase]
    const ticks = Math.floor(coded / this.#timeBases.length)
    this.#lastPts = from === to ? ticks : Math.floor((ticks * from.num * to.den) / (from.den * to.num))
    cursor.v()
    if (this.#mainFlags & BROADCAST) cursor.v()
  }

  #frameHeader(cursor: Cursor): void {
    const code = this.#codes[cursor.byte()]
    if (code === undefined) throw new NutError('a frame before the header')
    let { flags, reserved, headerIndex } = code
    if (flags & FLAG.coded) flags ^= cursor.v()
    if (flags & FLAG.invalid) throw new NutError('a frame of no known kind')
    if (flags & FLAG.streamId) cursor.v()
    let pts = this.#lastPts + code.ptsDelta
    if (flags & FLAG.codedPts) {
      const coded = cursor.v()
      const range = 2 ** this.#ptsShift
      pts = coded < range ? nearest(coded, this.#lastPts, range) : coded - range
    }
    let size = code.sizeLsb
    if (flags & FLAG.sizeMsb) size += cursor.v() * code.sizeMul
    if (flags & FLAG.matchTime) cursor.s()
    if (flags & FLAG.headerIndex) headerIndex = cursor.v()
    if (flags & FLAG.reserved) reserved = cursor.v()
    for (let i = 0; i < reserved; i++) cursor.v()
    if (flags & FLAG.checksum) cursor.skip(4)
    if (flags & FLAG.sideData) throw new NutError('side data, which raw frames do not have')
    if (size > this.#maxFrameBytes) throw new NutError(`a frame of ${size} bytes`)
    const elision = this.#elisions[headerIndex]
    if (elision === undefined) throw new NutError('a header that was never named')
    this.#lastPts = pts
    if (this.#buffer.length < size) this.#buffer = new Uint8Array(size)
    const data = this.#buffer.subarray(0, size)
    data.set(elision.subarray(0, size))
    this.#frame = { data, filled: Math.min(elision.length, size), pts }
  }
}

/** The time with these low bits that lies nearest to the last one. */
function nearest(low: number, last: number, range: number): number {
  const from = last - Math.floor((range - 1) / 2)
  return from + ((((low - from) % range) + range) % range)
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length)
  both.set(a)
  both.set(b, a.length)
  return both
}

/** Streams of the third version may end before the flags. */
function optional(cursor: Cursor): number {
  try {
    return cursor.v()
  } catch (error) {
    if (error instanceof NeedMore) return 0
    throw error
  }
}
