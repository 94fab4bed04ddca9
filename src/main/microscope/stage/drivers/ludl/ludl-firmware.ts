import { Firmware } from '../../firmware/firmware.ts'
import { AXES, type Axis } from '../../protocol.ts'

const STEP_UM = 0.1

/** A MAC 5000 with X, Y and Z. Sources as in `ludl.ts`. Begins in the low-level command set, in which it understands no words. */
export class LudlFirmware extends Firmware {
  readonly baud = 9600
  override readonly bitsPerCharacter = 11
  override readonly reactionMs = 4
  #ramp: Record<Axis, number> = { x: 100, y: 100, z: 100 }
  #prefix = false
  #words = false
  #homing = false

  override receive(character: string): void {
    if (this.#prefix) {
      this.#prefix = false
      if (character === 'A') this.#words = true
      if (character === 'B') this.#words = false
      return
    }
    if (character === '\xff') {
      this.#prefix = true
      this.buffer = ''
      return
    }
    if (!this.#words) return
    const line = this.collect(character, '\r', 120)
    if (line === null || line.trim() === '') return
    const answer = this.#answer(line.trim().toUpperCase())
    if (answer !== null) this.say(answer)
  }

  protected override restarted(): void {
    this.#ramp = { x: 100, y: 100, z: 100 }
    this.#prefix = false
    this.#words = false
    this.#homing = false
  }

  #answer(line: string): string | null {
    const [word, ...words] = line.split(/ +/)
    switch (word) {
      case 'VER':
        return 'Version 5.0.1 MAC 5000\n:A\n'
      case 'STATUS': {
        const axes = this.#axes(words)
        return axes ? (axes.some((axis) => this.mechanics.moving(axis)) ? 'B' : 'N') : ':N -2\n'
      }
      case 'WHERE': {
        const axes = this.#axes(words)
        return axes
          ? `:A ${axes.map((axis) => Math.round(this.mechanics.count(axis) / STEP_UM)).join(' ')}\n`
          : ':N -2\n'
      }
      case 'HALT':
        this.mechanics.haltAll()
        return ':A\n'
      case 'MOVE':
        return this.#values(words, (axis, steps) => this.mechanics.moveTo(axis, steps * STEP_UM))
      case 'HERE':
        return this.#values(words, (axis, steps) => this.mechanics.setCount(axis, steps * STEP_UM))
      case 'SPEED':
        return this.#values(words, (axis, steps) => this.mechanics.setSpeed(axis, (steps * STEP_UM) / 1000))
      case 'ACCEL': {
        const axes = this.#axes(words)
        if (axes) return `:A ${axes.map((axis) => this.#ramp[axis]).join(' ')}\n`
        return this.#values(words, (axis, value) => {
          this.#ramp[axis] = value
        })
      }
      case 'HOME': {
        const axes = this.#axes(words)
        if (!axes) return ':N -2\n'
        if (this.#homing) return ':N -5\n'
        for (const axis of axes) this.mechanics.runToReference(axis)
        this.#homing = true
        this.whenStill(() => {
          this.#homing = false
          this.say(':A\n')
        })
        return null
      }
      default:
        return ':N -1\n'
    }
  }

  #axes(words: readonly string[]): Axis[] | null {
    const axes = words.map((word) => AXES.find((axis) => axis.toUpperCase() === word))
    return axes.length > 0 && axes.every((axis) => axis !== undefined) ? axes : null
  }

  #values(words: readonly string[], act: (axis: Axis, value: number) => void): string {
    const values: [Axis, number][] = []
    for (const word of words) {
      const [, name, number] = /^([XYZ])=(-?\d+)$/.exec(word) ?? []
      const axis = AXES.find((each) => each.toUpperCase() === name)
      if (!axis) return ':N -3\n'
      values.push([axis, Number(number)])
    }
    if (values.length === 0) return ':N -3\n'
    for (const [axis, value] of values) act(axis, value)
    return ':A\n'
  }
}
