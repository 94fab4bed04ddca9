import { spawnSync } from 'node:child_process'
import { benchEnvironment } from '../src/main/shell/bench-environment.ts'

/** Runs this program again as the desk starts a bench, unless it is: the C library reads its settings when a process starts. */
export function runAsTheDesk(): void {
  const env = benchEnvironment(process.env)
  if (Object.keys(env).every((name) => process.env[name] !== undefined)) return
  const { status } = spawnSync(process.execPath, process.argv.slice(1), { env, stdio: 'inherit' })
  process.exit(status ?? 1)
}
