import { join } from 'node:path'
import pino, { type Logger } from 'pino'

/** JSON lines in `medulla.log` of the data folder: what happened, and all that is known of errors nobody foresaw. */
export function openLog(dataFolder: string): Logger {
  // Synchronous, as the line that matters most is the last one before the process ends.
  const destination = pino.destination({ dest: join(dataFolder, 'medulla.log'), sync: true, mkdir: true })
  // A full disk must not end the process through its own log.
  destination.on('error', () => undefined)
  return pino({ base: { pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime }, destination)
}
