import { z } from 'zod'
import { done, type Exchange, FOREIGN, MORE, type Reading, refused } from '../../line/exchange.ts'
import { AXES, type Axis, type AxisTargets, type StageProtocol } from '../../protocol.ts'

/**
 * UC2 electronics (openUC2, ESP32). JSON in lines to the board; from it JSON between a line `++` and a line `--`, with the number
 * (`qid`) of the question. A move is answered when it begins (isDone 0), when it ends (isDone 1), and as done.
 * Sources: youseetoo/uc2-esp32 (json_api_BD.txt, FocusMotor, HomeMotor); openUC2/UC2-REST (mserial.py, motor.py, home.py).
 */
export const uc2Options = z.strictObject({
  /** Micrometres a step. */
  stepUm: z.strictObject({ x: z.number().positive(), y: z.number().positive(), z: z.number().positive() }),
  /** Which way the end switch lies. */
  homeDirection: z
    .strictObject({
      x: z.union([z.literal(1), z.literal(-1)]),
      y: z.union([z.literal(1), z.literal(-1)]),
      z: z.union([z.literal(1), z.literal(-1)]),
    })
    .default({ x: -1, y: -1, z: -1 }),
})
export type Uc2Options = z.input<typeof uc2Options>

const STEPPERS = { x: 1, y: 2, z: 3 } as const

const frame = z.looseObject({ qid: z.number().optional() })
const stateFrame = z.looseObject({ state: z.looseObject({ identifier_name: z.string(), identifier_id: z.string() }) })
const motorFrame = z.looseObject({
  motor: z.looseObject({
    steppers: z.array(
      z.looseObject({
        stepperid: z.number(),
        position: z.number(),
        isbusy: z.number().optional(),
        isRunning: z.number().optional(),
      }),
    ),
  }),
})

export function uc2(options: Uc2Options): StageProtocol {
  const { stepUm, homeDirection } = uc2Options.parse(options)
  let speed = { xyMmPerS: 1, zMmPerS: 1 }
  let qid = 0
  let inFrame = false

  /** Frames that carry the number of this question; others are of older ones, whose motors may still tell that they have arrived. */
  const asked = <T>(
    what: string,
    task: Readonly<Record<string, unknown>>,
    read: (frame: unknown) => T | null,
  ): Exchange<T> => {
    const number = ++qid
    return {
      send: `${JSON.stringify({ ...task, qid: number })}\n`,
      what,
      begin: () => {
        let lines: string[] | null = null
        return (line): Reading<T> => {
          if (line === '++') {
            lines = []
            return MORE
          }
          if (lines === null) return FOREIGN
          if (line !== '--') {
            lines.push(line)
            return lines.length < 50 ? MORE : FOREIGN
          }
          const json = parsed(lines.join(''))
          lines = null
          const { data } = frame.safeParse(json)
          if (!data) return FOREIGN
          if (data.qid === -number) return refused('it does not know the command')
          if (data.qid !== number) return MORE
          const value = read(json)
          return value === null ? MORE : done(value)
        }
      },
    }
  }
  const motors = <T>(
    what: string,
    read: (motors: Readonly<Record<Axis, { steps: number; busy: boolean }>>) => T,
  ): Exchange<T> =>
    asked(what, { task: '/motor_get' }, (json) => {
      const { data } = motorFrame.safeParse(json)
      const each = AXES.map((axis) => data?.motor.steppers.find((stepper) => stepper.stepperid === STEPPERS[axis]))
      if (each.some((stepper) => stepper === undefined)) return null
      const [x, y, z] = each.map((stepper) => ({
        steps: stepper!.position,
        busy: (stepper!.isbusy ?? stepper!.isRunning ?? 0) !== 0,
      }))
      return read({ x, y, z })
    })
  const stepsPerS = (axis: Axis) => Math.round(((axis === 'z' ? speed.zMmPerS : speed.xyMmPerS) * 1000) / stepUm[axis])
  const accepted = () => true as const

  return {
    driver: 'uc2',
    title: 'UC2',
    serial: { bauds: [115200, 921600], restartsOnOpenMs: 3000, maxLineBytes: 4096 },
    get identify() {
      return asked('its name', { task: '/state_get' }, (json) => {
        const { data } = stateFrame.safeParse(json)
        return data ? `${data.state.identifier_name} ${data.state.identifier_id}` : null
      })
    },
    unasked(line) {
      // What the ROM of an ESP32 says at power-on.
      if (/^(ets [A-Z]|rst:0x)/.test(line)) return 'restarted'
      if (line === '++') inFrame = true
      // Log lines, and frames of moves that have ended.
      const harmless = inFrame || line === '--' || /^\[\s*\d+\]\[[A-Z]\]/.test(line)
      if (line === '--') inFrame = false
      return harmless ? 'harmless' : 'foreign'
    },
    setUp: async () => undefined,
    position: () => [
      motors(
        'its position',
        ({ x, y, z }): AxisTargets => ({ x: x.steps * stepUm.x, y: y.steps * stepUm.y, z: z.steps * stepUm.z }),
      ),
    ],
    busy: () => [motors('whether it moves', ({ x, y, z }) => x.busy || y.busy || z.busy)],
    move: (to) => {
      const steppers = AXES.flatMap((axis) => {
        const um = to[axis]
        if (um === undefined) return []
        return [
          { stepperid: STEPPERS[axis], position: Math.round(um / stepUm[axis]), speed: stepsPerS(axis), isabs: 1 },
        ]
      })
      return [{ ...asked('a move', { task: '/motor_act', motor: { steppers } }, accepted), motion: true }]
    },
    get halt() {
      const steppers = AXES.map((axis) => ({ stepperid: STEPPERS[axis], isstop: 1 }))
      return [asked('a halt', { task: '/motor_act', motor: { steppers } }, accepted)]
    },
    pieceMs: null,
    home: (axes) =>
      axes.map((axis) => ({
        ...asked(
          'homing',
          {
            task: '/home_act',
            home: {
              steppers: [
                {
                  stepperid: STEPPERS[axis],
                  timeout: 20000,
                  speed: stepsPerS(axis),
                  direction: homeDirection[axis],
                  endposrelease: 0,
                },
              ],
            },
          },
          accepted,
        ),
        motion: true,
        timeoutMs: 1000,
      })),
    speed: (wanted) => {
      speed = wanted
      return []
    },
    witness: null,
    quantumUm: stepUm,
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
