import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process'
import { Readable } from 'node:stream'

/** How long a program may take to leave a camera in peace before it is killed, milliseconds. */
const GRACE_MS = 1000
/** What is kept of what it says on standard error, characters. */
const WORDS = 4000

/**
 * Run by a shell that becomes the program, so that the process started is the program itself. A second shell waits on standard input,
 * a pipe from this process: its end without a word means that this process is gone, and the program is ended. So no program
 * outlives the bench, not even a killed one, to hold a camera that nobody uses. The program leads a group of its own, so that a Ctrl-C
 * meant for the bench does not take its camera away, and whatever the program started ends with it.
 */
const GUARD = `
exec 4<&0 </dev/null
(
  exec >/dev/null 2>&1 3>&-
  if read -r farewell <&4; then exit; fi
  kill -s INT -- -$$; sleep ${GRACE_MS / 1000}; kill -s KILL -- -$$
) &
exec "$@" 4<&-
`

export interface ProgramEnd {
  /** null: ended by a signal, or never started. */
  readonly exitCode: number | null
  readonly signal: NodeJS.Signals | null
  /** The last of what it said on standard error. */
  readonly words: string
  /** There is no such program. */
  readonly missing: boolean
}

/** A program that delivers frames until it is stopped. Whatever happens to this process, it does not live longer. */
export class ChildProgram {
  readonly #child: ChildProcess
  /** Resolves once it has ended and everything it wrote has been read; never rejects. */
  readonly ended: Promise<ProgramEnd>
  #words = ''
  #over = false

  /** @param outputs 2: it has a second output, on file descriptor 3. */
  constructor(program: string, args: readonly string[], { outputs = 1 }: { outputs?: 1 | 2 } = {}) {
    const stdio: StdioOptions = ['pipe', 'pipe', 'pipe', ...(outputs === 2 ? (['pipe'] as const) : [])]
    // Windows ends the children of a process with it.
    const guarded = process.platform !== 'win32'
    this.#child = guarded
      ? spawn('/bin/sh', ['-c', GUARD, 'medulla-camera', program, ...args], { stdio, detached: true })
      : spawn(program, args, { stdio, windowsHide: true })
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#words = (this.#words + text).slice(-WORDS)
    })
    // A broken pipe says no more than the end of the program does.
    for (const stream of this.#child.stdio ?? []) stream?.on('error', () => undefined)
    this.ended = new Promise((resolve) => {
      let missing = false
      const end = (exitCode: number | null, signal: NodeJS.Signals | null) => {
        this.#over = true
        resolve({ exitCode, signal, words: this.#words.trim(), missing: missing || (guarded && exitCode === 127) })
      }
      this.#child.once('error', (error: NodeJS.ErrnoException) => {
        if (this.#child.pid !== undefined) return
        missing = error.code === 'ENOENT'
        this.#words += error.message
        end(null, null)
      })
      // A farewell to the guard at once: the process id may soon be another's.
      this.#child.once('exit', () => this.#child.stdin?.end('over\n'))
      this.#child.once('close', end)
    })
  }

  get pid(): number | null {
    return this.#child.pid ?? null
  }

  get output(): Readable {
    return this.#outputOf(1)
  }

  /** File descriptor 3. */
  get secondOutput(): Readable {
    return this.#outputOf(3)
  }

  /** Where the system has no pipes left there is nothing to read, and `ended` says why. */
  #outputOf(descriptor: 1 | 2 | 3): Readable {
    const stream = this.#child.stdio?.[descriptor]
    return stream instanceof Readable ? stream : Readable.from([])
  }

  /** Asks it to end, so that it gives the camera back, and kills it where it does not. Resolves once it is gone. */
  async stop(): Promise<void> {
    if (this.#over) return
    const outputs = ([1, 2, 3] as const).map((descriptor) => this.#outputOf(descriptor))
    // Nobody listens any more; what is still written has to go somewhere, or it waits for a reader rather than end.
    for (const output of outputs) output.removeAllListeners('data').resume()
    // What it started may hold its outputs open.
    const letGo = () => {
      for (const output of outputs) output.destroy()
    }
    this.#child.once('exit', letGo)
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) letGo()
    this.#signal('SIGINT')
    const kill = setTimeout(() => this.#signal('SIGKILL'), GRACE_MS)
    await this.ended
    clearTimeout(kill)
  }

  #signal(signal: 'SIGINT' | 'SIGKILL'): void {
    const { pid } = this.#child
    if (pid === undefined) return
    try {
      if (process.platform === 'win32') this.#child.kill(signal)
      else process.kill(-pid, signal)
    } catch {
      // Gone already.
    }
  }
}
