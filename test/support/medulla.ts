import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

export const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const CLI = fileURLToPath(new URL('../../src/main/cli.ts', import.meta.url))

export interface CommandResult {
  /** null: ended by a signal. */
  readonly exitCode: number | null
  /** What it answered with --json; null: nothing that can be read as JSON. */
  readonly json: unknown
  readonly stdout: string
  readonly stderr: string
}

export interface RunningCommand {
  readonly process: ChildProcess
  readonly ended: Promise<CommandResult>
}

/** Starts the command line as a process of its own, with --json. */
export function startMedulla(args: readonly string[], env: Readonly<Record<string, string>> = {}): RunningCommand {
  const child = spawn(process.execPath, [CLI, ...args, '--json'], {
    cwd: ROOT,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  const { promise, resolve, reject } = Promise.withResolvers<CommandResult>()
  child.once('error', reject)
  child.once('close', (exitCode) => resolve({ exitCode, json: parsed(stdout), stdout, stderr }))
  return { process: child, ended: promise }
}

export function medulla(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<CommandResult> {
  return startMedulla(args, env).ended
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
