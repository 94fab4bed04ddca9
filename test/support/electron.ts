import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { _electron, type ElectronApplication } from 'playwright'
import { expectedElectronMajor, findElectron } from '../../scripts/electron-binary.ts'
import { ROOT } from './medulla.ts'

/** Prints a folder with a real Electron, on machines that cannot download one. */
const RUNTIME_TOOL = path.join(ROOT, '../shared/tools/electron-runtime')
const RUNTIME_TIMEOUT_MS = 300_000

export type TestElectron =
  | { readonly folder: string; readonly file: string; readonly reason: null }
  | { readonly folder: null; readonly file: null; readonly reason: string }

/** The Electron to test with: ELECTRON_OVERRIDE_DIST_PATH, the installed one, or one the runtime tool provides. */
export function findTestElectron(): TestElectron {
  if (process.platform === 'linux' && !process.env.DISPLAY && !hasXvfb()) {
    return { folder: null, file: null, reason: 'There is neither a display nor Xvfb.' }
  }
  const named = process.env.ELECTRON_OVERRIDE_DIST_PATH ?? runtimeFolder()
  const environment: NodeJS.ProcessEnv = { ...process.env, DISPLAY: process.env.DISPLAY ?? ':0' }
  if (named) environment.ELECTRON_OVERRIDE_DIST_PATH = named
  const found = findElectron(environment)
  if (found.file === null) return { folder: null, file: null, reason: `${found.reason}.` }
  return { folder: path.dirname(found.file), file: found.file, reason: null }
}

function runtimeFolder(): string | null {
  if (existsSync(path.join(ROOT, 'node_modules/electron/dist')) || !existsSync(RUNTIME_TOOL)) return null
  const { status, stdout } = spawnSync(RUNTIME_TOOL, { encoding: 'utf8', timeout: RUNTIME_TIMEOUT_MS })
  return status === 0 ? (stdout.trim().split('\n').at(-1) ?? null) : null
}

function hasXvfb(): boolean {
  return spawnSync('Xvfb', ['-help'], { stdio: 'ignore' }).error === undefined
}

export interface Display {
  readonly name: string
  close(): void
}

/** The display there is, or a virtual one. */
export async function openDisplay(): Promise<Display> {
  const present = process.env.DISPLAY
  if (present || process.platform !== 'linux') return { name: present ?? '', close: () => undefined }
  const server: ChildProcess = spawn('Xvfb', ['-displayfd', '3', '-screen', '0', '1600x1000x24', '-nolisten', 'tcp'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  })
  const number = await new Promise<string>((resolve, reject) => {
    server.stdio[3]!.once('data', (text: Buffer) => resolve(text.toString().trim()))
    server.once('error', reject)
    server.once('exit', () => reject(new Error('Xvfb ended before it had a display.')))
  })
  return { name: `:${number}`, close: () => server.kill() }
}

/** Starts the built program as `npm start` does. */
export function launchMedulla(
  electron: { readonly folder: string; readonly file: string },
  display: Display,
  dataFolder: string,
): Promise<ElectronApplication> {
  const env: Record<string, string> = { DISPLAY: display.name }
  for (const [name, value] of Object.entries(process.env)) if (value !== undefined && !(name in env)) env[name] = value
  // What runs the tests must not decide how the window behaves.
  delete env.NODE_OPTIONS
  const version = path.join(electron.folder, 'version')
  const major = existsSync(version) ? Number.parseInt(readFileSync(version, 'utf8'), 10) : expectedElectronMajor()
  if (major < expectedElectronMajor()) env.MEDULLA_NODE = process.execPath
  return _electron.launch({
    executablePath: electron.file,
    args: [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), '--disable-gpu', ROOT, '--data', dataFolder],
    env,
  })
}

/** Of the bench that serves a data folder; null: none runs. */
export function benchPid(dataFolder: string): number | null {
  const { stdout } = spawnSync('pgrep', ['-f', `bench-process.cjs .*--data ${dataFolder}`], { encoding: 'utf8' })
  const pid = Number.parseInt(stdout, 10)
  return Number.isNaN(pid) ? null : pid
}
