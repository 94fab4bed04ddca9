import { readdir, readFile, rename } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { MedullaError } from '../../../shared/errors.ts'
import { diskError } from '../../disk-errors.ts'
import { syncFolder } from '../../durable-files.ts'
import { checkPackage } from '../check-package.ts'
import { invalidModel, MANIFEST, readDescription } from '../package.ts'
import { copyPackage } from './copy-package.ts'
import { isStorable } from './model-ref.ts'
import { openPackageSource } from './open-source.ts'
import { closeRoom, openRoom } from './rooms.ts'

export interface AddedPackage {
  readonly name: string
  readonly version: string
  /** The same package was there before. */
  readonly known: boolean
}

/**
 * Copies a package from a folder or a zip file into the store, checks it there, and gives it its place in one step: it is in the
 * store wholly and checked, or not at all. `others`: folders of packages that are there besides (the one that comes with Medulla).
 *
 * Rejects `model-missing`, `model-invalid`, `invalid-input` (another package of this name and version), `disk-full`,
 * `data-unwritable`.
 */
export async function addPackage(path: string, store: string, others: readonly string[]): Promise<AddedPackage> {
  let folder: string | null = null
  let room: string | null = null
  try {
    room = await openRoom(store)
    // Named as what it came from, so that messages name that.
    folder = join(room, basename(path) || 'package')
    await copyFrom(path, folder)
    const { manifest } = await readDescription(folder)
    const { name, version } = manifest
    requireStorable(path, name, version)
    await checkPackage(folder)
    const target = join(store, `${name}@${version}`)
    const known = await sameNamed(target, others, name, version)
    if (known === null && (await moveInto(folder, target))) return { name, version, known: false }
    await requireSame(folder, known ?? target, name, version)
    return { name, version, known: true }
  } catch (error) {
    throw diskError(error, store) ?? (folder === null ? error : withPath(error, folder, path))
  } finally {
    if (room) await closeRoom(room)
  }
}

async function copyFrom(path: string, folder: string): Promise<void> {
  const source = await openPackageSource(path)
  try {
    await copyPackage(source, path, folder)
  } finally {
    await source.close()
  }
}

function requireStorable(path: string, name: string, version: string): void {
  for (const part of [name, version]) {
    if (isStorable(part)) continue
    const what = `its name or version ("${part}") cannot be the name of a folder`
    throw invalidModel(path, what, 'Use letters, digits, and . _ + - within, 64 at most.')
  }
}

/** The folder of a package of that name and version; names that differ in case only are the same to some disks. */
async function sameNamed(target: string, others: readonly string[], name: string, version: string) {
  const wanted = basename(target).toLowerCase()
  const kept = (await readdir(join(target, '..'))).find((entry) => entry.toLowerCase() === wanted)
  if (kept !== undefined) return join(target, '..', kept)
  for (const other of others) {
    const { manifest } = await readDescription(other)
    if (manifest.name === name && manifest.version === version) return other
  }
  return null
}

/** The manifest names the hash of every other part that counts. */
async function requireSame(folder: string, known: string, name: string, version: string): Promise<void> {
  const [one, other] = await Promise.all(
    [folder, known].map((each) => readFile(join(each, MANIFEST)).catch(() => null)),
  )
  if (one && other && one.equals(other)) return
  throw new MedullaError('invalid-input', `There is another model package ${name}@${version} already.`, {
    remedy: `Give the new one another version, or remove the other first ("model remove ${name}@${version}").`,
    values: { name, version },
  })
}

/** false: another process was quicker. */
async function moveInto(folder: string, target: string): Promise<boolean> {
  try {
    await rename(folder, target)
  } catch (error) {
    if (['EEXIST', 'ENOTEMPTY'].includes((error as NodeJS.ErrnoException).code ?? '')) return false
    throw error
  }
  await syncFolder(join(target, '..'))
  return true
}

/** An error about the copy told of what was copied. */
function withPath(error: unknown, folder: string, path: string): unknown {
  if (!(error instanceof MedullaError)) return error
  const message = error.message.replaceAll(folder, path)
  return new MedullaError(error.code, message, { ...error.detail, values: { path } }, { cause: error })
}
