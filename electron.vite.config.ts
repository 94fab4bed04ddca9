import { globSync } from 'node:fs'
import path from 'node:path'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'electron-vite'

const root = import.meta.dirname

/** The window's process, the bench's process, and every worker: each an entry of its own, under its base name. */
function mainEntries(): Record<string, string> {
  const entries: Record<string, string> = {}
  for (const file of [
    'index.ts',
    'bench-process.ts',
    ...globSync('**/*-worker.ts', { cwd: path.join(root, 'src/main') }),
  ]) {
    const name = path.basename(file, '.ts')
    if (name in entries) throw new Error(`Two entries are called ${name}: workers are found by their base name.`)
    entries[name] = path.join(root, 'src/main', file)
  }
  return entries
}

// CommonJS, because the oldest Electron the tests run on has no other entry files. Chunks lie beside the entries, because
// code finds workers and the project's root relative to its own file.
const commonjs = { format: 'cjs', entryFileNames: '[name].cjs', chunkFileNames: '[name]-[hash].cjs' } as const

export default defineConfig({
  main: {
    build: {
      outDir: path.join(root, 'out/main'),
      sourcemap: true,
      externalizeDeps: true,
      rolldownOptions: { input: mainEntries(), output: commonjs },
    },
  },
  preload: {
    build: {
      outDir: path.join(root, 'out/preload'),
      sourcemap: true,
      rolldownOptions: { input: { index: path.join(root, 'src/preload/index.ts') }, output: commonjs },
    },
  },
  renderer: {
    root: path.join(root, 'src/renderer'),
    base: './',
    plugins: [react()],
    build: {
      outDir: path.join(root, 'out/renderer'),
      sourcemap: true,
      target: 'chrome114',
      // The content security policy lets the page load its own files and nothing inlined.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      rolldownOptions: { input: path.join(root, 'src/renderer/index.html') },
    },
  },
})
