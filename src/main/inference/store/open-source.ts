import { constants } from 'node:fs'
import { lstat, open, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { MedullaError } from '../../../shared/errors.ts'
import { invalidModel, MANIFEST } from '../package.ts'
import { NO_LINKS, noManifest, type PackageSource } from './package-source.ts'
import { zipSource } from './zip-source.ts'

/** Rejects `model-missing` where there is nothing to read, `model-invalid` where it is no package. */
export async function openPackageSource(path: string): Promise<PackageSource> {
  const found = await lstat(path).catch((cause: unknown) => {
    throw nothing(path, cause)
  })
  if (found.isDirectory()) return folderSource(path)
  if (found.isFile()) return zipSource(path)
  throw invalidModel(path, 'it is neither a folder nor a file', 'Name the folder or the zip file itself.')
}

async function folderSource(folder: string): Promise<PackageSource> {
  const sizes = new Map<string, number>()
  for (const entry of await readdir(folder).catch((cause: unknown) => Promise.reject(nothing(folder, cause)))) {
    const found = await lstat(join(folder, entry))
    if (found.isSymbolicLink()) throw invalidModel(folder, `${entry} in it is a link`, NO_LINKS)
    if (found.isFile()) sizes.set(entry, found.size)
  }
  if (!sizes.has(MANIFEST)) throw noManifest(folder)
  return {
    sizes,
    async open(name) {
      // Not through a link that took the file's place meanwhile.
      const handle = await open(join(folder, name), constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0))
      return handle.createReadStream()
    },
    close: async () => undefined,
  }
}

function nothing(path: string, cause: unknown): MedullaError {
  return new MedullaError(
    'model-missing',
    `There is nothing to read at ${path}.`,
    { remedy: 'Name a model package: a folder, or a zip file of one.', values: { path } },
    { cause },
  )
}
