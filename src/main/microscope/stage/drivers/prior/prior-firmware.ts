import { Firmware } from '../../firmware/firmware.ts'
import { AXES, type Axis } from '../../protocol.ts'

const STEP_UM = 0.1

/**
 * A ProScan III with stage and focus drive. Sources as in `prior.ts`. Ends a move with `R`, also one that was stopped. Compatibility mode
 * and error words outlast a reset, and it begins with both.
 */
export class PriorFirmware extends Firmware {
  readonly baud = 9600
  override readonly reactionMs = 4
  #compatible = true
  #inWords = true
  #smoothness = 100
  #speed = 100
  #focusSpeed = 100

  override receive(character: string): void {
    const line = this.collect(character, '\r', 100)
    if (line === null) return
    const answer = this.#answer(line.trim().toUpperCase())
    if (answer !== null) this.say(`${this.#inWords ? answer.replace(/^E,(\d+)$/, 'ERROR $1') : answer}\r`)
  }

  protected override restarted(): void {
    this.#smoothness = 100
    this.#speed = 100
    this.#focusSpeed = 100
  }

  #answer(line: string): string | null {
    const [word, ...values] = line.split(/[ ,]+/)
    const numbers = values.map(Number)
    if (word === '') return this.#position()
    // In compatibility mode it answers, but not to everything.
    if (this.#compatible && word !== 'COMP' && word !== '?' && word !== 'I' && word !== 'K') return 'E,5'
    switch (word) {
      case '?':
        return [
          'PROSCAN INFORMATION',
          'DSP_1 IS 3-AXIS STEPPER VERSION 0.0',
          'DRIVE CHIPS 000111',
          'JOYSTICK ACTIVE',
          'STAGE = H101/2',
          'FOCUS = NORMAL',
          'END',
        ].join('\r')
      case 'COMP':
        if (values.length !== 1 || !['0', '1'].includes(values[0])) return 'E,10'
        this.#compatible = values[0] === '1'
        return '0'
      case 'ERROR':
        if (values.length !== 1 || !['0', '1'].includes(values[0])) return 'E,4'
        this.#inWords = values[0] === '1'
        return '0'
      case 'P':
        return values.length === 0 ? this.#position() : 'E,4'
      case 'RES':
        return ['S', 'Z'].includes(values[0]) && values.length === 1 ? STEP_UM.toFixed(1) : 'E,10'
      case '$':
        return String(AXES.reduce((bits, axis, i) => bits + (this.mechanics.moving(axis) ? 1 << i : 0), 0))
      case 'G':
        return values.length === 2 || values.length === 3 ? this.#go(AXES.slice(0, values.length), values) : 'E,4'
      case 'GZ':
        return values.length === 1 ? this.#go(['z'], values) : 'E,4'
      case 'I':
      case 'K':
        this.mechanics.haltAll()
        return 'R'
      case 'SIS':
        for (const axis of ['x', 'y'] as const) this.mechanics.runToReference(axis)
        this.whenStill(() => {
          for (const axis of ['x', 'y'] as const)
            if (this.mechanics.placeAt(this.clock.nowMs())[axis] === this.mechanics.options.travel[axis].minUm)
              this.mechanics.setCount(axis, 0)
        })
        return 'R'
      case 'SMS':
        return this.#percent(numbers, this.#speed, (value) => {
          this.#speed = value
          for (const axis of ['x', 'y'] as const) this.mechanics.setSpeed(axis, (20 * value) / 100)
        })
      case 'SMZ':
        return this.#percent(numbers, this.#focusSpeed, (value) => {
          this.#focusSpeed = value
          this.mechanics.setSpeed('z', (2 * value) / 100)
        })
      case 'SCS':
        return this.#percent(numbers, this.#smoothness, (value) => {
          this.#smoothness = value
        })
      default:
        return 'E,5'
    }
  }

  #position(): string {
    return AXES.map((axis) => Math.round(this.mechanics.count(axis) / STEP_UM)).join(',')
  }

  #go(axes: readonly Axis[], values: readonly string[]): string | null {
    if (!values.every((value) => /^-?\d+$/.test(value))) return 'E,4'
    axes.forEach((axis, i) => {
      const um = Number(values[i]) * STEP_UM
      if (Math.abs(um - this.mechanics.count(axis)) > STEP_UM / 2 || this.mechanics.moving(axis))
        this.mechanics.moveTo(axis, um)
    })
    this.whenStill(() => this.say('R\r'))
    return null
  }

  #percent(numbers: readonly number[], now: number, set: (value: number) => void): string {
    if (numbers.length === 0) return String(now)
    if (numbers.length > 1 || !(numbers[0] >= 1 && numbers[0] <= 100)) return 'E,10'
    set(numbers[0])
    return '0'
  }
}
