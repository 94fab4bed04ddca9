import { spawnSync } from 'node:child_process'
import { existsSync, globSync, statSync } from 'node:fs'
import path from 'node:path'

const root = path.dirname(import.meta.dirname)
const PRODUCTS = [
  'out/main/index.cjs',
  'out/main/bench-process.cjs',
  'out/preload/index.cjs',
  'out/renderer/index.html',
]
const SOURCES = ['src/**/*', 'electron.vite.config.ts', 'package-lock.json', 'package.json']

/** Builds the window if a source is newer than what was built, or nothing was. Throws when the build fails. */
export function buildIfStale(): void {
  if (!isStale()) return
  console.error('Building the window ...')
  const cli = path.join(root, 'node_modules/electron-vite/bin/electron-vite.js')
  const { status } = spawnSync(process.execPath, [cli, 'build', '--logLevel', 'warn'], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  if (status !== 0) throw new Error('The build failed; its messages are above.')
}

function isStale(): boolean {
  const built = PRODUCTS.map((file) => path.join(root, file))
  if (!built.every((file) => existsSync(file))) return true
  const oldest = Math.min(...built.map((file) => statSync(file).mtimeMs))
  return globSync(SOURCES, { cwd: root }).some((file) => statSync(path.join(root, file)).mtimeMs > oldest)
}
