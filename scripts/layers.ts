/**
 * Keeps the tree's arrows pointing one way: `node scripts/layers.ts [ROOT]` lists every import that breaks a rule and exits
 * with 1. Type imports count: they are knowledge of another room too. Tests may reach anywhere.
 */
import { globSync, readFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import path from 'node:path'
import { parseSync } from 'vite'

export interface Violation {
  /** Relative to the root, with forward slashes. */
  readonly file: string
  /** As written in the file. */
  readonly specifier: string
  readonly rule: string
}

/** Rooms of src/main by level; a room imports from lower levels only, and not from its neighbours. */
const ROOM_LEVELS: readonly (readonly string[])[] = [
  // Reading and writing image files, which several parts need.
  ['images'],
  ['casebook', 'inference', 'microscope', 'slide', 'vision'],
  ['scan', 'reports', 'reference'],
  ['bench'],
]
/** The shells: files and folders of src/main that start something. Every other file of src/main itself is common to all rooms. */
const SHELLS = ['index.ts', 'server.ts', 'cli.ts', 'bench-process.ts', 'cli', 'shell']
/** Where stage drivers live, each in a folder of its own, and who may name them. */
const STAGE_DRIVER = /^src\/main\/microscope\/stage\/drivers\/([^/]+)\//
const DRIVER_LISTS = ['src/main/microscope/stage/drivers/index.ts', 'src/main/microscope/stage/firmware/index.ts']
const ELECTRON_FILES = /^src\/(main\/index\.ts|preload\/)/

const SHELL_LEVEL = ROOM_LEVELS.length
const COMMON_LEVEL = -1

type Place =
  | { readonly area: 'shared' | 'preload' | 'renderer' | 'outside' }
  | { readonly area: 'main'; readonly room: string; readonly level: number }

function placeOf(file: string): Place {
  const [top, area, room] = file.split('/')
  if (top !== 'src') return { area: 'outside' }
  if (area === 'shared' || area === 'preload' || area === 'renderer') return { area }
  if (area !== 'main') return { area: 'outside' }
  if (SHELLS.includes(room)) return { area, room: 'shell', level: SHELL_LEVEL }
  if (room.endsWith('.ts')) return { area, room: 'common', level: COMMON_LEVEL }
  return { area, room, level: ROOM_LEVELS.findIndex((rooms) => rooms.includes(room)) }
}

/** null: allowed. */
function brokenRule(from: Place, file: string, specifier: string, target: string | null): string | null {
  if (specifier === 'electron' || specifier.startsWith('electron/')) {
    return ELECTRON_FILES.test(file) ? null : 'only src/main/index.ts and src/preload may import electron'
  }
  if (target === null) {
    const pure = from.area === 'shared' || from.area === 'renderer'
    return pure && isBuiltin(specifier) ? `src/${from.area} may not import Node's modules` : null
  }
  const stranger = brokenDriverRule(file, target)
  if (stranger) return stranger
  if (target === 'package.json') return from.area === 'main' ? null : 'only src/main may import package.json'
  const to = placeOf(target)
  if (from.area === 'main') return brokenMainRule(from, to)
  if (from.area === to.area || to.area === 'shared') return null
  return from.area === 'shared'
    ? 'src/shared may import nothing but src/shared'
    : `src/${from.area} may import nothing but src/${from.area} and src/shared`
}

/** A driver is a table, a parser and a simulator that know no other; everybody else reaches them through the two lists. */
function brokenDriverRule(file: string, target: string): string | null {
  const [, driver] = STAGE_DRIVER.exec(target) ?? []
  if (driver === undefined || DRIVER_LISTS.includes(file)) return null
  const [, own] = STAGE_DRIVER.exec(file) ?? []
  if (own === driver) return null
  return own === undefined
    ? 'only drivers/index.ts and firmware/index.ts may name a stage driver'
    : `the stage drivers ${own} and ${driver} may not know each other`
}

function brokenMainRule(from: Place & { area: 'main' }, to: Place): string | null {
  if (to.area === 'shared') return null
  if (to.area !== 'main') return `src/main may not import src/${to.area}`
  if (from.room === to.room || to.level === COMMON_LEVEL) return null
  if (from.level === COMMON_LEVEL) return 'files common to all rooms may import no room'
  if (from.level > to.level) return null
  return from.level === to.level
    ? `${from.room} and ${to.room} stand side by side and may not know each other`
    : `${from.room} lies below ${to.room} and may not import it`
}

/** Every module a file names: static and dynamic imports, and re-exports. */
function specifiersOf(file: string, text: string): string[] {
  const { module, errors } = parseSync(file, text)
  if (errors.length > 0) throw new Error(`${file}: ${errors[0].message}`)
  const requests = [
    ...module.staticImports.map((entry) => entry.moduleRequest.value),
    ...module.staticExports.flatMap((entry) =>
      entry.entries.flatMap(({ moduleRequest }) => moduleRequest?.value ?? []),
    ),
    ...module.dynamicImports.flatMap(({ moduleRequest: { start, end } }) => {
      const written = text.slice(start, end)
      return /^(['"`])[^$]*\1$/.test(written) ? [written.slice(1, -1)] : []
    }),
  ]
  return [...new Set(requests)]
}

export function checkLayers(root: string): Violation[] {
  const files = globSync('src/**/*.{ts,tsx}', { cwd: root })
    .map((file) => file.replaceAll(path.sep, '/'))
    .filter((file) => !/\.test\.tsx?$|\.d\.ts$/.test(file))
    .sort()
  const violations: Violation[] = []
  const graph = new Map<string, { target: string; specifier: string }[]>()
  for (const file of files) {
    const from = placeOf(file)
    if (from.area === 'outside') continue
    if (from.area === 'main' && from.room !== 'common' && from.level < 0) {
      violations.push({ file, specifier: '', rule: `the room ${from.room} has no level: name it in scripts/layers.ts` })
      continue
    }
    const edges: { target: string; specifier: string }[] = []
    for (const specifier of specifiersOf(file, readFileSync(path.join(root, file), 'utf8'))) {
      const target = specifier.startsWith('.')
        ? path.posix.join(path.posix.dirname(file), specifier.split('?')[0])
        : null
      const rule = brokenRule(from, file, specifier, target)
      if (rule) violations.push({ file, specifier, rule })
      if (target) edges.push({ target, specifier })
    }
    graph.set(file, edges)
  }
  return [...violations, ...cycles(graph)]
}

/** One violation for each import that closes a ring, found by walking depth first. */
function cycles(graph: ReadonlyMap<string, readonly { target: string; specifier: string }[]>): Violation[] {
  const found: Violation[] = []
  const finished = new Set<string>()
  const trail: string[] = []
  const walk = (file: string) => {
    trail.push(file)
    for (const { target, specifier } of graph.get(file) ?? []) {
      const at = trail.indexOf(target)
      if (at >= 0)
        found.push({ file, specifier, rule: `a ring of imports: ${[...trail.slice(at), target].join(' -> ')}` })
      else if (!finished.has(target)) walk(target)
    }
    trail.pop()
    finished.add(file)
  }
  for (const file of graph.keys()) if (!finished.has(file)) walk(file)
  return found
}

if (import.meta.main) {
  const violations = checkLayers(process.argv[2] ?? path.dirname(import.meta.dirname))
  for (const { file, specifier, rule } of violations) console.error(`${file}: '${specifier}': ${rule}`)
  if (violations.length > 0) process.exit(1)
}
