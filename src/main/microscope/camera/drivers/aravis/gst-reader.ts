/** More frames than this without their lines, or the other way round, and the two no longer belong together. */
const MOST_UNPAIRED = 60

export class GstError extends Error {
  override readonly name = 'GstError'
}

/** Rows on GStreamer's lines begin at multiples of four bytes. */
export const strideBytes = (rowBytes: number) => 4 * Math.ceil(rowBytes / 4)

/**
 * Puts frames from one output of gst-launch together with the lines about them from the other, where its element `identity` says of each
 * buffer how large it is and when it was stamped. They come over two pipes in either order, one line a frame.
 */
export class GstReader {
  readonly #rowBytes: number
  readonly #rows: number
  readonly #onFrame: (data: Uint8Array, stampMs: number) => void
  readonly #incoming: Uint8Array
  readonly #packed: Uint8Array | null
  readonly #frames: Uint8Array[] = []
  readonly #stampsMs: number[] = []
  #filled = 0
  #line = ''

  /** @param onFrame `data` is valid until it returns. */
  constructor(rowBytes: number, rows: number, onFrame: (data: Uint8Array, stampMs: number) => void) {
    this.#rowBytes = rowBytes
    this.#rows = rows
    this.#onFrame = onFrame
    this.#incoming = new Uint8Array(strideBytes(rowBytes) * rows)
    this.#packed = strideBytes(rowBytes) === rowBytes ? null : new Uint8Array(rowBytes * rows)
  }

  pushData(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.length; ) {
      const take = Math.min(chunk.length - at, this.#incoming.length - this.#filled)
      this.#incoming.set(chunk.subarray(at, at + take), this.#filled)
      this.#filled += take
      at += take
      if (this.#filled < this.#incoming.length) return
      this.#filled = 0
      const stampMs = this.#frames.length === 0 ? this.#stampsMs.shift() : undefined
      if (stampMs !== undefined) this.#emit(this.#incoming, stampMs)
      // Its line is still to come.
      else if (this.#frames.push(this.#incoming.slice()) > MOST_UNPAIRED)
        throw new GstError('frames without time stamps')
    }
  }

  /** Throws `GstError` where a frame has another size than it should. */
  pushText(text: string): void {
    const lines = (this.#line + text).split('\n')
    this.#line = lines.pop() ?? ''
    for (const line of lines) {
      const match = /last-message = chain .*?\((\d+) bytes,.*? pts: (?:(\d+):(\d+):([\d.]+)|none),/.exec(line)
      if (!match) continue
      const [, bytes, hours, minutes, seconds] = match
      if (Number(bytes) !== this.#incoming.length) {
        throw new GstError(`frames of ${bytes} bytes, where ${this.#incoming.length} were expected`)
      }
      if (hours === undefined) throw new GstError('frames without time stamps')
      const stampMs = ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000
      const frame = this.#frames.shift()
      if (frame) this.#emit(frame, stampMs)
      else if (this.#stampsMs.push(stampMs) > MOST_UNPAIRED) throw new GstError('time stamps without frames')
    }
  }

  #emit(padded: Uint8Array, stampMs: number): void {
    const packed = this.#packed
    if (!packed) {
      this.#onFrame(padded, stampMs)
      return
    }
    const stride = strideBytes(this.#rowBytes)
    for (let y = 0; y < this.#rows; y++) {
      packed.set(padded.subarray(y * stride, y * stride + this.#rowBytes), y * this.#rowBytes)
    }
    this.#onFrame(packed, stampMs)
  }
}
