import { readdir, stat } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { MedullaError } from '../../shared/errors.ts'

const EXTENSIONS = new Set(['.jpg', '.jpeg', '.png', '.tif', '.tiff'])
/** A fixed locale: the order must not depend on the machine. "field 9" comes before "field 10". */
const naturalOrder = new Intl.Collator('en', { numeric: true })

/** Whether the name ends in an extension `readImage` reads. Hidden files (`.x`, `._x`) are not images. */
export function isImageName(name: string): boolean {
  return !name.startsWith('.') && EXTENSIONS.has(extname(name).toLowerCase())
}

/**
 * The image files of a folder in natural order, or the one file named (whatever its extension says).
 *
 * @throws MedullaError `images-missing` where the path does not exist or holds no image.
 */
export async function listImages(pathOrFolder: string, { recursive = false } = {}): Promise<string[]> {
  let isFolder: boolean
  try {
    isFolder = (await stat(pathOrFolder)).isDirectory()
  } catch (cause) {
    throw missing(
      pathOrFolder,
      `There is no file or folder ${pathOrFolder}.`,
      'Check the path; quote it if it holds spaces.',
      cause,
    )
  }
  if (!isFolder) return [pathOrFolder]
  const found = await imagesIn(pathOrFolder, recursive)
  if (found.length === 0) {
    throw missing(
      pathOrFolder,
      `The folder ${pathOrFolder} holds no JPEG, PNG or TIFF image.`,
      'Name a folder with .jpg, .jpeg, .png, .tif or .tiff files.',
    )
  }
  return found
}

async function imagesIn(folder: string, recursive: boolean): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true })
  entries.sort((a, b) => naturalOrder.compare(a.name, b.name) || (a.name < b.name ? -1 : 1))
  const files: string[] = []
  const folders: string[] = []
  for (const entry of entries) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) {
      if (recursive && !entry.name.startsWith('.')) folders.push(path)
    } else if (isImageName(entry.name) && (entry.isFile() || (await stat(path).catch(() => null))?.isFile())) {
      files.push(path)
    }
  }
  for (const inner of folders) files.push(...(await imagesIn(inner, true)))
  return files
}

function missing(path: string, message: string, remedy: string, cause?: unknown): MedullaError {
  return new MedullaError('images-missing', message, { remedy, values: { path } }, { cause })
}
