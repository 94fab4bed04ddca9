import type { Exchange } from '../../line/exchange.ts'
import { linesUntil } from '../../line/lines-until.ts'
import { AXES, type AxisTargets, type PerAxis, type StageProtocol } from '../../protocol.ts'

/**
 * Marlin 2. Lines end with LF; millimetres and mm/min. `M114` tells the planned position, and after `Count` the steps the motors have
 * made: those count here. A move cannot be broken off without losing steps, so it is sent in short pieces, each waited for with `M400`.
 * Sources: Marlin documentation (M92, M114, M115, M220, M400, M410, G28; host keepalive `echo:busy: processing`); MarlinFirmware/Marlin,
 * src/gcode (answer texts, `echo:Unknown command:`).
 */
/** Per cent of the feed rate that no board begins with. */
const FEED_PERCENT = '98'
/** Host keepalive, as boards have it unless they were told another interval (M113). */
const KEEPALIVE_MS = 2000

export function marlin(): StageProtocol {
  let stepsPerMm: PerAxis<number> = { x: 80, y: 80, z: 400 }
  let speed = { xyMmPerS: 1, zMmPerS: 1 }

  const untilOk = <T>(
    send: string,
    what: string,
    belongs: RegExp,
    value: (lines: readonly string[]) => T | null,
  ): Exchange<T> =>
    linesUntil({
      send,
      what,
      end: /^ok\b/,
      belongs,
      refusal: (line) => /^(?:echo:(?=Unknown command)|Error:)(.*)$/.exec(line)?.[1] ?? null,
      refusalGoesOn: true,
      value,
    })
  const plain = (send: string, what: string): Exchange<true> => untilOk(send, what, /^echo:busy:/, () => true)
  /** The first line that matches. */
  const match = (lines: readonly string[], pattern: RegExp) => {
    for (const line of lines) {
      const found = pattern.exec(line)
      if (found) return found.slice(1)
    }
    return null
  }
  const feed = (to: AxisTargets, from: PerAxis<number>) => {
    const way = AXES.flatMap((axis) =>
      to[axis] === undefined ? [] : [[axis, Math.abs(to[axis] - from[axis]) / 1000] as const],
    )
    const seconds = Math.max(...way.map(([axis, mm]) => mm / (axis === 'z' ? speed.zMmPerS : speed.xyMmPerS)))
    return seconds > 0 ? (60 * Math.hypot(...way.map(([, mm]) => mm))) / seconds : 60 * speed.zMmPerS
  }

  return {
    driver: 'marlin',
    title: 'Marlin',
    serial: { bauds: [115200, 250000], restartsOnOpenMs: 2500 },
    // Capabilities follow the name, one a line.
    identify: untilOk(
      'M115\n',
      'its version',
      /^(FIRMWARE_NAME:|Cap:|area:|echo:busy:)/,
      (lines) => match(lines, /^FIRMWARE_NAME:\s*(Marlin\s+\S+)/)?.[0] ?? null,
    ),
    unasked(line) {
      if (line === 'start') return 'restarted'
      // What it says of itself at power-on, and while it is busy.
      return /^(echo:|Marlin |External Reset|Compiled:|\/\/)/.test(line) && !/Unknown command/.test(line)
        ? 'harmless'
        : 'foreign'
    },
    async setUp(ask) {
      const steps = untilOk(
        'M92\n',
        'its steps',
        /^echo:/,
        (lines) => match(lines, /^echo:\s*M92 X(\d+\.\d+) Y(\d+\.\d+) Z(\d+\.\d+)/)?.join(' ') ?? null,
      )
      for (let last = ''; ; ) {
        const now = await ask(steps)
        if (now === last) break
        last = now
        const [x, y, z] = now.split(' ').map(Number)
        stepsPerMm = { x, y, z }
      }
      await ask(plain('G21\n', 'its units'))
      await ask(plain('G90\n', 'its mode'))
    },
    position: () => [
      untilOk('M114\n', 'its position', /^X:/, (lines): AxisTargets | null => {
        const counts = match(
          lines,
          /^X:-?\d+\.\d+ Y:-?\d+\.\d+ Z:-?\d+\.\d+(?: E:-?\d+\.\d+)? Count X:\s?(-?\d+) Y:\s?(-?\d+) Z:\s?(-?\d+)$/,
        )
        if (!counts) return null
        const [x, y, z] = counts.map(Number)
        return { x: (1000 * x) / stepsPerMm.x, y: (1000 * y) / stepsPerMm.y, z: (1000 * z) / stepsPerMm.z }
      }),
    ],
    // Answered once nothing moves: longer than a piece takes.
    busy: () => [{ ...untilOk('M400\n', 'the end of a move', /^echo:busy:/, () => false), timeoutMs: 1500 }],
    move: (to, from) => {
      const words = AXES.flatMap((axis) =>
        to[axis] === undefined ? [] : [`${axis.toUpperCase()}${(to[axis] / 1000).toFixed(4)}`],
      )
      return [{ ...plain(`G0 ${words.join(' ')} F${feed(to, from).toFixed(1)}\n`, 'a move'), motion: true }]
    },
    halt: null,
    // Seen ahead of everything else where the board was built with EMERGENCY_PARSER.
    emergency: 'M410\n',
    pieceMs: 250,
    // A sign of life every two seconds begins the time anew.
    home: (axes) => [
      {
        ...plain(`G28 ${axes.map((axis) => axis.toUpperCase()).join(' ')}\n`, 'homing'),
        motion: true,
        timeoutMs: 2 * KEEPALIVE_MS,
      },
    ],
    haltHoming: [plain('M410\n', 'a halt')],
    speed: (wanted) => {
      speed = wanted
      return []
    },
    witness: {
      tell: [plain(`M220 S${FEED_PERCENT}\n`, 'its feed rate')],
      read: untilOk('M220\n', 'its feed rate', /^FR:/, (lines) => match(lines, /^FR:(\d+)%$/)?.[0] ?? null),
    },
    get quantumUm() {
      return { x: 1000 / stepsPerMm.x, y: 1000 / stepsPerMm.y, z: 1000 / stepsPerMm.z }
    },
  }
}
