import { rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { parseArgs } from 'node:util'
import { createRequestListener } from '@remix-run/node-fetch-server'
import { MedullaError } from '../shared/errors.ts'
import { type Bench, openBench } from './bench/bench.ts'
import { type BenchMessage, type Problem, STOP_MESSAGE } from './shell/bench-message.ts'

/**
 * The bench as a process of its own, served on a private socket:
 * `bench-process --socket PATH --data DIR [--model MODEL]`, started by the window as an Electron utility process or as a child
 * process of a Node. It tells its parent when it is ready or why it cannot be, and ends when told to or when the parent is gone.
 */
interface ParentPort {
  postMessage(message: BenchMessage): void
  on(event: 'message', listener: (event: { data: unknown }) => void): void
}

// Electron puts the port of a utility process here; Node has no such property.
const parentPort = (process as NodeJS.Process & { parentPort?: ParentPort }).parentPort

function tellParent(message: BenchMessage): void {
  if (parentPort) parentPort.postMessage(message)
  else process.send?.(message)
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { socket: { type: 'string' }, data: { type: 'string' }, model: { type: 'string' } },
  })
  if (!values.socket || !values.data) throw new Error('usage: bench-process --socket PATH --data DIR [--model MODEL]')
  const bench = await openBench({ dataFolder: values.data, model: values.model ?? null })
  const server = createServer(createRequestListener((request) => bench.handle(request)))
  const socket = values.socket
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(socket, resolve)
  })
  closeWhenTold(async () => {
    server.close()
    server.closeAllConnections()
    await closeBench(bench)
    if (process.platform !== 'win32') rmSync(socket, { force: true })
  })
  tellParent({ kind: 'ready' })
}

async function closeBench(bench: Bench): Promise<void> {
  try {
    await bench.close()
  } catch (error) {
    console.error(error)
  }
}

function closeWhenTold(close: () => Promise<void>): void {
  let closing = false
  const end = () => {
    if (closing) return
    closing = true
    void close().finally(() => process.exit(0))
  }
  parentPort?.on('message', ({ data }) => {
    if (data === STOP_MESSAGE) end()
  })
  process.on('message', (message) => {
    if (message === STOP_MESSAGE) end()
  })
  process.on('disconnect', end)
  process.on('SIGTERM', end)
  // A terminal sends Ctrl-C to the whole group; the window decides when the bench ends.
  process.on('SIGINT', () => {})
}

function problemOf(error: unknown): Problem {
  if (error instanceof MedullaError) return { code: error.code, message: error.message, remedy: error.detail.remedy }
  console.error(error)
  return {
    code: 'internal',
    message: `The bench did not start: ${error instanceof Error ? error.message : String(error)}`,
    remedy: 'Try again; if it stays so, run `npm run -s medulla -- doctor`.',
  }
}

main().catch((error: unknown) => {
  tellParent({ kind: 'failed', problem: problemOf(error) })
  // Let the message leave before the process ends.
  setTimeout(() => process.exit(1), 200)
})
