import { z } from 'zod'
import { done, type Exchange, FOREIGN, MORE, oneLine, type Reading, refused } from '../../line/exchange.ts'
import { AXES, type Axis, type AxisTargets, type StageProtocol } from '../../protocol.ts'

/**
 * Ludl MAC 2000/5000/6000 in its high-level command set. Commands end with CR, answers with LF; positions in steps. `STATUS` answers
 * a single character without an end.
 * Sources: Micro-Manager, DeviceAdapters/Ludl/Ludl.cpp (bytes 255 65 before anything else, `VER` and the `:A` after it, `STATUS X` ->
 * `B`, `WHERE X Y` -> `:A x y`, `HERE X=0 Y=0`, `HALT`, `SPEED` in pulses/s from 85 to 2,764,800, `ACCEL` 1 to 255) and its documentation
 * page (two stop bits, 10 ms between characters for a MAC 2000); ZhuangLab storm-control, sc_hardware/ludl/ludl.py (115200 baud, focus on
 * axis B). What `VER` answers is nowhere written out: any line of text with a number in it is taken, with the `:A` after it.
 *
 * `HOME` answers when it has arrived. The axes are asked meanwhile whether they move, so that a reset and a pulled cable show at once; that
 * `STATUS` is answered then was seen on no instrument, but a controller that took no word while it homes could not be halted either.
 */
export const ludlOptions = z.strictObject({
  stepUm: z
    .strictObject({ x: z.number().positive(), y: z.number().positive(), z: z.number().positive() })
    .default({ x: 0.1, y: 0.1, z: 0.1 }),
  /** Letter of the focus drive. */
  focusAxis: z.enum(['Z', 'B', 'R', 'T', 'F']).default('Z'),
  /** Milliseconds between two characters: 10 for a MAC 2000. */
  characterGapMs: z.number().min(0).max(50).default(0),
})
export type LudlOptions = z.input<typeof ludlOptions>

const ERRORS: Readonly<Record<string, string>> = {
  '-1': 'it does not know the command',
  '-2': 'it has no such axis',
  '-3': 'a parameter is missing',
  '-4': 'a parameter is out of its range',
  '-5': 'the operation failed',
  '-21': 'the move was halted',
}
/** Pulses a second. */
const SLOWEST = 85
const FASTEST = 2_764_800
/** Of 255: no controller begins with this ramp. */
const RAMP = '87'

export function ludl(options: LudlOptions = {}): StageProtocol {
  const { stepUm, focusAxis, characterGapMs } = ludlOptions.parse(options)
  const letters = { x: 'X', y: 'Y', z: focusAxis } as const

  const answer =
    <T>(read: (rest: string) => Reading<T>) =>
    (line: string): Reading<T> => {
      const [, error] = /^:N ?(-?\d+)$/.exec(line) ?? []
      if (error !== undefined) return refused(ERRORS[error] ?? `error ${error}`)
      return /^:A($|\s)/.test(line) ? read(line.slice(2).trim()) : FOREIGN
    }
  const acknowledged = answer((rest) => (rest === '' ? done(undefined) : FOREIGN))
  const all = AXES.map((axis) => letters[axis])
  const list = (targets: AxisTargets) =>
    AXES.flatMap((axis) =>
      targets[axis] === undefined ? [] : [`${letters[axis]}=${Math.round(targets[axis] / stepUm[axis])}`],
    ).join(' ')

  const pulses = (axis: Axis, mmPerS: number) =>
    Math.min(FASTEST, Math.max(SLOWEST, Math.round((1000 * mmPerS) / stepUm[axis])))

  return {
    driver: 'ludl',
    title: 'Ludl MAC',
    serial: { bauds: [9600, 115200], stopBits: 2, restartsOnOpenMs: 0, characterGapMs },
    identify: {
      // Into the high-level command set first: a controller fresh from a reset understands no words. That has no answer.
      send: '\xff\x41VER\r',
      what: 'its version',
      begin: () => {
        let version: string | null = null
        return (line): Reading<string> => {
          if (version === null) {
            version = /^[A-Za-z][\x20-\x7e]*\d[\x20-\x7e]*$/.test(line) ? line : null
            return version === null ? FOREIGN : MORE
          }
          return line === ':A' ? done(`Ludl ${version}`) : FOREIGN
        }
      },
    },
    unasked: () => 'foreign',
    setUp: async () => undefined,
    position: () => [
      oneLine(
        `WHERE ${all.join(' ')}\r`,
        'its position',
        answer((rest) => {
          const [, x, y, z] = /^(-?\d+) (-?\d+) (-?\d+)$/.exec(rest) ?? []
          return z === undefined
            ? FOREIGN
            : done({ x: Number(x) * stepUm.x, y: Number(y) * stepUm.y, z: Number(z) * stepUm.z })
        }),
      ),
    ],
    busy: () =>
      all.map((letter) =>
        oneLine(
          `STATUS ${letter}\r`,
          'whether it moves',
          (character) => (character === 'B' ? done(true) : character === 'N' ? done(false) : FOREIGN),
          {
            unterminated: true,
          },
        ),
      ),
    move: (to) => [{ ...oneLine(`MOVE ${list(to)}\r`, 'a move', acknowledged), motion: true }],
    halt: [oneLine('HALT\r', 'a halt', (line) => (/^:N ?-21$/.test(line) ? done(undefined) : acknowledged(line)))],
    pieceMs: null,
    home: (axes) => [
      oneLine(`HOME ${axes.map((axis) => letters[axis]).join(' ')}\r`, 'homing', acknowledged, {
        motion: true,
        later: true,
      }),
    ],
    afterHoming: (axes) => [
      oneLine(`HERE ${axes.map((axis) => `${letters[axis]}=0`).join(' ')}\r`, 'its zero', acknowledged),
    ],
    speed: ({ xyMmPerS, zMmPerS }): Exchange<unknown>[] => [
      oneLine(
        `SPEED ${AXES.map((axis) => `${letters[axis]}=${pulses(axis, axis === 'z' ? zMmPerS : xyMmPerS)}`).join(' ')}\r`,
        'its speed',
        acknowledged,
      ),
    ],
    witness: {
      tell: [oneLine(`ACCEL X=${RAMP} Y=${RAMP}\r`, 'its ramp', acknowledged)],
      read: oneLine(
        'ACCEL X Y\r',
        'its ramp',
        answer((rest) => (/^\d{1,3} \d{1,3}$/.test(rest) ? done(rest) : FOREIGN)),
      ),
    },
    quantumUm: stepUm,
  }
}
