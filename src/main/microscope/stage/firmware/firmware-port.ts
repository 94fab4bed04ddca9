import { type Clock, sleep } from '../../clock.ts'
import type { ByteConnection, ByteLine } from '../line/byte-line.ts'
import { bytesOf } from '../line/line-framer.ts'
import type { Firmware } from './firmware.ts'

const RETRY_MS = 50

/**
 * A simulated controller at the far end of a real line, a pseudo-terminal for example. It stays switched on when the line goes, and
 * takes the line up again when it is back. What it says takes its time on the line, which a pseudo-terminal does not take by itself.
 */
export class FirmwarePort {
  readonly firmware: Firmware
  readonly #line: ByteLine
  readonly #clock: Clock
  readonly #end = new AbortController()
  readonly #over: Promise<void>
  #connection: ByteConnection | null = null
  #freeMs = 0

  constructor(firmware: Firmware, line: ByteLine, clock: Clock) {
    this.firmware = firmware
    this.#line = line
    this.#clock = clock
    firmware.connect((text) => this.#say(text))
    this.#over = this.#serve()
  }

  async close(): Promise<void> {
    this.#end.abort()
    await this.#over
    await this.#connection?.close()
  }

  async #serve(): Promise<void> {
    while (!this.#end.signal.aborted) {
      const lost = Promise.withResolvers<void>()
      try {
        this.#connection = await this.#line.open({
          data: (bytes) => {
            for (const byte of bytes) this.firmware.receive(String.fromCharCode(byte))
          },
          lost: () => lost.resolve(),
        })
        this.firmware.opened()
        this.#end.signal.addEventListener('abort', () => lost.resolve(), { once: true })
        await lost.promise
      } catch {
        // The line is not there yet, or not there any more.
      }
      if (this.#end.signal.aborted) return
      this.#connection = null
      await sleep(this.#clock, RETRY_MS, this.#end.signal).catch(() => undefined)
    }
  }

  #say(text: string): void {
    const { baud, bitsPerCharacter } = this.firmware
    const nowMs = this.#clock.nowMs()
    this.#freeMs = Math.max(nowMs, this.#freeMs) + (text.length * 1000 * bitsPerCharacter) / baud
    this.#clock.after(this.#freeMs - nowMs, () => this.#connection?.write(bytesOf(text)))
  }
}
