import { lstat } from 'node:fs/promises'
import { SerialPort } from 'serialport'
import {
  type ByteConnection,
  type ByteLine,
  type LineListener,
  LineUnavailable,
  type Unavailability,
} from './byte-line.ts'

export interface SerialSettings {
  readonly baud: number
  /** 8 data bits and no parity everywhere; Ludl wants two stop bits. */
  readonly stopBits?: 1 | 2
}

/** How often it is looked whether the port's file is still there: not every system tells that a device has gone, nor every time. */
const LOOK_MS = 200

/**
 * A serial port. Each opening uses a new port object: what is written to a closed one waits in it and is sent at the next opening
 * (serialport 13). The port is locked for other programs. DTR is left up at closing, so that boards which restart when it rises
 * (Arduino, ESP32) restart at the first opening only.
 */
export class SerialLine implements ByteLine {
  readonly name: string
  readonly #settings: SerialSettings

  constructor(path: string, settings: SerialSettings) {
    this.name = path
    this.#settings = settings
  }

  open(listener: LineListener): Promise<ByteConnection> {
    const { baud, stopBits = 1 } = this.#settings
    return new Promise((resolve, reject) => {
      const port = new SerialPort({
        path: this.name,
        baudRate: baud,
        stopBits,
        autoOpen: false,
        lock: true,
        hupcl: false,
      })
      let ended = false
      let stopLooking = () => {}
      const end = (reason: string) => {
        if (ended) return
        ended = true
        stopLooking()
        listener.lost(reason)
        // Frees the descriptor of a port whose device is gone; a port that is closed already says so.
        if (port.isOpen) port.close(() => undefined)
      }
      // Without a listener for data, a device that goes away is not told.
      port.on('data', (bytes: Buffer) => {
        if (!ended) listener.data(bytes)
      })
      port.on('close', (error: Error | null) => end(error?.message ?? 'closed'))
      port.on('error', (error: Error) => end(error.message))
      port.open((error) => {
        if (error) {
          ended = true
          return reject(new LineUnavailable(kindOf(error.message), error.message, { cause: error }))
        }
        stopLooking = whenGone(this.name, () => end('The port is not there any more'))
        resolve({
          write(bytes) {
            if (!ended && port.isOpen) port.write(Buffer.from(bytes))
          },
          close() {
            ended = true
            stopLooking()
            return new Promise((done) => (port.isOpen ? port.close(() => done()) : done()))
          },
        })
      })
    })
  }
}

/** Tells once that a port's file is gone or is another than it was. Windows has no such file. @returns ends it. */
function whenGone(path: string, gone: () => void): () => void {
  if (process.platform === 'win32') return () => {}
  let first: string | null = null
  const look = async () => {
    const file = await lstat(path).catch((error: NodeJS.ErrnoException) => (error.code === 'ENOENT' ? null : undefined))
    if (file === undefined) return
    const now = file && `${file.ino} ${file.rdev}`
    first ??= now
    if (now !== null && now === first) return
    clearInterval(timer)
    gone()
  }
  const timer = setInterval(() => void look(), LOOK_MS)
  timer.unref()
  void look()
  return () => clearInterval(timer)
}

/** The binding gives no codes, only the system's words (Linux, macOS, Windows). */
function kindOf(message: string): Unavailability {
  if (/cannot lock port|resource busy|temporarily unavailable|access denied|access is denied/i.test(message))
    return 'taken'
  if (/permission denied|EACCES/i.test(message)) return 'forbidden'
  if (/no such file|no such device|file not found|cannot find|ENOENT|ENXIO|Input\/output error/i.test(message))
    return 'missing'
  return 'failed'
}
