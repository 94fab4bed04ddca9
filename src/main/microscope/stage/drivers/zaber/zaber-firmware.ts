import { Firmware } from '../../firmware/firmware.ts'
import { AXES, type Axis } from '../../protocol.ts'

const MICROSTEP_UM = 0.1
const SPEED_FACTOR = 1.6384

/** An X-MCC3 with three axes as device 1, 0.1 um a microstep. Sources as in `zaber.ts`. Moves absolutely only once it is homed. */
export class ZaberFirmware extends Firmware {
  readonly baud = 115200
  override readonly reactionMs = 2
  /** Survives a reset: kept in the controller. */
  readonly #maxSpeed: Record<Axis, number> = { x: 153600, y: 153600, z: 30720 }
  readonly #homed: Record<Axis, boolean> = { x: false, y: false, z: false }

  override receive(character: string): void {
    const line = this.collect(character, '\n', 128)
    if (line !== null) this.#obey(line)
  }

  protected override restarted(): void {
    for (const axis of AXES) {
      this.#homed[axis] = false
      this.mechanics.setSpeed(axis, this.#mmPerS(axis))
    }
  }

  #obey(line: string): void {
    const [, device, about, command] = /^\/(\d{1,2})?(?: (\d))?(?: ?([a-z][a-z0-9 .-]*))?$/.exec(line.trim()) ?? []
    // What is not addressed to it, or not a command at all, gets no answer.
    if (!line.startsWith('/') || (device !== undefined && Number(device) !== 1 && Number(device) !== 0)) return
    if (device === undefined) {
      this.#reply(0, false, 'BADCOMMAND')
      return
    }
    const number = Number(about ?? 0)
    if (number > 3) {
      this.#reply(0, false, 'BADAXIS')
      return
    }
    const axes = number === 0 ? AXES : [AXES[number - 1]]
    const words = (command ?? '').split(' ').filter((word) => word !== '')
    switch (words.slice(0, 2).join(' ')) {
      case '':
        this.#reply(number, true, '0')
        return
      case 'get deviceid':
        if (number === 0) this.#reply(0, true, '30342')
        else this.#reply(number, false, 'BADCOMMAND')
        return
      case 'get pos':
        this.#reply(number, true, axes.map((axis) => Math.round(this.mechanics.count(axis) / MICROSTEP_UM)).join(' '))
        return
      case 'set maxspeed': {
        if (!/^\d{1,9}$/.test(words[2] ?? '') || Number(words[2]) < 1) {
          this.#reply(number, false, 'BADDATA')
          return
        }
        for (const axis of axes) {
          this.#maxSpeed[axis] = Number(words[2])
          this.mechanics.setSpeed(axis, this.#mmPerS(axis))
        }
        this.#reply(number, true, '0')
        return
      }
      case 'move abs': {
        if (!/^-?\d{1,9}$/.test(words[2] ?? '') || words.length !== 3) {
          this.#reply(number, false, 'BADDATA')
          return
        }
        const um = Number(words[2]) * MICROSTEP_UM
        const { travel } = this.mechanics.options
        const outside = axes.some((axis) => um < 0 || um > travel[axis].maxUm - travel[axis].minUm)
        if (outside || axes.some((axis) => !this.#homed[axis])) {
          this.#reply(number, false, 'BADDATA')
          return
        }
        for (const axis of axes) this.mechanics.moveTo(axis, um)
        this.#reply(number, true, '0')
        return
      }
      case 'home':
        for (const axis of axes) {
          this.mechanics.runToReference(axis)
          this.whenAxisStill(axis, () => {
            if (this.mechanics.placeAt(this.clock.nowMs())[axis] !== this.mechanics.options.travel[axis].minUm) return
            this.mechanics.setCount(axis, 0)
            this.#homed[axis] = true
          })
        }
        this.#reply(number, true, '0')
        return
      case 'stop':
        for (const axis of axes) this.mechanics.halt(axis)
        this.#reply(number, true, '0')
        return
      default:
        this.#reply(number, false, 'BADCOMMAND')
        return
    }
  }

  private whenAxisStill(axis: Axis, call: () => void): void {
    if (this.mechanics.moving(axis)) this.later(1, () => this.whenAxisStill(axis, call))
    else call()
  }

  #mmPerS(axis: Axis): number {
    return ((this.#maxSpeed[axis] / SPEED_FACTOR) * MICROSTEP_UM) / 1000
  }

  #reply(number: number, accepted: boolean, data: string): void {
    const axes = number === 0 ? AXES : [AXES[number - 1]]
    const status = axes.some((axis) => this.mechanics.moving(axis)) ? 'BUSY' : 'IDLE'
    const flag = axes.every((axis) => this.#homed[axis]) ? '--' : 'WR'
    this.say(`@01 ${number} ${accepted ? 'OK' : 'RJ'} ${status} ${flag} ${data}\r\n`)
  }
}
