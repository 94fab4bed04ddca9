import { mkdir, open, readFile, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { MedullaError } from '../../../shared/errors.ts'
import { diskFull } from '../../disk-errors.ts'
import { syncFolder } from '../../durable-files.ts'
import {
  CARD,
  invalidModel,
  MANIFEST,
  MAX_CROPS_BYTES,
  MAX_GRAPH_BYTES,
  MAX_TEXT_BYTES,
  parseManifest,
} from '../package.ts'
import type { PackageSource } from './package-source.ts'

/** Left free on the disk that the package is copied to, bytes. */
const SPARE_BYTES = 64 * 1024 ** 2
const SMALLER = 'Use a smaller model; this one cannot be meant for a microscope.'

/**
 * Copies what the manifest names, and nothing else, into a new folder; the bytes are on the disk when it resolves. Sizes are looked
 * at before anything is read and again while it is. `path`: the package's, for messages.
 */
export async function copyPackage(source: PackageSource, path: string, target: string): Promise<void> {
  await mkdir(target, { recursive: true })
  await copyFile(source, path, target, MANIFEST, MAX_TEXT_BYTES)
  const manifest = parseManifest(path, await readFile(join(target, MANIFEST), 'utf8'))
  const files: [string, number][] = [
    [CARD, MAX_TEXT_BYTES],
    [manifest.file, MAX_GRAPH_BYTES],
  ]
  if (manifest.int8) files.push([manifest.int8.file, MAX_GRAPH_BYTES])
  if (manifest.testVector) files.push([manifest.testVector.crops, MAX_CROPS_BYTES])
  const bytes = files.reduce((sum, [file]) => sum + (source.sizes.get(file) ?? 0), 0)
  for (const [file, most] of files) requireSize(source, path, file, most)
  const { bavail, bsize } = await statfs(target)
  if (bavail * bsize < bytes + SPARE_BYTES) throw diskFull(target, null)
  for (const [file, most] of files) await copyFile(source, path, target, file, most)
  await syncFolder(target)
}

function requireSize(source: PackageSource, path: string, file: string, most: number): void {
  const size = source.sizes.get(file)
  if (size === undefined) {
    throw new MedullaError('model-missing', `There is no ${file} in ${path}.`, {
      remedy: `Put every file that ${MANIFEST} names into the package, and ${CARD}.`,
      values: { path },
    })
  }
  if (size > most) throw tooLarge(path, file, size, most)
}

async function copyFile(source: PackageSource, path: string, target: string, file: string, most: number) {
  requireSize(source, path, file, most)
  const from = await source.open(file).catch((cause: unknown) => {
    throw unreadable(path, file, cause)
  })
  const handle = await open(join(target, file), 'wx')
  try {
    let bytes = 0
    for await (const chunk of chunksOf(from, path, file)) {
      bytes += chunk.length
      if (bytes > most) throw tooLarge(path, file, bytes, most)
      await handle.write(chunk)
    }
    await handle.sync()
  } finally {
    from.destroy()
    await handle.close()
  }
}

/** What goes wrong with reading is told apart from what goes wrong with writing. */
async function* chunksOf(from: Readable, path: string, file: string): AsyncGenerator<Buffer, void> {
  try {
    yield* from
  } catch (cause) {
    throw unreadable(path, file, cause)
  }
}

function tooLarge(path: string, file: string, size: number, most: number): MedullaError {
  return invalidModel(path, `${file} has ${size} bytes, more than the ${most} that are taken`, SMALLER)
}

function unreadable(path: string, file: string, cause: unknown): MedullaError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return invalidModel(path, `${file} in it cannot be read (${reason})`, undefined, cause)
}
