import { type Clock, sleep } from '../../clock.ts'
import { chanceOf } from '../../simulator/simulated-chance.ts'
import { type ByteConnection, type ByteLine, type LineListener, LineUnavailable } from '../line/byte-line.ts'
import { bytesOf } from '../line/line-framer.ts'
import type { Firmware } from './firmware.ts'

/** What goes wrong on a line. Shares are of characters, 0-1, and hold for both directions. */
export interface LineFaults {
  readonly lostShare: number
  readonly garbledShare: number
  readonly doubledShare: number
  /** Share of what the controller says that comes late, and by how much at most. */
  readonly lateShare: number
  readonly lateMs: number
  /** Share of lines the controller says that come twice. */
  readonly repeatedShare: number
}

export const NO_FAULTS: LineFaults = {
  lostShare: 0,
  garbledShare: 0,
  doubledShare: 0,
  lateShare: 0,
  lateMs: 0,
  repeatedShare: 0,
}

/**
 * A cable between a session and a simulated controller in the same process: characters take their time on the line and arrive in the
 * order they were sent. It can be pulled and plugged in again, and be as bad as wanted.
 */
export class SimulatedLine implements ByteLine {
  readonly name = 'simulated port'
  readonly #firmware: Firmware
  readonly #clock: Clock
  readonly #seed: number
  #faults: LineFaults = NO_FAULTS
  #draws = 0
  #listener: LineListener | null = null
  #plugged = true
  #taken = false
  /** Neither side hears the other. */
  #mute = false
  #toHostFreeMs = 0
  #toFirmwareFreeMs = 0
  /** Everything sent to the controller, for tests of wire formats. */
  sent = ''
  /** Everything the controller said. */
  said = ''

  constructor(firmware: Firmware, clock: Clock, seed = 1) {
    this.#firmware = firmware
    this.#clock = clock
    this.#seed = seed
    firmware.connect((text) => this.#toHost(text))
  }

  misbehave(faults: Partial<LineFaults>): void {
    this.#faults = { ...NO_FAULTS, ...faults }
  }

  unplug(): void {
    if (!this.#plugged) return
    this.#plugged = false
    const listener = this.#listener
    this.#listener = null
    listener?.lost('the cable was pulled')
  }

  plug(): void {
    this.#plugged = true
  }

  mute(on: boolean): void {
    this.#mute = on
  }

  /** Another program opens the port first. */
  take(on: boolean): void {
    this.#taken = on
  }

  /** Bytes of somebody else on the line, towards the host. */
  inject(text: string): void {
    this.#deliver(bytesOf(text), this.#listener)
  }

  async open(listener: LineListener): Promise<ByteConnection> {
    await sleep(this.#clock, 1)
    if (!this.#plugged) throw new LineUnavailable('missing', 'no such port')
    if (this.#taken) throw new LineUnavailable('taken', 'the port is locked')
    this.#listener = listener
    this.#firmware.opened()
    const open = () => this.#listener === listener
    return {
      write: (bytes) => {
        if (open()) this.#toFirmware(bytes)
      },
      close: async () => {
        if (open()) this.#listener = null
      },
    }
  }

  get #characterMs(): number {
    return (1000 * this.#firmware.bitsPerCharacter) / this.#firmware.baud
  }

  #toFirmware(bytes: Uint8Array): void {
    const text = String.fromCharCode(...bytes)
    this.sent += text
    const arriving = this.#spoiled(text)
    this.#toFirmwareFreeMs = Math.max(this.#clock.nowMs(), this.#toFirmwareFreeMs) + arriving.length * this.#characterMs
    this.#clock.after(this.#toFirmwareFreeMs - this.#clock.nowMs(), () => {
      if (!this.#plugged || this.#mute) return
      for (const character of arriving) this.#firmware.receive(character)
    })
  }

  #toHost(text: string): void {
    this.said += text
    const { lateShare, lateMs, repeatedShare } = this.#faults
    const repeated = this.#chance() < repeatedShare ? text + text : text
    const lateByMs = this.#chance() < lateShare ? lateMs * this.#chance() : 0
    const startMs = Math.max(this.#clock.nowMs() + lateByMs, this.#toHostFreeMs)
    const spoiled = this.#spoiled(repeated)
    this.#toHostFreeMs = startMs + spoiled.length * this.#characterMs
    // Delivered in two parts, as systems do.
    const cut = Math.floor(spoiled.length * this.#chance())
    const listener = this.#listener
    for (const [from, to] of [
      [0, cut],
      [cut, spoiled.length],
    ]) {
      const bytes = bytesOf(spoiled.slice(from, to))
      this.#clock.after(startMs + to * this.#characterMs - this.#clock.nowMs(), () => this.#deliver(bytes, listener))
    }
  }

  #deliver(bytes: Uint8Array, listener: LineListener | null): void {
    if (bytes.length > 0 && this.#plugged && !this.#mute && listener && this.#listener === listener)
      listener.data(bytes)
  }

  #spoiled(text: string): string {
    const { lostShare, garbledShare, doubledShare } = this.#faults
    if (lostShare + garbledShare + doubledShare === 0) return text
    let spoiled = ''
    for (const character of text) {
      const chance = this.#chance()
      if (chance < lostShare) continue
      if (chance < lostShare + garbledShare)
        spoiled += String.fromCharCode(character.charCodeAt(0) ^ (1 << Math.floor(8 * this.#chance())))
      else if (chance < lostShare + garbledShare + doubledShare) spoiled += character + character
      else spoiled += character
    }
    return spoiled
  }

  #chance(): number {
    return chanceOf(this.#seed, 6, this.#draws++)
  }
}
