import { Firmware } from '../../firmware/firmware.ts'
import { AXES, type Axis } from '../../protocol.ts'

const NAMES: Readonly<Record<string, string>> = {
  M: 'MOVE',
  R: 'MOVREL',
  W: 'WHERE',
  '/': 'STATUS',
  '\\': 'HALT',
  '!': 'HOME',
  H: 'HERE',
  S: 'SPEED',
  V: 'VERSION',
  SL: 'SETLOW',
  SU: 'SETUP',
}
const POWER_ON_SPEED = 5.74592

/** An MS-2000. Sources as in `asi.ts`. Refuses what is not written exactly as the manual has it. */
export class AsiFirmware extends Firmware {
  readonly baud = 115200
  override readonly reactionMs = 3
  #speed: Record<Axis, number> = { x: POWER_ON_SPEED, y: POWER_ON_SPEED, z: POWER_ON_SPEED / 4 }
  #low: Record<Axis, number> = { x: -100, y: -100, z: -100 }
  #high: Record<Axis, number> = { x: 100, y: 100, z: 100 }

  override receive(character: string): void {
    const line = this.collect(character, '\r', 250)
    if (line !== null && line.trim() !== '') this.say(`${this.#answer(line.trim())}\r\n`)
  }

  protected override restarted(): void {
    this.#speed = { x: POWER_ON_SPEED, y: POWER_ON_SPEED, z: POWER_ON_SPEED / 4 }
  }

  #answer(line: string): string {
    const [word, ...rest] = line.toUpperCase().split(/\s+/)
    switch (NAMES[word] ?? word) {
      case 'VERSION':
        return rest.length === 0 ? ':A Version: USB-9.2k' : ':N-3'
      case 'STATUS':
        return rest.length === 0 ? (this.mechanics.anyMoving ? 'B' : 'N') : ':N-3'
      case 'HALT': {
        if (rest.length > 0) return ':N-3'
        const moving = this.mechanics.anyMoving
        this.mechanics.haltAll()
        return moving ? ':N-21' : ':A'
      }
      case 'WHERE':
        return this.#axes(
          rest,
          (axes) => `:A ${axes.map((axis) => Math.round(this.mechanics.count(axis) * 10)).join(' ')}`,
        )
      case 'HOME':
        return this.#axes(rest, (axes) => {
          for (const axis of axes) this.mechanics.runToReference(axis)
          return ':A'
        })
      case 'MOVE':
        return this.#move(rest, () => 0)
      case 'MOVREL':
        return this.#move(rest, (axis) => this.mechanics.count(axis))
      case 'HERE':
        return this.#values(rest, (axis, value) => this.mechanics.setCount(axis, value / 10))
      case 'SPEED':
        return this.#setting(rest, this.#speed, (axis, value) => this.mechanics.setSpeed(axis, value), [0.0001, 30])
      case 'SETLOW':
        return this.#setting(rest, this.#low, () => {}, [-1000, 1000])
      case 'SETUP':
        return this.#setting(rest, this.#high, () => {}, [-1000, 1000])
      default:
        return ':N-1'
    }
  }

  #axes(words: readonly string[], act: (axes: Axis[]) => string): string {
    const axes = words.map((word) => AXES.find((axis) => axis.toUpperCase() === word))
    if (axes.length === 0) return ':N-3'
    return axes.every((axis) => axis !== undefined) ? act(axes) : ':N-2'
  }

  #move(words: readonly string[], from: (axis: Axis) => number): string {
    const targets = this.#parsed(words)
    if (typeof targets === 'string') return targets
    const absolute = targets.map(([axis, value]) => [axis, from(axis) + value / 10] as const)
    if (absolute.some(([axis, um]) => um < this.#low[axis] * 1000 || um > this.#high[axis] * 1000)) return ':N-4'
    for (const [axis, um] of absolute) this.mechanics.moveTo(axis, um)
    return ':A'
  }

  #values(words: readonly string[], act: (axis: Axis, value: number) => void): string {
    const values = this.#parsed(words)
    if (typeof values === 'string') return values
    for (const [axis, value] of values) act(axis, value)
    return ':A'
  }

  #setting(
    words: readonly string[],
    store: Record<Axis, number>,
    act: (axis: Axis, value: number) => void,
    [least, most]: readonly [number, number],
  ): string {
    const asked = words.length > 0 && words.every((word) => /^[A-Z]\?$/.test(word))
    if (asked) {
      return this.#axes(
        words.map((word) => word[0]),
        (axes) => `:A ${axes.map((axis) => `${axis.toUpperCase()}=${store[axis].toFixed(6)}`).join(' ')}`,
      )
    }
    const values = this.#parsed(words)
    if (typeof values === 'string') return values
    if (values.some(([, value]) => value < least || value > most)) return ':N-4'
    for (const [axis, value] of values) {
      store[axis] = value
      act(axis, value)
    }
    return ':A'
  }

  #parsed(words: readonly string[]): [Axis, number][] | string {
    if (words.length === 0) return ':N-3'
    const values: [Axis, number][] = []
    for (const word of words) {
      const [, name, number] = /^([A-Z])=(-?\d+(?:\.\d+)?)$/.exec(word) ?? []
      if (name === undefined) return ':N-3'
      const axis = AXES.find((each) => each.toUpperCase() === name)
      if (!axis) return ':N-2'
      values.push([axis, Number(number)])
    }
    return values
  }
}
