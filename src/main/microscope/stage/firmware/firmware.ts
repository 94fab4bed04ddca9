import type { Clock } from '../../clock.ts'
import { Mechanics, type MechanicsOptions } from './mechanics.ts'

/**
 * A motor controller as its line sees it: bytes in, bytes out. Each protocol has one of its own, at least as strict as the firmware
 * it stands for; they share mechanics and nothing else.
 */
export abstract class Firmware {
  readonly mechanics: Mechanics
  protected readonly clock: Clock
  /** Bits a character takes on the line: one start, eight data, one or two stop. */
  readonly bitsPerCharacter: number = 10
  abstract readonly baud: number
  /** What the controller needs to see to a command, milliseconds. */
  readonly reactionMs: number = 2
  /** Whether opening the port resets it, as DTR does with Arduinos. */
  readonly resetsOnOpen: boolean = false
  #output: (text: string) => void = () => {}
  protected buffer = ''
  /** Changes with each reset: what was waiting before is void. */
  #life = 0

  constructor(clock: Clock, mechanics: Partial<MechanicsOptions> = {}) {
    this.clock = clock
    this.mechanics = new Mechanics(clock, mechanics)
  }

  /** Where its bytes go. */
  connect(output: (text: string) => void): void {
    this.#output = output
  }

  /** The host has opened the port. */
  opened(): void {
    if (this.resetsOnOpen) this.reset()
  }

  /** Power or reset line: motors stop, everything volatile is gone. */
  reset(): void {
    this.#life++
    this.buffer = ''
    this.mechanics.reset()
    this.restarted()
  }

  /** One byte from the host, as a character. */
  abstract receive(character: string): void

  /** Forgets what does not survive a reset, and says what it says at power-on. */
  protected abstract restarted(): void

  /** Lines of at most `maxLength` characters, cut at `end`; what is too long is thrown away. */
  protected collect(character: string, end: string, maxLength: number): string | null {
    if (character === end) {
      const line = this.buffer
      this.buffer = ''
      return line
    }
    this.buffer = this.buffer.length < maxLength ? this.buffer + character : ''
    return null
  }

  protected say(text: string): void {
    this.later(this.reactionMs, () => this.#output(text))
  }

  /** Unless it is reset before. */
  protected later(ms: number, call: () => void): void {
    const life = this.#life
    this.clock.after(ms, () => {
      if (life === this.#life) call()
    })
  }

  /** When nothing moves any more. */
  protected whenStill(call: () => void): void {
    if (this.mechanics.anyMoving) this.later(1, () => this.whenStill(call))
    else call()
  }
}
