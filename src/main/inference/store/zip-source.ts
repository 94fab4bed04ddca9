import type { Readable } from 'node:stream'
import { type Entry, openPromise, type ZipFile } from 'yauzl'
import { MedullaError } from '../../../shared/errors.ts'
import { invalidModel, MANIFEST } from '../package.ts'
import { NO_LINKS, noManifest, type PackageSource } from './package-source.ts'

/** A package has a handful of files; more is something else. */
const MAX_ENTRIES = 1000
/** Weights hardly shrink. What shrinks to less than a hundredth was made to fill a disk. */
const MAX_RATIO = 100
/** Below this a high ratio does no harm, bytes. */
const RATIO_FROM_BYTES = 1024 ** 2

const FILE_TYPE = 0o170000
const LINK = 0o120000
const FOLDER = 0o040000
const UNIX = 3

const MAKE_ANEW = 'Make the zip file anew from the files of the package, or name the unpacked folder.'

/**
 * A zip file of a package: its files at the top or in one folder. Nothing is written before its whole list of contents has been
 * looked at; the stream of a file fails where it is longer than the list says.
 */
export async function zipSource(path: string): Promise<PackageSource> {
  const zip = await openZip(path)
  try {
    const entries = await listed(zip, path)
    const folder = folderOf(entries, path)
    const files = new Map<string, Entry>()
    for (const entry of entries) {
      const name = entry.fileName.slice(folder.length)
      if (entry.fileName.startsWith(folder) && name !== '' && !name.includes('/')) files.set(name, entry)
    }
    return {
      sizes: new Map([...files].map(([name, { uncompressedSize }]) => [name, uncompressedSize])),
      open: (name) => openFile(zip, files.get(name)!),
      close: async () => zip.close(),
    }
  } catch (error) {
    zip.close()
    throw error
  }
}

async function openZip(path: string): Promise<ZipFile> {
  try {
    return await openPromise(path, { autoClose: false, strictFileNames: true, validateEntrySizes: true })
  } catch (cause) {
    throw invalidModel(path, `it is not a zip file, or not a whole one (${reason(cause)})`, MAKE_ANEW, cause)
  }
}

/**
 * The stream runs before anybody reads it, and may fail before anybody listens: that would end the process. Whoever reads it later is told of
 * the failure all the same.
 */
function openFile(zip: ZipFile, entry: Entry): Promise<Readable> {
  return new Promise((resolve, reject) => {
    zip.openReadStream(entry, (error, stream) => {
      if (error) return reject(error)
      stream.on('error', () => undefined)
      resolve(stream)
    })
  })
}

/** Every entry, each of them harmless. */
async function listed(zip: ZipFile, path: string): Promise<Entry[]> {
  if (zip.entryCount > MAX_ENTRIES)
    throw invalidModel(path, `it has ${zip.entryCount} entries, more than the ${MAX_ENTRIES} that are taken`, MAKE_ANEW)
  const entries: Entry[] = []
  const names = new Set<string>()
  try {
    for await (const entry of zip.eachEntry()) {
      checkEntry(entry, path)
      const name = entry.fileName.toLowerCase()
      if (names.has(name)) throw invalidModel(path, `it has two files named ${entry.fileName}`, MAKE_ANEW)
      names.add(name)
      entries.push(entry)
    }
  } catch (cause) {
    if (cause instanceof MedullaError) throw cause
    // Paths that lead elsewhere are refused while the list is read, and so is a list that ends too early.
    throw invalidModel(path, `its list of contents cannot be used (${reason(cause)})`, MAKE_ANEW, cause)
  }
  return entries
}

function checkEntry(entry: Entry, path: string): void {
  const { fileName, uncompressedSize, compressedSize } = entry
  // Only Unix keeps the kind of a file there.
  const kind = entry.versionMadeBy >> 8 === UNIX ? (entry.externalFileAttributes >>> 16) & FILE_TYPE : 0
  if (kind === LINK) throw invalidModel(path, `${fileName} in it is a link`, NO_LINKS)
  if (kind === FOLDER || fileName.endsWith('/')) return
  if (entry.isEncrypted()) throw invalidModel(path, `${fileName} in it is encrypted`, MAKE_ANEW)
  if (uncompressedSize > RATIO_FROM_BYTES && uncompressedSize > MAX_RATIO * compressedSize) {
    const what = `${fileName} in it would grow from ${compressedSize} to ${uncompressedSize} bytes`
    throw invalidModel(path, what, 'Do not use this file: it is no model, but made to fill a disk.')
  }
}

/** The folder in the zip file that is the package, with its slash; '' at the top. */
function folderOf(entries: readonly Entry[], path: string): string {
  const manifests = entries.map((entry) => entry.fileName).filter((name) => name.split('/').at(-1) === MANIFEST)
  // Finder adds a shadow of every file.
  const own = manifests.filter((name) => !name.startsWith('__MACOSX/'))
  if (own.length > 1) {
    const what = `it has ${own.length} manifests (${own.slice(0, 3).join(', ')})`
    throw invalidModel(path, what, 'Make one zip file of each package.')
  }
  const [manifest] = own
  if (manifest === undefined) throw noManifest(path)
  const folder = manifest.slice(0, -MANIFEST.length)
  if (folder.split('/').length > 2) throw invalidModel(path, `its manifest lies too deep (${manifest})`, MAKE_ANEW)
  return folder
}

function reason(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}
