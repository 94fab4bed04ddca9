import { fileURLToPath } from 'node:url'

/**
 * Where a worker's entry file lies. From source it is the TypeScript file named relative to the caller; in a bundle every
 * worker is an entry of its own beside the bundle, under its base name.
 */
export function workerFile(callerUrl: string, relative: `./${string}.ts`): URL {
  if (callerUrl.endsWith('.ts')) return new URL(relative, callerUrl)
  const base = relative.slice(relative.lastIndexOf('/') + 1, -'.ts'.length)
  return new URL(`./${base}.cjs`, callerUrl)
}

/** The project's root folder (where `resources/` lies), from source or from the bundle in `out/main/`. */
export function projectRoot(): string {
  return fileURLToPath(new URL('../..', import.meta.url))
}
