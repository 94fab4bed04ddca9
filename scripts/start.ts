/**
 * `npm start`: opens the window. Where Electron cannot run, serves the same window to a browser and says why.
 * Arguments (`--data DIR`, `--model DIR`; in a browser also `--port N`) are passed on: `npm start -- --data DIR`.
 */
import { spawn } from 'node:child_process'
import path from 'node:path'
import { benchEnvironment } from '../src/main/shell/bench-environment.ts'
import { buildIfStale } from './build-if-stale.ts'
import { expectedElectronMajor, findElectron } from './electron-binary.ts'

const root = path.dirname(import.meta.dirname)

function run(file: string, parameters: readonly string[], environment: NodeJS.ProcessEnv): void {
  const child = spawn(file, parameters, { stdio: 'inherit', env: environment })
  // The terminal sends Ctrl-C to the child as well; this process ends when the child does.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal))
  child.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)))
  child.on('error', (error) => {
    console.error(error.message)
    process.exit(1)
  })
}

buildIfStale()
const electron = findElectron()
const passedOn = process.argv.slice(2)
if (electron.file !== null) {
  const environment = { ...process.env }
  // An Electron older than the one in package.json has an older Node inside, which the bench's libraries may not load in.
  if (electron.major !== null && electron.major < expectedElectronMajor()) environment.MEDULLA_NODE ??= process.execPath
  const isRoot = process.platform === 'linux' && process.getuid?.() === 0
  if (isRoot) console.error("Running as root: Chromium's own sandbox cannot start and is left out.")
  run(electron.file, [...(isRoot ? ['--no-sandbox'] : []), root, ...passedOn], environment)
} else {
  console.error(`The window opens in a browser, because ${electron.reason}.`)
  run(process.execPath, [path.join(root, 'src/main/cli.ts'), 'serve', ...passedOn], benchEnvironment(process.env))
}
