import { SerialPort } from 'serialport'
import type { SerialPortFound } from '../../../shared/contract/devices.ts'
import type { StageDriver } from '../../../shared/contract/rig.ts'
import { ProcessClock } from '../clock.ts'
import { createProtocol } from './drivers/index.ts'
import { PROBE_OPTIONS } from './drivers/probe-options.ts'
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
  let skipped = false
  for (const driver of ORDER) {
    const { serial } = createProtocol(driver, PROBE_OPTIONS[driver])
    if (serial.restartsOnOpenMs > 0 && !restarting) {
      skipped = true
      continue
    }
    for (const baud of serial.bauds) {
      try {
        const identity = await ask(path, driver, baud)
        if (identity !== null) return { path, manufacturer, controller: { driver, identity, baud }, note: null }
      } catch (error) {
        if (!(error instanceof LineFault)) throw error
        return { ...silent, note: NOTES[error.kind] ?? error.message }
      }
    }
  }
  return {
    ...silent,
    note: skipped
      ? 'Nobody answered. Boards that restart when their port is opened (GRBL, Marlin, Sangaboard, UC2) were not asked.'
      : 'Nobody answered.',
  }
}

const NOTES: Partial<Record<LineFault['kind'], string>> = {
  taken: 'Another program has this port.',
  forbidden: 'Your account may not open this port.',
  missing: 'There is no such port, or it cannot be opened.',
}

/** null: not this one. Rejects where the port itself cannot be had. */
async function ask(path: string, driver: StageDriver, baud: number): Promise<string | null> {
  const clock = new ProcessClock()
  const protocol = createProtocol(driver, PROBE_OPTIONS[driver])
  const { serial } = protocol
  const session = new LineSession(new SerialLine(path, { baud, stopBits: serial.stopBits }), {
    clock,
    get identify() {
      return protocol.identify
    },
    unasked: (line) => protocol.unasked(line),
    onRestart: () => undefined,
    wakeMs: serial.restartsOnOpenMs,
    replyTimeoutMs: ASK_MS / 2,
    characterGapMs: serial.characterGapMs,
    maxLineBytes: serial.maxLineBytes,
  })
  try {
    await session.connect(clock.nowMs() + serial.restartsOnOpenMs + ASK_MS)
    return session.identity
  } catch (error) {
    if (error instanceof LineFault && ['timeout', 'garbled', 'refused', 'lost'].includes(error.kind)) return null
    throw error
  } finally {
    await session.close()
  }
}
