import { z } from 'zod'
import { done, type Exchange, FOREIGN, MORE, oneLine, type Reading, refused } from '../../line/exchange.ts'
import { LineFault } from '../../line/line-fault.ts'
import type { Ask, StageProtocol } from '../../protocol.ts'

/**
 * Prior ProScan. CR ends commands and answers; positions in steps of the resolution the controller reports.
 * Sources: Prior, ProScan III manual 1.16 (4.1: delimiters, `R` at the end of a move, `E18`; 4.2: `?`, `$`, `I` stops under control and
 * `K` at once, `COMP` and `ERROR` outlast the power; 4.3: `G` with or without z, `P`, `SMS`, `SCS`, `SIS`; 4.4: `GZ`, `SMZ`; 4.13: error numbers), also as the
 * commands of the SweepMe! driver for it are traced to that manual and to a ProScan H31XYZ with firmware 1.03 (`?`, `COMP`, `ERROR`,
 * `P`, `SCS` -> 100; `RES,s` -> 0 where no stage is fitted); Micro-Manager, DeviceAdapters/Prior/Prior.cpp (`COMP 0` -> `0`, `RES,s`,
 * `SIS`); python-microscope, microscope/controllers/prior.py (`?` -> PROSCAN INFORMATION ... END).
 *
 * `SIZ` would run the focus drive into a limit switch, and nothing says on which side of the slide that is: it is not used.
 */
const stepUm = z.number().positive().optional()
export const priorOptions = z.strictObject({
  /** Micrometres a step where the controller cannot tell (older firmware does not know `RES`); absent: it is asked. */
  stepXyUm: stepUm,
  stepZUm: stepUm,
  /** Speed at 100 %, which depends on the stage: its data sheet has it. */
  topSpeedXyMmPerS: z.number().positive().default(20),
  topSpeedZMmPerS: z.number().positive().default(2),
})
export type PriorOptions = z.input<typeof priorOptions>

const ERRORS: Readonly<Record<string, string>> = {
  '1': 'there is no stage',
  '2': 'it is not idle',
  '3': 'there is no drive',
  '4': 'it could not read the command',
  '5': 'it does not know the command',
  '7': 'there is no focus drive',
  '8': 'a value is out of its range',
  '16': 'it is in no state for that',
  '18': 'its queue is full',
  '19': 'it is in compatibility mode',
  '44': 'the stage has not been indexed',
}
/** ARG1_OUT_OF_RANGE to ARG6_OUT_OF_RANGE. */
const OUT_OF_RANGE = /^1[0-5]$/
/** Smoothness of the acceleration, per cent: forgotten at a reset, and never this by itself. */
const WITNESS = '97'

export function prior(options: PriorOptions = {}): StageProtocol {
  const { topSpeedXyMmPerS, topSpeedZMmPerS, stepXyUm, stepZUm } = priorOptions.parse(options)
  /** Read before anything is moved. */
  let xyUm = stepXyUm ?? 1
  let zUm = stepZUm ?? 0.1
  /** The refusal of a move comes when it likes. */
  let complaint: string | null = null

  const wordsOf = (line: string) => {
    const [, number] = /^E,?(\d+)$/.exec(line) ?? []
    if (number === undefined) return null
    return ERRORS[number] ?? (OUT_OF_RANGE.test(number) ? 'an argument is out of its range' : `error ${number}`)
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

  const resolution = async (ask: Ask, send: string, drive: string) => {
    const exchange = oneLine(
      send,
      'its resolution',
      answer((line) => (/^-?\d*\.?\d+$/.test(line) ? done(Math.abs(Number(line))) : FOREIGN)),
    )
    for (let last: number | null = null; ; ) {
      const value = await ask(exchange)
      if (value === last && value > 0) return value
      // A wrong step would make every position wrong by the same factor.
      if (value === last) throw new LineFault('refused', `it has no resolution for its ${drive}: is one fitted?`)
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
      // Errors as numbers, not in words.
      await ask(oneLine('ERROR 0\r', 'errors as numbers', zero))
      xyUm = stepXyUm ?? (await resolution(ask, 'RES,s\r', 'stage'))
      zUm = stepZUm ?? (await resolution(ask, 'RES,Z\r', 'focus drive'))
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
      const x = Math.round((to.x ?? from.x) / xyUm)
      const y = Math.round((to.y ?? from.y) / xyUm)
      const z = Math.round((to.z ?? from.z) / zUm)
      const sideways = to.x !== undefined || to.y !== undefined
      // An axis that stays is not named: a damaged digit must not move the objective.
      const send = to.z === undefined ? `G,${x},${y}\r` : sideways ? `G,${x},${y},${z}\r` : `GZ,${z}\r`
      complaint = null
      return [
        { send, what: 'a move', begin: null, motion: true },
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
    home: (axes) => (axes.includes('z') ? null : [oneLine('SIS\r', 'homing', R, { motion: true, later: true })]),
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
