import { z } from 'zod'
import { Firmware } from '../../firmware/firmware.ts'
import type { Axis } from '../../protocol.ts'

const BOOT_MS = 1500
const STEP_UM = 0.3125
const AXIS_OF: Readonly<Record<number, Axis>> = { 1: 'x', 2: 'y', 3: 'z' }

const stepper = z.looseObject({ stepperid: z.number().int().min(0).max(3) })
const request = z.looseObject({
  task: z.string(),
  qid: z.number().int().default(0),
  motor: z
    .looseObject({
      steppers: z.array(
        stepper.extend({
          position: z.number().int().optional(),
          speed: z.number().optional(),
          isabs: z.number().optional(),
          isstop: z.number().optional(),
        }),
      ),
    })
    .optional(),
  home: z
    .looseObject({
      steppers: z.array(stepper.extend({ direction: z.union([z.literal(1), z.literal(-1)]), speed: z.number() })),
    })
    .optional(),
})
type Request = z.infer<typeof request>

/** A UC2 board with motors 1 to 3, which restarts when its port is opened. Sources as in `uc2.ts`. */
export class Uc2Firmware extends Firmware {
  readonly baud = 115200
  override readonly reactionMs = 2
  override readonly resetsOnOpen = true
  #booting = false
  #homing = new Set<Axis>()

  override receive(character: string): void {
    if (this.#booting) return
    const line = this.collect(character, '\n', 2000)
    if (line === null || line.trim() === '') return
    let json: unknown = null
    try {
      json = JSON.parse(line)
    } catch {
      // Said, but not as an answer.
      this.say('[  1234][E] deserializing failed\r\n')
      return
    }
    const { data } = request.safeParse(json)
    if (data) this.#obey(data)
    else this.#tell({ qid: -Number((json as { qid?: unknown } | null)?.qid ?? 0) })
  }

  protected override restarted(): void {
    this.#booting = true
    this.#homing.clear()
    this.later(50, () =>
      this.say('ets Jul 29 2019 12:21:46\r\n\r\nrst:0x1 (POWERON_RESET),boot:0x13 (SPI_FAST_FLASH_BOOT)\r\n'),
    )
    this.later(BOOT_MS, () => {
      this.#booting = false
      this.say('[  1400][I] Setup done\r\n')
    })
  }

  #obey({ task, qid, motor, home }: Request): void {
    switch (task) {
      case '/state_get':
        this.#tell({
          state: { identifier_name: 'UC2_Feather', identifier_id: 'V2.0', identifier_author: 'BD', pindef: 'UC2_3' },
          qid,
        })
        return
      case '/motor_get':
        this.#tell({
          motor: {
            steppers: [
              { stepperid: 0, position: 0, isbusy: 0 },
              ...Object.entries(AXIS_OF).map(([id, axis]) => ({
                stepperid: Number(id),
                position: Math.round(this.mechanics.count(axis) / STEP_UM),
                isbusy: this.mechanics.moving(axis) ? 1 : 0,
              })),
            ],
          },
          qid,
        })
        return
      case '/motor_act':
        if (!motor) {
          this.#tell({ qid: -qid })
          return
        }
        this.#act(motor.steppers, qid)
        return
      case '/home_act':
        if (!home) {
          this.#tell({ qid: -qid })
          return
        }
        this.#home(home.steppers, qid)
        return
      default:
        this.#tell({ qid: -qid })
    }
  }

  #act(steppers: NonNullable<Request['motor']>['steppers'], qid: number): void {
    const moved: number[] = []
    for (const { stepperid, position, speed, isabs, isstop } of steppers) {
      const axis = AXIS_OF[stepperid]
      if (!axis) continue
      if (isstop) {
        this.mechanics.halt(axis)
        this.#homing.delete(axis)
      } else if (position !== undefined && speed !== undefined && speed > 0) {
        this.mechanics.setSpeed(axis, (speed * STEP_UM) / 1000)
        this.mechanics.moveTo(axis, position * STEP_UM + (isabs ? 0 : this.mechanics.count(axis)))
        moved.push(stepperid)
      }
    }
    this.#tell({ steppers: steppers.map(({ stepperid }) => ({ stepperid, isDone: 0 })), qid })
    if (moved.length === 0) return
    this.whenStill(() => {
      const at = (stepperid: number) => Math.round(this.mechanics.count(AXIS_OF[stepperid]) / STEP_UM)
      this.#tell({ steppers: moved.map((stepperid) => ({ stepperid, position: at(stepperid), isDone: 1 })), qid })
      this.#tell({ qid, state: 'done' })
    })
  }

  #home(steppers: NonNullable<Request['home']>['steppers'], qid: number): void {
    for (const { stepperid, speed } of steppers) {
      const axis = AXIS_OF[stepperid]
      if (!axis) continue
      this.mechanics.setSpeed(axis, (speed * STEP_UM) / 1000)
      this.mechanics.runToReference(axis)
      this.#homing.add(axis)
      this.whenStill(() => {
        if (!this.#homing.delete(axis)) return
        this.mechanics.setCount(axis, 0)
        this.#tell({ home: { steppers: { axis: stepperid, pos: 0, isDone: 1 } }, qid })
      })
    }
    this.#tell({ qid, success: 1 })
  }

  #tell(value: unknown): void {
    this.say(`++\r\n${JSON.stringify(value)}\r\n--\r\n`)
  }
}
