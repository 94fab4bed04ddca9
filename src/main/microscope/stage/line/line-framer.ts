export interface Framed {
  /** A line without its end, trimmed, never empty. */
  line(text: string): void
  /** A character where a line may begin. true: it is an answer of its own. */
  character(text: string): boolean
  /** What came was longer than any line, and is gone. */
  overflow(): void
}

/** Cuts what a controller sends into lines that end with CR, LF or both. */
export class LineFramer {
  readonly #maxLineBytes: number
  readonly #framed: Framed
  #buffer = ''

  constructor(maxLineBytes: number, framed: Framed) {
    this.#maxLineBytes = maxLineBytes
    this.#framed = framed
  }

  receive(bytes: Uint8Array): void {
    for (const byte of bytes) {
      const character = String.fromCharCode(byte)
      const end = character === '\r' || character === '\n'
      if (!end) {
        if (this.#buffer === '' && this.#framed.character(character)) continue
        this.#buffer += character
        if (this.#buffer.length <= this.#maxLineBytes) continue
        this.#buffer = ''
        this.#framed.overflow()
        continue
      }
      const line = this.#buffer.trim()
      this.#buffer = ''
      if (line !== '') this.#framed.line(line)
    }
  }

  /** A line that has begun is not waited for. */
  clear(): void {
    this.#buffer = ''
  }
}

/** Characters above 127 stand for that byte. */
export function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0))
}
