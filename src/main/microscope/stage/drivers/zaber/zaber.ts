import { z } from 'zod'
import { done, type Exchange, FOREIGN, oneLine, type Reading, refused } from '../../line/exchange.ts'
import { AXES, type Axis, type StageProtocol } from '../../protocol.ts'

/**
 * Zaber ASCII protocol. Commands end with LF, answers with CRLF; positions in microsteps. Axes may be those of one controller or
 * devices of their own in a chain.
 * Sources: Zaber ASCII protocol manual (reply format and checksum, warning flags); Micro-Manager, DeviceAdapters/Zaber/XYStage.cpp
 * (`maxspeed` = microsteps/s x 1.6384, `home`, `stop`) and Zaber.cpp (a status other than IDLE is busy; reasons of a rejection);
 * zaber.serial test suite (`@01 0 OK BUSY WR 0`).
 */
const place = z.strictObject({
  device: z.number().int().min(1).max(99),
  axis: z.number().int().min(1).max(9),
  /** Micrometres a microstep, from the data sheet of the stage. */
  microstepUm: z.number().positive(),
})
export const zaberOptions = z.strictObject({ x: place, y: place, z: place })
export type ZaberOptions = z.infer<typeof zaberOptions>

const SPEED_FACTOR = 1.6384
const REASONS: Readonly<Record<string, string>> = {
  BADDATA: 'the value is out of its range or limits',
  BADCOMMAND: 'it does not know the command',
  BADAXIS: 'it has no such axis',
  DRIVERDISABLED: 'its driver is disabled',
  FULL: 'its memory is full',
  PARKED: 'the axis is parked',
  STATUSBUSY: 'it is busy',
}
interface Reply {
  readonly busy: boolean
  readonly flag: string
  readonly data: string
}

/** Longitudinal redundancy check: the two's complement of the sum of all characters between the first and the colon. */
export function zaberChecksum(text: string): string {
  let sum = 0
  for (const character of text) sum += character.charCodeAt(0)
  return ((256 - (sum & 255)) & 255).toString(16).toUpperCase().padStart(2, '0')
}

export function zaber(options: ZaberOptions): StageProtocol {
  const places = zaberOptions.parse(options)
  const devices = [...new Set(AXES.map((axis) => places[axis].device))]

  const reply =
    <T>(device: number, axis: number, read: (reply: Reply) => Reading<T>) =>
    (line: string): Reading<T> => {
      const [, body, checksum] = /^@(.*?)(?::([0-9A-F]{2}))?$/.exec(line) ?? []
      if (body === undefined || (checksum !== undefined && zaberChecksum(body) !== checksum)) return FOREIGN
      const [, from, about, verdict, status, flag, data] =
        /^(\d\d) (\d) (OK|RJ) (IDLE|BUSY) (--|[A-Z]{2}) (\S+)$/.exec(body) ?? []
      if (Number(from) !== device || Number(about) !== axis || data === undefined) return FOREIGN
      if (verdict === 'RJ') return refused(REASONS[data] ?? data)
      // Faults: stalled, driver disabled, encoder or supply out of order.
      if (/^F/.test(flag)) return refused(`it reports the fault ${flag}`)
      return read({ busy: status === 'BUSY', flag, data })
    }
  const to = (axis: Axis, command: string, what: string): Exchange<undefined> => {
    const { device, axis: number } = places[axis]
    return oneLine(
      `/${device} ${number} ${command}\n`,
      what,
      reply(device, number, ({ data }) => (data === '0' ? done(undefined) : FOREIGN)),
    )
  }
  const ask = <T>(axis: Axis, read: (reply: Reply) => Reading<T>): Exchange<T> => {
    const { device, axis: number } = places[axis]
    return oneLine(`/${device} ${number} get pos\n`, 'its position', reply(device, number, read))
  }
  const unreferenced = (flag: string) => flag === 'WR' || flag === 'WH'

  return {
    driver: 'zaber',
    title: 'Zaber',
    serial: { bauds: [115200, 9600], restartsOnOpenMs: 0 },
    identify: oneLine(
      `/${devices[0]} 0 get deviceid\n`,
      'its name',
      // Faults are reported with every answer; whoever asks for the name has to hear it all the same.
      (line) => {
        const [, id] = /^@\d\d 0 OK (?:IDLE|BUSY) (?:--|[A-Z]{2}) (\d{4,6})(?::[0-9A-F]{2})?$/.exec(line) ?? []
        return id === undefined ? FOREIGN : done(`Zaber, device ${id}`)
      },
    ),
    unasked: (line) => (/^[!#]\d\d \d/.test(line) ? 'harmless' : 'foreign'),
    setUp: async () => undefined,
    position: () =>
      AXES.map((axis) =>
        ask(axis, ({ data }) =>
          /^-?\d+$/.test(data) ? done({ [axis]: Number(data) * places[axis].microstepUm }) : FOREIGN,
        ),
      ),
    busy: () =>
      devices.map((device) =>
        oneLine(
          `/${device}\n`,
          'whether it moves',
          reply(device, 0, ({ busy, data }) => (data === '0' ? done(busy) : FOREIGN)),
        ),
      ),
    move: (target) =>
      AXES.flatMap((axis) => {
        const um = target[axis]
        if (um === undefined) return []
        return [{ ...to(axis, `move abs ${Math.round(um / places[axis].microstepUm)}`, 'a move'), motion: true }]
      }),
    halt: devices.map((device) =>
      oneLine(
        `/${device} 0 stop\n`,
        'a halt',
        reply(device, 0, ({ data }) => (data === '0' ? done(undefined) : FOREIGN)),
      ),
    ),
    pieceMs: null,
    referenced: () =>
      AXES.map((axis) => ask(axis, ({ flag, data }) => (/^-?\d+$/.test(data) ? done(!unreferenced(flag)) : FOREIGN))),
    home: (axes) => axes.map((axis) => ({ ...to(axis, 'home', 'homing'), motion: true })),
    speed: ({ xyMmPerS, zMmPerS }) =>
      AXES.map((axis) => {
        const microsteps = ((axis === 'z' ? zMmPerS : xyMmPerS) * 1000) / places[axis].microstepUm
        return to(axis, `set maxspeed ${Math.round(microsteps * SPEED_FACTOR)}`, 'its speed')
      }),
    // Its settings outlast a reset; that it has no reference shows in every answer.
    witness: {
      tell: [],
      read: ask('x', ({ flag, data }) =>
        /^-?\d+$/.test(data) ? done(unreferenced(flag) ? 'unreferenced' : 'referenced') : FOREIGN,
      ),
    },
    quantumUm: { x: places.x.microstepUm, y: places.y.microstepUm, z: places.z.microstepUm },
  }
}
