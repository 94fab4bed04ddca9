import { Firmware } from '../../firmware/firmware.ts'
import { AXES, type Axis, type PerAxis } from '../../protocol.ts'

/** Micrometres one unit of `!dim` stands for: micrometres, millimetres. */
const DIMENSIONS: Readonly<Record<string, number>> = { '1': 1, '2': 1000, '9': 1000 }

/** A TANGO desktop with three axes. Sources as in `tango.ts`. */
export class TangoFirmware extends Firmware {
  readonly baud = 57600
  override readonly reactionMs = 2
  #autostatus = true
  #dimension: Record<Axis, string> = { x: '2', y: '2', z: '2' }
  #speed: Record<Axis, number> = { x: 10, y: 10, z: 1 }
  #error = 0

  override receive(character: string): void {
    const line = this.collect(character, '\r', 200)
    if (line !== null && line.trim() !== '') this.#obey(line.trim().toLowerCase())
  }

  protected override restarted(): void {
    this.#autostatus = true
    this.#dimension = { x: '2', y: '2', z: '2' }
    this.#speed = { x: 10, y: 10, z: 1 }
    this.#error = 0
  }

  #obey(line: string): void {
    const [command, ...values] = line.split(/ +/)
    switch (command) {
      case '?version':
        this.#tell('TANGO-DESKTOP, Version 1.66, Mar 11 2016, 13:51:17')
        return
      case '?err':
        this.#tell(String(this.#error))
        this.#error = 0
        return
      case '?pos':
        this.#tell(this.#all((axis) => (this.mechanics.count(axis) / this.#unitUm(axis)).toFixed(4)))
        return
      case '?dim':
        this.#tell(this.#all((axis) => this.#dimension[axis]))
        return
      case '?vel':
        this.#tell(this.#all((axis) => this.#speed[axis].toFixed(4)))
        return
      case '?statusaxis':
        this.#tell(`${AXES.map((axis) => (this.mechanics.moving(axis) ? 'M' : '@')).join('')}-.`)
        return
      case '!autostatus':
        if (!/^[01]$/.test(values[0] ?? '')) {
          this.#fail(5)
          return
        }
        this.#autostatus = values[0] === '1'
        return
      case '!dim':
        if (values.length !== 3 || values.some((value) => !(value in DIMENSIONS))) {
          this.#fail(5)
          return
        }
        AXES.forEach((axis, i) => {
          this.#dimension[axis] = values[i]
        })
        return
      case '!vel': {
        const speeds = this.#numbers(values)
        if (!speeds || AXES.some((axis) => !(speeds[axis] > 0 && speeds[axis] <= 100))) {
          this.#fail(5)
          return
        }
        for (const axis of AXES) {
          this.#speed[axis] = speeds[axis]
          this.mechanics.setSpeed(axis, speeds[axis])
        }
        return
      }
      case '!moa': {
        const targets = this.#targets(values)
        if (!targets) {
          this.#fail(5)
          return
        }
        for (const [axis, value] of targets) {
          const um = value * this.#unitUm(axis)
          if (Math.abs(um - this.mechanics.count(axis)) > 0.02 || this.mechanics.moving(axis))
            this.mechanics.moveTo(axis, um)
        }
        this.#announce()
        return
      }
      case '!cal': {
        const axis = AXES.find((each) => each === values[0])
        if (!axis) {
          this.#fail(5)
          return
        }
        this.mechanics.runToReference(axis)
        this.whenStill(() => {
          if (this.mechanics.placeAt(this.clock.nowMs())[axis] === this.mechanics.options.travel[axis].minUm)
            this.mechanics.setCount(axis, 0)
        })
        this.#announce()
        return
      }
      case '!a':
      case 'a':
        this.mechanics.haltAll()
        return
      default:
        this.#fail(4)
    }
  }

  #announce(): void {
    if (this.#autostatus) this.whenStill(() => this.#tell('@@@-.'))
  }

  #fail(error: number): void {
    this.#error = error
  }

  #unitUm(axis: Axis): number {
    return DIMENSIONS[this.#dimension[axis]]
  }

  #numbers(values: readonly string[]): PerAxis<number> | null {
    if (values.length !== 3 || values.some((value) => !/^-?\d+(\.\d+)?$/.test(value))) return null
    return { x: Number(values[0]), y: Number(values[1]), z: Number(values[2]) }
  }

  /** An axis by its name, or all from x on. */
  #targets(values: readonly string[]): (readonly [Axis, number])[] | null {
    const named = AXES.find((axis) => axis === values[0])
    const numbers = named ? values.slice(1) : values
    const axes = named ? [named] : AXES.slice(0, numbers.length)
    const fits = axes.length === numbers.length && numbers.length > 0
    if (!fits || numbers.some((value) => !/^-?\d+(\.\d+)?$/.test(value))) return null
    return axes.map((axis, i) => [axis, Number(numbers[i])] as const)
  }

  #all(each: (axis: Axis) => string): string {
    return AXES.map(each).join(' ')
  }

  #tell(line: string): void {
    this.say(`${line}\r`)
  }
}
