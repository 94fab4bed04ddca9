import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'

/** A runnable Electron, or why there is none. */
export type ElectronBinary =
  | { readonly file: string; readonly major: number | null; readonly reason: null }
  | { readonly file: null; readonly major: null; readonly reason: string }

const root = path.dirname(import.meta.dirname)

/**
 * Finds Electron's binary by looking at the disk only: asking the `electron` package itself would download it.
 * ELECTRON_OVERRIDE_DIST_PATH names a folder that holds another one.
 */
export function findElectron(
  environment: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
): ElectronBinary {
  const named = environment.ELECTRON_OVERRIDE_DIST_PATH
  const folder = named ?? path.join(root, 'node_modules', 'electron', 'dist')
  const file = path.join(folder, executableName(platform))
  if (!existsSync(file)) {
    const where = named ? `in ELECTRON_OVERRIDE_DIST_PATH (${named})` : 'in node_modules/electron/dist'
    const remedy = named ? '' : '; `npx install-electron` downloads it'
    return { file: null, major: null, reason: `Electron's binary is not ${where}${remedy}` }
  }
  // Electron cannot open a window on Linux without a display server.
  if (platform === 'linux' && !environment.DISPLAY && !environment.WAYLAND_DISPLAY) {
    return { file: null, major: null, reason: 'there is no display (neither DISPLAY nor WAYLAND_DISPLAY is set)' }
  }
  return { file, major: majorVersion(path.join(folder, 'version')), reason: null }
}

/** Major version of the Electron the project is built for. */
export function expectedElectronMajor(): number {
  const { version } = createRequire(import.meta.url)('electron/package.json') as { version: string }
  return Number.parseInt(version, 10)
}

function executableName(platform: NodeJS.Platform): string {
  if (platform === 'darwin') return 'Electron.app/Contents/MacOS/Electron'
  return platform === 'win32' ? 'electron.exe' : 'electron'
}

function majorVersion(file: string): number | null {
  if (!existsSync(file)) return null
  const major = Number.parseInt(readFileSync(file, 'utf8').trim().replace(/^v/, ''), 10)
  return Number.isNaN(major) ? null : major
}
