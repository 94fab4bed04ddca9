import { done, type Exchange, FOREIGN, oneLine, type Reading, refused } from '../../line/exchange.ts'
import { AXES, type AxisTargets, type StageProtocol } from '../../protocol.ts'

/**
 * ASI MS-2000 and Tiger. Commands end with CR, answers with CRLF; positions in tenths of a micrometre, speeds in mm/s.
 * Sources: ASI, "Quick Start on Serial Commands" and the command pages (asiimaging.com/docs; commands/version: `:A Version: USB-9.52` of an
 * MS-2000, `:A v3.45` of a Tiger); Micro-Manager, DeviceAdapters/ASIStage (ASIBase.cpp: `:A Version: USB-9.2p`; ASIXYStage.cpp: `:N-21`
 * after HALT, `:A X=` against `:X=`) and ASITiger.
 */
const ERRORS: Readonly<Record<string, string>> = {
  '1': 'it does not know the command',
  '2': 'it has no such axis',
  '3': 'a parameter is missing',
  '4': 'the value is out of its range or limits',
  '5': 'the operation failed',
  '6': 'undefined error',
  '7': 'it has no such card',
}
const HALTED = '21'
/** No default has this value, so that it tells a controller that was set up from one that was reset. */
const ODD = 0.997

export function asi(): StageProtocol {
  let tiger = false

  const answer =
    <T>(read: (rest: string) => Reading<T>) =>
    (line: string): Reading<T> => {
      const error = /^:N-(\d+)$/.exec(line)
      if (error) return refused(ERRORS[error[1]] ?? `error ${error[1]}`)
      return /^:A($|\s)/.test(line) ? read(line.slice(2).trim()) : FOREIGN
    }
  const acknowledged = answer((rest) => (rest === '' ? done(undefined) : FOREIGN))
  const list = (targets: AxisTargets, value: (um: number) => string) =>
    AXES.flatMap((axis) => (targets[axis] === undefined ? [] : [`${axis.toUpperCase()}=${value(targets[axis])}`])).join(
      ' ',
    )
  const where = (axes: readonly ('x' | 'y' | 'z')[]): Exchange<AxisTargets> =>
    oneLine(
      `W ${axes.map((axis) => axis.toUpperCase()).join(' ')}\r`,
      'its position',
      answer((rest) => {
        const numbers = rest.split(/\s+/)
        if (numbers.length !== axes.length || !numbers.every((number) => /^-?\d+(\.\d+)?$/.test(number))) return FOREIGN
        return done(Object.fromEntries(axes.map((axis, i) => [axis, Number(numbers[i]) / 10])))
      }),
    )
  const names = (axes: readonly string[]) => axes.map((axis) => axis.toUpperCase()).join(' ')

  return {
    driver: 'asi',
    title: 'ASI MS-2000/Tiger',
    serial: { bauds: [115200, 9600, 28800, 19200], restartsOnOpenMs: 0 },
    identify: oneLine(
      // In full: to other makers' controllers a bare V is the name of a move.
      'VERSION\r',
      'its version',
      answer((rest) => {
        if (!/^(Version: [\x20-\x7e]+|v\d[\x20-\x7e]*)$/i.test(rest)) return FOREIGN
        tiger = /^v\d/i.test(rest)
        return done(`ASI ${tiger ? 'Tiger' : 'MS-2000'}, ${rest}`)
      }),
    ),
    unasked: () => 'foreign',
    async setUp(ask) {
      // Answers without the card's address, as the MS-2000 gives them.
      if (tiger) await ask(oneLine('VB F=0\r', 'plain answers', acknowledged))
    },
    // A Tiger answers in the order of its cards, whatever the order asked in.
    position: () => (tiger ? [where(['x']), where(['y']), where(['z'])] : [where(['x', 'y', 'z'])]),
    busy: () => [
      oneLine('/\r', 'whether it moves', (line) => (line === 'B' ? done(true) : line === 'N' ? done(false) : FOREIGN)),
    ],
    move: (to) => [
      { ...oneLine(`M ${list(to, (um) => String(Math.round(um * 10)))}\r`, 'a move', acknowledged), motion: true },
    ],
    halt: [oneLine('HALT\r', 'a halt', (line) => (line === `:N-${HALTED}` ? done(undefined) : acknowledged(line)))],
    pieceMs: null,
    home: (axes) => [{ ...oneLine(`! ${names(axes)}\r`, 'homing', acknowledged), motion: true, timeoutMs: 1000 }],
    afterHoming: (axes) => [
      oneLine(`H ${axes.map((axis) => `${axis.toUpperCase()}=0`).join(' ')}\r`, 'its zero', acknowledged),
    ],
    speed: ({ xyMmPerS, zMmPerS }) => [
      oneLine(
        `S ${list({ x: xyMmPerS * ODD, y: xyMmPerS * ODD, z: zMmPerS * ODD }, (mm) => mm.toFixed(4))}\r`,
        'its speed',
        acknowledged,
      ),
    ],
    witness: {
      tell: [],
      read: oneLine(
        'S X?\r',
        'its speed',
        answer((rest) => (/^X=\d+(\.\d+)?$/.test(rest) ? done(rest) : FOREIGN)),
      ),
    },
    quantumUm: { x: 0.1, y: 0.1, z: 0.1 },
  }
}
