import { SerialPort } from 'serialport'
import type { SerialPortFound } from '../../../shared/contract/devices.ts'
import type { StageDriver } from '../../../shared/contract/rig.ts'
import { ProcessClock } from '../clock.ts'
import { createProtocol } from './drivers/index.ts'
import { PROBE_OPTIONS } from './drivers/probe-options.ts'
import type { ByteConnection, ByteLine, LineListener } from './line/byte-line.ts'
import { LineFault } from './line/line-fault.ts'
import { LineSession } from './line/line-session.ts'
import { SerialLine } from './line/serial-line.ts'

/**
 * In this order. Prior first: to a ProScan a `V` that means "version" to others is the name of a focus move, so it is asked in its own
 * words before it hears any others; those that are asked after it say VERSION in full.
 */
const ORDER: readonly StageDriver[] = ['prior', 'asi', 'tango', 'zaber', 'ludl', 'grbl', 'marlin', 'sangaboard', 'uc2']
/** Time for one driver's question at one rate. */
const ASK_MS = 700
const PATIENT_ASK_MS = 2500

export interface FindOptions {
  /** Ports to ask besides those the system lists. */
  readonly ports: readonly string[]
  /** Also ask as boards want to be asked that restart when their port is opened. */
  readonly restarting: boolean
}

/**
 * Asks on every serial port who is there, with each driver's own question, which moves nothing and sets nothing. Opening a port
 * raises DTR: boards that restart by it lose their position, so their drivers' questions are asked only on demand.
 */
export async function findControllers({ ports, restarting }: FindOptions): Promise<SerialPortFound[]> {
  const listed = await listPorts()
  const all = [
    ...listed,
    ...ports.filter((path) => !listed.some((port) => port.path === path)).map((path) => ({ path, manufacturer: null })),
  ]
  return Promise.all(all.map(({ path, manufacturer }) => askPort(path, manufacturer, restarting)))
}

async function listPorts(): Promise<{ path: string; manufacturer: string | null }[]> {
  try {
    const found = await SerialPort.list()
    // Built-in ports that lead nowhere are listed too, without anything known of them.
    return found.map(({ path, manufacturer }) => ({ path, manufacturer: manufacturer ?? null }))
  } catch {
    // On Linux the list is made with udevadm, which small systems lack.
    return []
  }
}

async function askPort(path: string, manufacturer: string | null, restarting: boolean): Promise<SerialPortFound> {
  const silent = { path, manufacturer, controller: null }
  const asked = ORDER.filter((driver) => restarting || tableOf(driver).restartsOnOpenMs === 0)
  try {
    let { controller, heard } = await askRound(path, asked, ASK_MS)
    // Somebody is there whom this machine was too busy to hear out.
    if (!controller && heard) ({ controller, heard } = await askRound(path, asked, PATIENT_ASK_MS))
    if (controller) return { path, manufacturer, controller, note: null }
    const answer = heard ? 'Somebody answers whom no driver knows.' : 'Nobody answered.'
    const left = 'Boards that restart when their port is opened (GRBL, Marlin, Sangaboard, UC2) were not asked.'
    return { ...silent, note: asked.length < ORDER.length ? `${answer} ${left}` : answer }
  } catch (error) {
    if (!(error instanceof LineFault)) throw error
    return { ...silent, note: NOTES[error.kind] ?? error.message }
  }
}

interface Round {
  readonly controller: SerialPortFound['controller']
  /** Anything at all came. */
  readonly heard: boolean
}

async function askRound(path: string, drivers: readonly StageDriver[], askMs: number): Promise<Round> {
  let heard = false
  for (const driver of drivers) {
    for (const baud of tableOf(driver).bauds) {
      const answer = await ask(path, driver, baud, askMs)
      heard ||= answer.heard
      if (answer.identity !== null) return { controller: { driver, identity: answer.identity, baud }, heard }
    }
  }
  return { controller: null, heard }
}

function tableOf(driver: StageDriver) {
  return createProtocol(driver, PROBE_OPTIONS[driver]).serial
}

const NOTES: Partial<Record<LineFault['kind'], string>> = {
  taken: 'Another program has this port.',
  forbidden: 'Your account may not open this port.',
  missing: 'There is no such port, or it cannot be opened.',
}

/** identity null: not this one. Rejects where the port itself cannot be had. */
async function ask(
  path: string,
  driver: StageDriver,
  baud: number,
  askMs: number,
): Promise<{ identity: string | null; heard: boolean }> {
  const clock = new ProcessClock()
  const protocol = createProtocol(driver, PROBE_OPTIONS[driver])
  const { serial } = protocol
  const line = new OverheardLine(new SerialLine(path, { baud, stopBits: serial.stopBits }))
  const session = new LineSession(line, {
    clock,
    get identify() {
      return protocol.identify
    },
    unasked: (text) => protocol.unasked(text),
    onRestart: () => undefined,
    wakeMs: serial.restartsOnOpenMs,
    replyTimeoutMs: askMs / 2,
    characterGapMs: serial.characterGapMs,
    maxLineBytes: serial.maxLineBytes,
  })
  try {
    await session.connect(clock.nowMs() + serial.restartsOnOpenMs + askMs)
    return { identity: session.identity, heard: line.heard }
  } catch (error) {
    if (error instanceof LineFault && ['timeout', 'garbled', 'refused', 'lost'].includes(error.kind))
      return { identity: null, heard: line.heard }
    throw error
  } finally {
    await session.close()
  }
}

/** Knows whether anything came over it. */
class OverheardLine implements ByteLine {
  readonly #line: ByteLine
  heard = false

  constructor(line: ByteLine) {
    this.#line = line
  }

  get name(): string {
    return this.#line.name
  }

  open(listener: LineListener): Promise<ByteConnection> {
    return this.#line.open({
      data: (bytes) => {
        this.heard = true
        listener.data(bytes)
      },
      lost: (reason) => listener.lost(reason),
    })
  }
}
