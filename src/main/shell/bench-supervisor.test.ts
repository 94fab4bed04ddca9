import { expect, test } from 'vitest'
import type { BenchMessage } from './bench-message.ts'
import { type BenchProcess, type BenchState, BenchSupervisor } from './bench-supervisor.ts'

/** A process in name only: the test decides when it speaks and when it ends. */
class ScriptedProcess implements BenchProcess {
  readonly pid = 1
  stopped = false
  killed = false
  readonly #messages: ((message: BenchMessage) => void)[] = []
  readonly #exits: (() => void)[] = []

  send(): void {
    this.stopped = true
  }
  kill(): void {
    this.killed = true
    this.exit()
  }
  onMessage(listener: (message: BenchMessage) => void): void {
    this.#messages.push(listener)
  }
  onExit(listener: () => void): void {
    this.#exits.push(listener)
  }
  say(message: BenchMessage): void {
    for (const listener of this.#messages) listener(message)
  }
  exit(): void {
    for (const listener of this.#exits) listener()
  }
}

function bench(options: { backoffMs?: number[]; stopTimeoutMs?: number } = {}) {
  const processes: ScriptedProcess[] = []
  const states: BenchState['kind'][] = []
  const started: (() => void)[] = []
  const supervisor = new BenchSupervisor({
    backoffMs: [1, 1],
    ...options,
    newSocket: () => `socket-${processes.length + 1}`,
    start() {
      const created = new ScriptedProcess()
      processes.push(created)
      for (const tell of started.splice(0)) tell()
      return created
    },
    onState: (state) => states.push(state.kind),
  })
  const nextStart = () => new Promise<void>((resolve) => started.push(resolve))
  return { supervisor, processes, states, nextStart }
}

const PROBLEM = { code: 'casebook-newer', message: 'From a newer version.', remedy: 'Install it.' }

test('who asks early is told the socket once the bench listens', async () => {
  const { supervisor, processes } = bench()
  supervisor.start()
  const asked = supervisor.ready(10_000)
  processes[0].say({ kind: 'ready' })
  expect(await asked).toBe('socket-1')
  expect(await supervisor.ready(0)).toBe('socket-1')
})

test('who asks a bench that does not come is not kept', async () => {
  const { supervisor } = bench()
  supervisor.start()
  expect(await supervisor.ready(1)).toBeNull()
})

test('a crashed bench is started again on another socket', async () => {
  const { supervisor, processes, nextStart, states } = bench()
  supervisor.start()
  processes[0].say({ kind: 'ready' })
  const again = nextStart()
  processes[0].exit()
  const asked = supervisor.ready(10_000)
  await again
  await Promise.resolve()
  processes[1].say({ kind: 'ready' })
  expect(await asked).toBe('socket-2')
  expect(states).toEqual(['starting', 'ready', 'starting', 'starting', 'ready'])
})

test('a bench that says why it cannot open is not started again until asked', async () => {
  const { supervisor, processes } = bench()
  supervisor.start()
  const asked = supervisor.ready(10_000)
  processes[0].say({ kind: 'failed', problem: PROBLEM })
  processes[0].exit()
  expect(await asked).toBeNull()
  expect(supervisor.state).toEqual({ kind: 'failed', problem: PROBLEM })
  supervisor.start()
  processes[1].say({ kind: 'ready' })
  expect(await supervisor.ready(0)).toBe('socket-2')
})

test('a bench that keeps crashing is given up with a remedy', async () => {
  const { supervisor, processes, nextStart } = bench({ backoffMs: [1, 1] })
  supervisor.start()
  for (let crash = 0; crash < 2; crash++) {
    const again = nextStart()
    processes.at(-1)!.exit()
    await again
    await Promise.resolve()
  }
  processes.at(-1)!.exit()
  expect(processes).toHaveLength(3)
  const { state } = supervisor
  expect(state.kind === 'failed' && state.problem.remedy).toContain('doctor')
})

test('stopping asks the bench to close and does not start it again', async () => {
  const { supervisor, processes } = bench()
  supervisor.start()
  processes[0].say({ kind: 'ready' })
  const stopped = supervisor.stop()
  expect(processes[0].stopped).toBe(true)
  processes[0].exit()
  await stopped
  expect(processes).toHaveLength(1)
  expect(await supervisor.ready(0)).toBeNull()
})

test('a bench that does not close is killed', async () => {
  const { supervisor, processes } = bench({ stopTimeoutMs: 1 })
  supervisor.start()
  await supervisor.stop()
  expect(processes[0].killed).toBe(true)
})
