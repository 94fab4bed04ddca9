import { done, type Exchange, FOREIGN, type Reading, refused } from '../../line/exchange.ts'
import { linesUntil } from '../../line/lines-until.ts'
import { AXES, type AxisTargets, type PerAxis, type StageProtocol } from '../../protocol.ts'

/**
 * GRBL 1.1. Lines end with LF; millimetres and mm/min; positions are machine positions. Moves are jogs: they can be broken off
 * without losing position, and touch no setting.
 * Sources: gnea/grbl wiki, "Grbl v1.1 Interface", "Grbl v1.1 Jogging" (`$J=`, real-time bytes `?`, 0x85, 0x18; status report with
 * WPos = MPos - WCO, WCO now and then), error and alarm codes (error_codes_en_US.csv, alarm_codes_en_US.csv).
 */
const ERRORS: Readonly<Record<string, string>> = {
  '1': 'a word lacks its letter',
  '2': 'a number is missing or malformed',
  '3': 'it does not know the command',
  '5': 'homing is not enabled',
  '8': 'it is not idle',
  '9': 'it is locked after an alarm or reset: home the stage',
  '11': 'the line was too long',
  '15': 'the target lies outside its travel',
  '16': 'the jog was malformed',
}
const JOG_CANCEL = '\x85'
const SOFT_RESET = '\x18'
/** A tool number means nothing to a stage; a reset makes it zero. */
const TOOL = '27'
/** The offset comes with every tenth to thirtieth report. */
const OFFSET_TIMES = 3
const REPORTS_UNTIL_OFFSET = 40 * OFFSET_TIMES

interface Report {
  readonly state: string
  readonly at: PerAxis<number> | null
}

export function grbl(): StageProtocol {
  let offsetMm: readonly number[] | null = null
  let offsetTold = ''
  let offsetTimes = 0
  /** A wrong offset would make every position wrong: it is believed once it has come several times alike. */
  const hearOffset = (told: readonly number[] | null) => {
    if (!told) return
    offsetTimes = offsetTold === told.join() ? offsetTimes + 1 : 1
    offsetTold = told.join()
    if (offsetTimes >= OFFSET_TIMES) offsetMm = told
  }
  let speed = { xyMmPerS: 1, zMmPerS: 1 }

  const untilOk = <T>(
    send: string,
    what: string,
    value: (lines: readonly string[]) => T | null,
    belongs: RegExp,
  ): Exchange<T> =>
    linesUntil({
      send,
      what,
      end: /^ok$/,
      belongs,
      refusal: (line) => {
        const [, error] = /^error:(\d+)$/.exec(line) ?? []
        return error === undefined ? null : (ERRORS[error] ?? `error ${error}`)
      },
      value,
    })
  const plain = (send: string, what: string): Exchange<true> => untilOk(send, what, () => true, /^\[MSG:.*\]$/)

  const report = <T>(read: (report: Report) => Reading<T>): Exchange<T> => ({
    send: '?',
    what: 'its state',
    begin: () => (line) => {
      const [, state, fields] = /^<([A-Z][a-z]+(?::\d)?)\|(.*)>$/.exec(line) ?? []
      if (state === undefined || fields === undefined) return FOREIGN
      const numbers = (name: string) => {
        const [, list] =
          new RegExp(`(?:^|\\|)${name}:(-?\\d+\\.\\d{3}(?:,-?\\d+\\.\\d{3}){2})(?:\\||$)`).exec(fields) ?? []
        return list?.split(',').map(Number) ?? null
      }
      hearOffset(numbers('WCO'))
      const work = numbers('WPos')
      const machine = numbers('MPos') ?? (work && offsetMm ? work.map((mm, i) => mm + offsetMm![i]) : null)
      const um = machine?.map((mm) => Math.round(mm * 1000))
      return read({ state: state.split(':')[0], at: um ? { x: um[0], y: um[1], z: um[2] } : null })
    },
  })
  const jog = (to: AxisTargets, from: PerAxis<number>): string => {
    const way = AXES.flatMap((axis) => (to[axis] === undefined ? [] : [[axis, to[axis] - from[axis]] as const]))
    const lengthMm = Math.hypot(...way.map(([, um]) => um)) / 1000
    // The feed is along the way: as fast as its slowest axis allows.
    const seconds = Math.max(
      ...way.map(([axis, um]) => Math.abs(um) / 1000 / (axis === 'z' ? speed.zMmPerS : speed.xyMmPerS)),
    )
    const feed = seconds > 0 ? (60 * lengthMm) / seconds : 60 * speed.zMmPerS
    const words = way.map(([axis]) => `${axis.toUpperCase()}${(to[axis]! / 1000).toFixed(3)}`)
    return `$J=G53G90G21${words.join('')}F${feed.toFixed(1)}\n`
  }

  return {
    driver: 'grbl',
    title: 'GRBL',
    serial: { bauds: [115200], restartsOnOpenMs: 2000 },
    identify: untilOk(
      '$I\n',
      'its version',
      (lines) => {
        const version = lines.find((line) => line.startsWith('[VER:'))
        return version === undefined ? null : `GRBL ${version.slice(5, -1).replace(/:$/, '')}`
      },
      /^\[(VER|OPT|AXS|MSG):.*\]$/,
    ),
    unasked(line) {
      if (/^Grbl \d/.test(line)) return 'restarted'
      const [, alarm] = /^ALARM:(\d+)$/.exec(line) ?? []
      // Of the alarms only the soft limit keeps the count.
      if (alarm !== undefined) return alarm === '2' ? 'harmless' : 'restarted'
      return /^\[MSG:.*\]$/.test(line) ? 'harmless' : 'foreign'
    },
    async setUp(ask) {
      for (let i = 0; i < REPORTS_UNTIL_OFFSET; i++) {
        if (await ask(report(({ at }) => done(at !== null)))) return
      }
    },
    position: () => [
      report(({ at }) => (at === null ? refused('it tells work positions without their offset') : done(at))),
    ],
    busy: () => [
      report(({ state }) =>
        state === 'Alarm' ? refused(ERRORS['9']) : done(state !== 'Idle' && state !== 'Check' && state !== 'Sleep'),
      ),
    ],
    move: (to, from) => [{ ...plain(jog(to, from), 'a move'), motion: true }],
    halt: [{ send: JOG_CANCEL, what: 'a halt', begin: null }],
    pieceMs: null,
    referenced: () => [report(({ state }) => done(state !== 'Alarm'))],
    // One command homes all axes, in the order the board was built for.
    home: (axes) => (axes.includes('z') ? [] : [{ ...plain('$H\n', 'homing'), motion: true }]),
    // A jog cancel does not end homing; a reset does, and the position goes with it.
    haltHoming: [{ send: SOFT_RESET, what: 'a halt', begin: null }],
    speed: (wanted) => {
      speed = wanted
      return []
    },
    witness: {
      tell: [plain(`T${TOOL}\n`, 'its tool number')],
      read: untilOk(
        '$G\n',
        'its state',
        (lines) => /^\[GC:.* T(\d+) .*\]$/.exec(lines.find((line) => line.startsWith('[GC:')) ?? '')?.[1] ?? null,
        /^\[(GC|MSG):.*\]$/,
      ),
    },
    quantumUm: { x: 1, y: 1, z: 1 },
  }
}
