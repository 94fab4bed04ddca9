import { Firmware } from '../../firmware/firmware.ts'
import { AXES, type Axis } from '../../protocol.ts'

const BOOT_MS = 1500
const BUFFER = 63
const STEP_UM = { x: 0.1, y: 0.1, z: 0.05 } as const

/**
 * A Sangaboard v0.4: listens to nothing while it moves, but keeps 63 characters of it. Position and step delay are kept in EEPROM,
 * the position as it was after the last finished move. Sources as in `sangaboard.ts`.
 */
export class SangaboardFirmware extends Firmware {
  readonly baud = 115200
  override readonly reactionMs = 2
  override readonly resetsOnOpen = true
  #booting = false
  #moving = false
  #kept: Record<Axis, number> = { x: 0, y: 0, z: 0 }
  #stepDelayUs = 1000

  override receive(character: string): void {
    if (this.#booting) return
    // The serial buffer; what does not fit is lost.
    if (this.buffer.length < BUFFER || character === '\n') this.buffer += character
    this.#work()
  }

  protected override restarted(): void {
    this.#booting = true
    this.#moving = false
    for (const axis of AXES) this.mechanics.setCount(axis, this.#kept[axis])
    this.later(BOOT_MS, () => {
      this.#booting = false
      this.say('Sangaboard Firmware v0.4\r\n')
    })
  }

  #work(): void {
    const end = this.buffer.indexOf('\n')
    if (this.#moving || end < 0) return
    const line = this.buffer.slice(0, end).trim()
    this.buffer = this.buffer.slice(end + 1)
    if (line !== '') this.#obey(line)
    this.#work()
  }

  #obey(line: string): void {
    if (line === 'version') {
      this.#tell('Sangaboard Firmware v0.4')
      return
    }
    if (line === 'p?') {
      this.#tell(AXES.map((axis) => Math.round(this.mechanics.count(axis) / STEP_UM[axis])).join(' '))
      return
    }
    if (line === 'dt?') {
      this.#tell(`minimum step delay ${this.#stepDelayUs}`)
      return
    }
    const [, delay] = /^dt (\d+)$/.exec(line) ?? []
    if (delay !== undefined) {
      this.#stepDelayUs = Number(delay)
      for (const axis of AXES) this.mechanics.setSpeed(axis, (STEP_UM[axis] / this.#stepDelayUs) * 1000)
      this.#tell(`minimum step delay ${delay}`)
      return
    }
    const [, x, y, z] = /^mr (-?\d+) (-?\d+) (-?\d+)$/.exec(line) ?? []
    if (z === undefined) {
      this.#tell("Type 'help' for a list of commands.")
      return
    }
    const steps = { x: Number(x), y: Number(y), z: Number(z) }
    this.#moving = true
    for (const axis of AXES) {
      if (steps[axis] !== 0) this.mechanics.moveTo(axis, this.mechanics.count(axis) + steps[axis] * STEP_UM[axis])
    }
    this.whenStill(() => {
      for (const axis of AXES) this.#kept[axis] = this.mechanics.count(axis)
      this.#moving = false
      this.#tell('done.')
      this.#work()
    })
  }

  #tell(line: string): void {
    this.say(`${line}\r\n`)
  }
}
