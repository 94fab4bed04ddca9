import { Firmware } from '../../firmware/firmware.ts'
import { AXES, type Axis } from '../../protocol.ts'

const BOOT_MS = 1200
const MAX_LINE = 80
const REPORTS_BETWEEN_OFFSETS = 10

/**
 * GRBL 1.1h on an Arduino Uno: restarts when its port is opened, reports work positions (`$10=2` with an offset) so that reading only
 * MPos does not do. Sources as in `grbl.ts`.
 */
export class GrblFirmware extends Firmware {
  readonly baud = 115200
  override readonly reactionMs = 1
  override readonly resetsOnOpen = true
  #booting = false
  #state: 'Idle' | 'Jog' | 'Home' | 'Alarm' = 'Idle'
  #tool = 0
  #reports = 0
  /** Kept in its EEPROM. */
  readonly #offsetMm = { x: 1.5, y: -2.25, z: 0.5 }

  override receive(character: string): void {
    if (this.#booting) return
    switch (character) {
      case '?':
        // Homing leaves no room for reports.
        if (this.#state !== 'Home') this.say(`${this.#report()}\r\n`)
        return
      case '\x85':
        if (this.#state === 'Jog') this.mechanics.haltAll()
        return
      case '\x18': {
        const moving = this.mechanics.anyMoving
        this.reset()
        if (moving) this.#alarm(3, BOOT_MS)
        return
      }
      case '!':
      case '~':
        return
    }
    if (character.charCodeAt(0) > 127) return
    if (character === '\n' || character === '\r') {
      const line = this.buffer
      this.buffer = ''
      if (line.length > MAX_LINE) this.#tell('error:11')
      else if (line.trim() !== '' || character === '\n') this.#obey(line.replace(/\s/g, '').toUpperCase())
      return
    }
    if (this.buffer.length <= MAX_LINE) this.buffer += character
  }

  protected override restarted(): void {
    this.#booting = true
    this.#state = 'Idle'
    this.#tool = 0
    this.#reports = 0
    this.later(BOOT_MS, () => {
      this.#booting = false
      this.say("\r\nGrbl 1.1h ['$' for help]\r\n")
    })
  }

  #obey(line: string): void {
    if (this.#state === 'Home') return
    if (line === '') {
      this.#tell('ok')
      return
    }
    if (line === '$I') {
      this.#tell('[VER:1.1h.20190830:]\r\n[OPT:V,15,128]\r\nok')
      return
    }
    if (line === '$G') {
      this.#tell(`[GC:G0 G54 G17 G21 G90 G94 M5 M9 T${this.#tool} F0 S0]\r\nok`)
      return
    }
    if (line === '$H') {
      this.#home()
      return
    }
    if (line.startsWith('$J=')) {
      this.#jog(line.slice(3))
      return
    }
    if (line.startsWith('$')) {
      this.#tell('error:3')
      return
    }
    if (this.#state === 'Alarm') {
      this.#tell('error:9')
      return
    }
    const [, tool] = /^T(\d{1,2})$/.exec(line) ?? []
    if (tool === undefined) {
      this.#tell('error:20')
      return
    }
    this.#tool = Number(tool)
    this.#tell('ok')
  }

  #jog(words: string): void {
    if (this.#state === 'Alarm') {
      this.#tell('error:9')
      return
    }
    if (this.#state !== 'Idle') {
      this.#tell('error:8')
      return
    }
    const match = /^G53G90G21((?:[XYZ]-?\d+\.\d+)+)F(\d+(?:\.\d+)?)$/.exec(words)
    if (!match) {
      this.#tell('error:16')
      return
    }
    const targets = [...match[1].matchAll(/([XYZ])(-?\d+\.\d+)/g)].map(
      ([, name, mm]) => [name.toLowerCase() as Axis, Math.round(Number(mm) * 1000)] as const,
    )
    const { travel } = this.mechanics.options
    if (targets.some(([axis, um]) => um < -1000 || um > travel[axis].maxUm - travel[axis].minUm)) {
      this.#tell('error:15')
      return
    }
    const ways = targets.map(([axis, um]) => Math.abs(um - this.mechanics.count(axis)))
    const length = Math.hypot(...ways)
    targets.forEach(([axis, um], i) => {
      if (length > 0 && ways[i] > 0) this.mechanics.setSpeed(axis, ((Number(match[2]) / 60) * ways[i]) / length)
      this.mechanics.moveTo(axis, um)
    })
    this.#state = 'Jog'
    this.#tell('ok')
    this.whenStill(() => {
      if (this.#state === 'Jog') this.#state = 'Idle'
    })
  }

  #home(): void {
    this.#state = 'Home'
    for (const axis of AXES) {
      this.mechanics.setSpeed(axis, this.mechanics.options.speedMmPerS[axis])
      this.mechanics.runToReference(axis)
    }
    this.whenStill(() => {
      for (const axis of AXES) this.mechanics.setCount(axis, 0)
      this.#state = 'Idle'
      this.#tell('ok')
    })
  }

  #alarm(number: number, afterMs: number): void {
    this.#state = 'Alarm'
    this.later(afterMs, () => this.#tell(`ALARM:${number}\r\n[MSG:'$H'|'$X' to unlock]`))
  }

  #report(): string {
    const { x, y, z } = this.#offsetMm
    const at = AXES.map((axis) => (this.mechanics.count(axis) / 1000 - this.#offsetMm[axis]).toFixed(3)).join(',')
    const withOffset = this.#reports++ % REPORTS_BETWEEN_OFFSETS === 3
    return `<${this.#state}|WPos:${at}|FS:0,0${withOffset ? `|WCO:${[x, y, z].map((mm) => mm.toFixed(3)).join(',')}` : ''}>`
  }

  #tell(text: string): void {
    this.say(`${text}\r\n`)
  }
}
