import { z } from 'zod'
import { done, type Exchange, FOREIGN, MORE, oneLine, type Reading, refused } from '../../line/exchange.ts'
import type { Ask, StageProtocol } from '../../protocol.ts'

/**
 * Prior ProScan. CR ends commands and answers; positions in steps of the resolution the controller reports.
 * Sources: Prior, ProScan III manual (command tables: `I` stops under control, `K` at once with a risk to the position; `G x,y,z`;
 * `P`; `$`); Micro-Manager, DeviceAdapters/Prior/Prior.cpp (`COMP 0` -> `0`, `RES,s`, `SIS`, error numbers); python-microscope,
 * microscope/controllers/prior.py (`?` -> PROSCAN INFORMATION ... END).
 */
export const priorOptions = z.strictObject({
  /** Speed at 100 %, which depends on the stage: its data sheet has it. */
  topSpeedXyMmPerS: z.number().positive().default(20),
  topSpeedZMmPerS: z.number().positive().default(2),
})
export type PriorOptions = z.input<typeof priorOptions>

const ERRORS: Readonly<Record<string, string>> = {
  '1': 'there is no stage',
  '2': 'the stage is not idle',
  '3': 'there is no drive',
  '4': 'the command arrived damaged',
  '5': 'it does not know the command',
  '6': 'a value is out of its range',
  '8': 'a value is out of its range',
  '18': 'its queue is full',
}
/** Assumed where the controller says that its resolution is zero. */
const USUAL_STEP_UM = 0.1
/** Smoothness of the acceleration, per cent: forgotten at a reset, and never this by itself. */
const WITNESS = '97'

export function prior(options: PriorOptions = {}): StageProtocol {
  const { topSpeedXyMmPerS, topSpeedZMmPerS } = priorOptions.parse(options)
  let xyUm = USUAL_STEP_UM
  let zUm = USUAL_STEP_UM
  /** The refusal of a move comes when it likes. */
  let complaint: string | null = null

  const wordsOf = (line: string) => {
    const [, number] = /^E,(\d+)$/.exec(line) ?? []
    return number === undefined ? null : (ERRORS[number] ?? `error ${number}`)
  }
  const answer =
    <T>(read: (line: string) => Reading<T>) =>
    (line: string): Reading<T> => {
      const words = wordsOf(line)
      return words === null ? read(line) : refused(words)
    }
  const zero = answer((line) => (line === '0' ? done(undefined) : FOREIGN))
  const moving = answer((line) => (/^\d{1,3}$/.test(line) ? done((Number(line) & 7) !== 0) : FOREIGN))
  const R = answer((line) => (line === 'R' ? done(undefined) : FOREIGN))
  const percent = (speed: number, top: number) => Math.min(100, Math.max(1, Math.round((100 * speed) / top)))

  const resolution = async (ask: Ask, send: string) => {
    const exchange = oneLine(
      send,
      'its resolution',
      answer((line) => (/^-?\d*\.?\d+$/.test(line) ? done(Math.abs(Number(line))) : FOREIGN)),
    )
    for (let last: number | null = null; ; ) {
      const value = await ask(exchange)
      if (value === last) return value === 0 ? USUAL_STEP_UM : value
      last = value
    }
  }

  return {
    driver: 'prior',
    title: 'Prior ProScan',
    serial: { bauds: [9600, 38400, 19200, 115200], restartsOnOpenMs: 0 },
    identify: {
      send: '?\r',
      what: 'its description',
      begin: () => {
        const lines: string[] = []
        return answer((line): Reading<string> => {
          if (lines.length === 0 && line !== 'PROSCAN INFORMATION') return FOREIGN
          lines.push(line)
          const stage = lines.find((each) => each.startsWith('STAGE = '))
          return line === 'END' ? done(`Prior ProScan${stage ? `, stage ${stage.slice(8)}` : ''}`) : MORE
        })
      },
    },
    unasked(line) {
      // `R` tells that a move has ended, in some firmware at once.
      if (line === 'R') return 'harmless'
      const words = wordsOf(line)
      if (words === null) return 'foreign'
      complaint = words
      return 'harmless'
    },
    async setUp(ask) {
      await ask(oneLine('COMP 0\r', 'its standard mode', zero))
      xyUm = await resolution(ask, 'RES,s\r')
      zUm = await resolution(ask, 'RES,Z\r')
    },
    position: () => [
      oneLine(
        'P\r',
        'its position',
        answer((line) => {
          const [, x, y, z] = /^(-?\d+),(-?\d+),(-?\d+)$/.exec(line) ?? []
          return z === undefined ? FOREIGN : done({ x: Number(x) * xyUm, y: Number(y) * xyUm, z: Number(z) * zUm })
        }),
      ),
    ],
    busy: () => [oneLine('$\r', 'whether it moves', moving)],
    move: (to, from) => {
      const steps = [
        Math.round((to.x ?? from.x) / xyUm),
        Math.round((to.y ?? from.y) / xyUm),
        Math.round((to.z ?? from.z) / zUm),
      ]
      complaint = null
      return [
        { send: `G,${steps.join(',')}\r`, what: 'a move', begin: null, motion: true },
        oneLine(
          '$\r',
          'whether it moves',
          answer((line) => {
            const reading = moving(line)
            return reading.kind === 'done' && complaint !== null ? refused(complaint) : reading
          }),
        ),
      ]
    },
    halt: [oneLine('I\r', 'a halt', R)],
    pieceMs: null,
    // The index of the stage; the focus drive has none.
    home: (axes) => (axes.includes('z') ? null : [{ ...oneLine('SIS\r', 'homing', R), motion: true }]),
    speed: ({ xyMmPerS, zMmPerS }): Exchange<unknown>[] => [
      oneLine(`SMS,${percent(xyMmPerS, topSpeedXyMmPerS)}\r`, 'its speed', zero),
      oneLine(`SMZ,${percent(zMmPerS, topSpeedZMmPerS)}\r`, 'its speed', zero),
    ],
    witness: {
      tell: [oneLine(`SCS,${WITNESS}\r`, 'its smoothness', zero)],
      read: oneLine(
        'SCS\r',
        'its smoothness',
        answer((line) => (/^\d{1,3}$/.test(line) ? done(line) : FOREIGN)),
      ),
    },
    get quantumUm() {
      return { x: xyUm, y: xyUm, z: zUm }
    },
  }
}
