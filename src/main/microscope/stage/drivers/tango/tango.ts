import { done, type Exchange, FOREIGN, MORE, oneLine, type Reading, refused } from '../../line/exchange.ts'
import { AXES, type Axis, type StageProtocol } from '../../protocol.ts'

/**
 * Maerzhaeuser TANGO. CR ends commands and answers; with `!dim 1` positions are micrometres. Commands that begin with `!` answer
 * nothing, so each is followed by `?err` in the same breath.
 * Sources: Micro-Manager, DeviceAdapters/Marzhauser/Marzhauser.cpp (`!moa x y`, `!moa z v`, `!autostatus 0`, `!dim x 9` before
 * `?vel`, `?statusaxis`, `?err`, `a z`); comet (HEPHY Vienna), tests of its Tango driver (`!a`, `?pos`, `@@M-.`).
 */
const ERRORS: Readonly<Record<string, string>> = {
  '4': 'it does not know the instruction',
  '5': 'a value is out of its range',
  '11': 'its joystick is on',
  '12': 'a limit switch is pressed',
  '27': 'its emergency stop is pressed',
  '32': 'the target lies outside its limits',
}
/** No factory setting has this value, so that it tells a controller that was set up from one that was reset. */
const ODD = 0.997

const noError = (line: string): Reading<undefined> => {
  if (!/^\d{1,3}$/.test(line)) return FOREIGN
  return line === '0' ? done(undefined) : refused(ERRORS[line] ?? `error ${line}`)
}
const tell = (commands: readonly string[], what: string): Exchange<undefined> =>
  oneLine([...commands, '?err'].map((command) => `${command}\r`).join(''), what, noError)

export function tango(): StageProtocol {
  return {
    driver: 'tango',
    title: 'Maerzhaeuser TANGO',
    serial: { bauds: [57600, 9600, 19200, 38400, 115200], restartsOnOpenMs: 0 },
    identify: oneLine('?version\r', 'its version', (line) => (/TANGO/i.test(line) ? done(line) : FOREIGN)),
    // What it pushes on its own as long as autostatus is on.
    unasked: (line) => (/^[@MJSADCTEF\-.]{3,6}$/.test(line) ? 'harmless' : 'foreign'),
    async setUp(ask) {
      await ask(tell(['!autostatus 0', '!dim 1 1 1'], 'its units'))
    },
    position: () => [
      oneLine('?pos\r', 'its position', (line) => {
        const [, x, y, z] = /^(-?\d+\.\d+) (-?\d+\.\d+) (-?\d+\.\d+)$/.exec(line) ?? []
        return z === undefined ? FOREIGN : done({ x: Number(x), y: Number(y), z: Number(z) })
      }),
    ],
    busy: () => [
      oneLine('?statusaxis\r', 'whether it moves', (line) => {
        if (!/^[@MJSADCTEF-]{3,4}\.?$/.test(line)) return FOREIGN
        return done(/[MC]/.test(line.slice(0, 3)))
      }),
    ],
    move: (to, from) => {
      const sideways = to.x !== undefined || to.y !== undefined
      const values = AXES.map((axis) => (to[axis] ?? from[axis]).toFixed(2))
      // An axis that stays is not named: a damaged digit must not move the objective.
      const target = to.z === undefined ? values.slice(0, 2) : sideways ? values : ['z', values[2]]
      return [{ ...tell([`!moa ${target.join(' ')}`], 'a move'), motion: true }]
    },
    // What it was doing may leave an error behind.
    halt: [oneLine('!a\r?err\r', 'a halt', (line) => (/^\d{1,3}$/.test(line) ? done(undefined) : FOREIGN))],
    pieceMs: null,
    home: (axes: readonly Axis[]) => axes.map((axis) => ({ ...tell([`!cal ${axis}`], 'homing'), motion: true })),
    speed: ({ xyMmPerS, zMmPerS }) => [
      tell(
        [
          '!dim 9 9 9',
          `!vel ${[xyMmPerS, xyMmPerS, zMmPerS].map((speed) => (speed * ODD).toFixed(4)).join(' ')}`,
          '!dim 1 1 1',
        ],
        'its speed',
      ),
    ],
    // With the units: a count in other units would be a wrong position.
    witness: {
      tell: [],
      read: {
        send: '?dim\r?vel\r',
        what: 'its speed',
        begin: () => {
          let units = false
          return (line): Reading<string> => {
            if (!units) {
              units = line === '1 1 1'
              return units
                ? MORE
                : /^\d \d \d$/.test(line)
                  ? refused('it counts in other units than it was told')
                  : FOREIGN
            }
            return /^\d+\.\d+ \d+\.\d+ \d+\.\d+$/.test(line) ? done(line) : FOREIGN
          }
        },
      },
    },
    quantumUm: { x: 0.1, y: 0.1, z: 0.1 },
  }
}
