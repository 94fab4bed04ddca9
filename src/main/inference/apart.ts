import { fork } from 'node:child_process'

export type Ended =
  | { readonly kind: 'answered'; readonly answer: unknown }
  /** Why there is no answer, e.g. "it was ended by SIGSEGV", as the end of a sentence. */
  | { readonly kind: 'silent'; readonly reason: string }

/**
 * Asks one question of a program in a process of its own, which may crash or never answer: a graph from who knows where, a driver
 * that is half installed. The question and the answer are messages; the process is ended once it has answered.
 */
export async function askApart(entry: URL, question: unknown, timeoutMs: number): Promise<Ended> {
  const child = fork(entry, [], {
    execArgv: [],
    // Under Electron the binary is a window's; with this it is a Node.
    env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    serialization: 'advanced',
  })
  const { promise, resolve } = Promise.withResolvers<Ended>()
  child.once('message', (answer) => resolve({ kind: 'answered', answer }))
  child.once('error', (error) => resolve({ kind: 'silent', reason: error.message }))
  child.once('exit', (code, signal) => resolve({ kind: 'silent', reason: endingOf(code, signal) }))
  const timer = setTimeout(() => resolve({ kind: 'silent', reason: `no answer in ${timeoutMs / 1000} s` }), timeoutMs)
  child.send(question as Parameters<typeof child.send>[0], () => undefined)
  const ended = await promise
  clearTimeout(timer)
  const gone = new Promise((done) => child.once('exit', done))
  if (child.exitCode === null && child.signalCode === null && child.kill('SIGKILL')) await gone
  return ended
}

function endingOf(code: number | null, signal: NodeJS.Signals | null): string {
  if (signal) return `the process that tried it was ended by ${signal}`
  return `the process that tried it ended with exit code ${code}`
}
