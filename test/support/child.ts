import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

/** A TypeScript file run by this very Node in a process of its own. */
export interface Child {
  readonly process: ChildProcess
  /** Resolves with the first line it prints that starts with this; rejects when it ends without. */
  line(start: string): Promise<string>
  /** `kill -9`, and waits until it is gone. */
  kill(): Promise<void>
  /** Its exit code; null: killed. */
  ended: Promise<number | null>
}

export function startChild(file: URL, args: readonly string[]): Child {
  const child = spawn(process.execPath, [file.pathname, ...args], { stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = once(child, 'close').then(([code]: (number | null)[]) => code)
  const lines = createInterface({ input: child.stdout })
  return {
    process: child,
    ended,
    line(start) {
      const { promise, resolve, reject } = Promise.withResolvers<string>()
      lines.on('line', (line) => {
        if (line.startsWith(start)) resolve(line)
      })
      ended.then((code) => reject(new Error(`the child ended with ${code} before it printed ${start}`)))
      return promise
    },
    async kill() {
      child.kill('SIGKILL')
      await ended
    },
  }
}
