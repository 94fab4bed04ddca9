import { Firmware } from '../../firmware/firmware.ts'
import { AXES, type Axis } from '../../protocol.ts'

const BOOT_MS = 1500
const KEEPALIVE_MS = 2000
const STEPS_PER_MM = { x: 1600, y: 1600, z: 3200 } as const

/**
 * Marlin 2.1 on a board that restarts when its port is opened. Works off one line after the other; what is sent meanwhile waits.
 * Sources as in `marlin.ts`.
 */
export class MarlinFirmware extends Firmware {
  readonly baud = 115200
  override readonly reactionMs = 1
  override readonly resetsOnOpen = true
  #booting = false
  #feedPercent = 100
  #waiting: string[] = []
  #working = false
  /** Where the planner will be, micrometres. */
  #planned: Record<Axis, number> = { x: 0, y: 0, z: 0 }
  /** Stops the command under way. */
  #stopped = false

  override receive(character: string): void {
    if (this.#booting) return
    const line = this.collect(character, '\n', 96)
    if (line === null) return
    const command = line.replace(/;.*/, '').trim()
    // Seen as it arrives, ahead of the queue (EMERGENCY_PARSER).
    if (command === 'M410') {
      this.#stopped = true
      this.mechanics.haltAll()
      this.#waiting = []
    }
    if (command !== '') this.#waiting.push(command)
    this.#next()
  }

  protected override restarted(): void {
    this.#booting = true
    this.#feedPercent = 100
    this.#waiting = []
    this.#working = false
    this.#planned = { x: 0, y: 0, z: 0 }
    this.later(BOOT_MS, () => {
      this.#booting = false
      this.say(
        'start\nMarlin 2.1.2\necho: Last Updated: 2022-12-17 | Author: (none, default config)\necho: Compiled: Nov 23 2026\n',
      )
    })
  }

  #next(): void {
    if (this.#working) return
    const command = this.#waiting.shift()
    if (command === undefined) return
    this.#working = true
    this.later(this.reactionMs, () => this.#obey(command))
  }

  #finish(text = ''): void {
    this.say(`${text}ok\n`)
    this.#working = false
    this.#next()
  }

  #obey(command: string): void {
    const [word, ...words] = command.split(/ +/)
    switch (word) {
      case 'M115':
        this.#finish(
          'FIRMWARE_NAME:Marlin 2.1.2 (Nov 23 2026 12:00:00) SOURCE_CODE_URL:github.com/MarlinFirmware/Marlin PROTOCOL_VERSION:1.0 MACHINE_TYPE:Stage EXTRUDER_COUNT:0\nCap:EMERGENCY_PARSER:1\n',
        )
        return
      case 'M114':
        this.#finish(`${this.#position()}\n`)
        return
      case 'M92':
        this.#finish(
          `echo: M92 X${STEPS_PER_MM.x.toFixed(2)} Y${STEPS_PER_MM.y.toFixed(2)} Z${STEPS_PER_MM.z.toFixed(2)}\n`,
        )
        return
      case 'M220': {
        const [, percent] = /^S(\d{1,3})$/.exec(words[0] ?? '') ?? []
        if (percent !== undefined) this.#feedPercent = Number(percent)
        this.#finish(words.length === 0 ? `FR:${this.#feedPercent}%\n` : '')
        return
      }
      case 'G21':
      case 'G90':
        this.#finish()
        return
      case 'M400':
      case 'M410':
        this.#keepAlive(this.clock.nowMs())
        this.whenStill(() => {
          for (const axis of AXES) if (word === 'M410') this.#planned[axis] = this.mechanics.count(axis)
          this.#finish()
        })
        return
      case 'G0':
      case 'G1':
        this.#move(words)
        return
      case 'G28':
        this.#home(words)
        return
      default:
        this.#finish(`echo:Unknown command: "${command}"\n`)
        return
    }
  }

  #keepAlive(sinceMs: number): void {
    this.later(KEEPALIVE_MS, () => {
      if (!this.#working || !this.mechanics.anyMoving) return
      this.say('echo:busy: processing\n')
      this.#keepAlive(sinceMs)
    })
  }

  #move(words: readonly string[]): void {
    const targets: [Axis, number][] = []
    let feed = 0
    for (const word of words) {
      const [, name, number] = /^([XYZF])(-?\d+(?:\.\d+)?)$/.exec(word) ?? []
      if (name === undefined) {
        this.#finish(`echo:Unknown command: "G0 ${words.join(' ')}"\n`)
        return
      }
      if (name === 'F') feed = Number(number)
      else targets.push([name.toLowerCase() as Axis, Number(number) * 1000])
    }
    const { travel } = this.mechanics.options
    // Soft endstops clamp without a word.
    const clamped = targets.map(([axis, um]) => [axis, Math.min(travel[axis].maxUm - travel[axis].minUm, um)] as const)
    this.whenStill(() => {
      const ways = clamped.map(([axis, um]) => Math.abs(um - this.mechanics.count(axis)))
      const length = Math.hypot(...ways)
      clamped.forEach(([axis, um], i) => {
        if (length > 0 && ways[i] > 0)
          this.mechanics.setSpeed(axis, ((feed / 60) * (this.#feedPercent / 100) * ways[i]) / length)
        this.#planned[axis] = um
        this.mechanics.moveTo(axis, um)
      })
      this.#finish()
    })
  }

  #home(words: readonly string[]): void {
    const axes = AXES.filter((axis) => words.length === 0 || words.includes(axis.toUpperCase()))
    if (axes.length !== (words.length || 3)) {
      this.#finish(`echo:Unknown command: "G28 ${words.join(' ')}"\n`)
      return
    }
    this.#stopped = false
    for (const axis of axes) {
      this.mechanics.setSpeed(axis, this.mechanics.options.speedMmPerS[axis])
      this.mechanics.runToReference(axis)
    }
    this.#keepAlive(this.clock.nowMs())
    this.whenStill(() => {
      if (!this.#stopped) {
        for (const axis of axes) {
          this.mechanics.setCount(axis, 0)
          this.#planned[axis] = 0
        }
      }
      this.#finish()
    })
  }

  #position(): string {
    const planned = AXES.map((axis) => `${axis.toUpperCase()}:${(this.#planned[axis] / 1000).toFixed(2)}`).join(' ')
    const counted = AXES.map(
      (axis) => `${axis.toUpperCase()}:${Math.round((this.mechanics.count(axis) / 1000) * STEPS_PER_MM[axis])}`,
    )
    return `${planned} E:0.00 Count ${counted.join(' ')}`
  }
}
