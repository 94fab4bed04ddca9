import { z } from 'zod'
import { done, FOREIGN, MORE, oneLine, type Reading, refused } from '../../line/exchange.ts'
import { AXES, type StageProtocol, type StageSpeed } from '../../protocol.ts'

/**
 * Sangaboard firmware v0.4/0.5 (OpenFlexure). Commands end with LF, answers with CRLF; whole steps. There are relative moves only,
 * they block, and they cannot be broken off: a move is sent in short pieces, each reckoned from a position that was read back.
 * Sources: OpenFlexure sangaboard-firmware README (commands), pysangaboard/sangaboard.py (version string, `p?`, `dt?` ->
 * `minimum step delay`, the delay is kept in EEPROM).
 */
export const sangaboardOptions = z.strictObject({
  /** Micrometres a step moves the sample or the optics. */
  stepUm: z.strictObject({ x: z.number().positive(), y: z.number().positive(), z: z.number().positive() }),
})
export type SangaboardOptions = z.infer<typeof sangaboardOptions>

/** The shortest the motors follow. */
const SHORTEST_DELAY_US = 100

export function sangaboard(options: SangaboardOptions): StageProtocol {
  const { stepUm } = sangaboardOptions.parse(options)
  // One delay for all axes: the slower of the two speeds sets it.
  const delayUs = ({ xyMmPerS, zMmPerS }: StageSpeed) =>
    Math.max(SHORTEST_DELAY_US, Math.round((1000 * stepUm.x) / xyMmPerS), Math.round((1000 * stepUm.z) / zMmPerS))
  let delay = SHORTEST_DELAY_US
  const orHelp =
    <T>(read: (line: string) => Reading<T>) =>
    (line: string): Reading<T> =>
      /^Type 'help'/i.test(line) ? refused('it does not know the command') : read(line)

  return {
    driver: 'sangaboard',
    title: 'Sangaboard',
    serial: { bauds: [115200], restartsOnOpenMs: 2000 },
    // The step delay first: the name alone is also what it says when it has been reset.
    identify: {
      send: 'dt?\nversion\n',
      what: 'its version',
      begin: () => {
        let delayTold = false
        return (line): Reading<string> => {
          if (delayTold) return /^Sangaboard Firmware v\d+\.\d+\S*$/.test(line) ? done(line) : FOREIGN
          delayTold = /^minimum step delay \d+$/.test(line)
          return delayTold ? MORE : FOREIGN
        }
      },
    },
    unasked: (line) => (/^Sangaboard Firmware v/.test(line) ? 'restarted' : 'foreign'),
    setUp: async () => undefined,
    position: () => [
      oneLine(
        'p?\n',
        'its position',
        orHelp((line) => {
          const [, x, y, z] = /^(-?\d+) (-?\d+) (-?\d+)$/.exec(line) ?? []
          return z === undefined
            ? FOREIGN
            : done({ x: Number(x) * stepUm.x, y: Number(y) * stepUm.y, z: Number(z) * stepUm.z })
        }),
      ),
    ],
    // Whatever it answers, it answers at rest.
    busy: () => [],
    move: (to, from) => {
      const steps = AXES.map(
        (axis) => Math.round((to[axis] ?? from[axis]) / stepUm[axis]) - Math.round(from[axis] / stepUm[axis]),
      )
      const arrived = orHelp((line): Reading<undefined> => (/^done\.?$/.test(line) ? done(undefined) : FOREIGN))
      const timeoutMs = 1000 + (2 * delay * Math.max(...steps.map(Math.abs))) / 1000
      return [oneLine(`mr ${steps.join(' ')}\n`, 'a move', arrived, { motion: true, timeoutMs })]
    },
    halt: null,
    pieceMs: 250,
    home: () => null,
    attainable: (wanted) => ({
      xyMmPerS: (1000 * Math.min(stepUm.x, stepUm.y)) / delayUs(wanted),
      zMmPerS: (1000 * stepUm.z) / delayUs(wanted),
    }),
    speed: (wanted) => {
      delay = delayUs(wanted)
      return [
        oneLine(
          `dt ${delay}\n`,
          'its speed',
          orHelp((line) => (/^(minimum step delay \d+|done\.?)$/.test(line) ? done(undefined) : FOREIGN)),
        ),
      ]
    },
    witness: null,
    answersWhenArrived: true,
    quantumUm: stepUm,
  }
}
