import { readdir, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { MedullaError } from '../../shared/errors.ts'
import type { RgbImage } from '../../shared/image.ts'
import { CLASS_CODES, type ClassCode, isClassCode } from '../../shared/taxonomy.ts'
import { listImages } from '../images/list-images.ts'
import { decodeImage, readImage } from '../images/read-image.ts'
import { TarArchive, type TarEntry } from '../images/tar.ts'
import { inSplit } from './split.ts'

/** An image of one cell whose class is known. */
export interface LabelledCrop {
  /** Where it lies, for messages. */
  readonly name: string
  readonly class: ClassCode
  /** Rejects `image-unreadable`. */
  read(): Promise<RgbImage>
}

export interface LabelledCrops {
  readonly crops: readonly LabelledCrop[]
  close(): Promise<void>
}

/** Folder names of public sets that hold one of our classes under another name. */
const ALIASES: Readonly<Record<string, ClassCode>> = { PLT: 'ART' }

/**
 * Images of single cells in folders named by class code, in a folder (in any depth below these) or in a tar archive; a platelet
 * (PLT) counts as an artefact. `split`: see `inSplit`.
 * Rejects `images-missing` where there is no such folder or no image, `invalid-input` where a folder has another name.
 */
export async function openLabelledCrops(path: string, split = 'all'): Promise<LabelledCrops> {
  const found = await stat(path).catch((cause: unknown) => {
    throw missing(`The folder ${path} cannot be read.`, 'Check the path.', cause)
  })
  const all = found.isFile() ? await inArchive(path) : await inFolder(path)
  const crops = all.crops.filter((crop) => inSplit(split, basename(crop.name)))
  if (crops.length > 0) return { crops, close: all.close }
  await all.close()
  throw missing(`No image of ${path} is in the split ${split}.`, 'Name another split, or "all".')
}

async function inFolder(folder: string): Promise<LabelledCrops> {
  const entries = await readdir(folder, { withFileTypes: true })
  const folders = entries
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .map((entry) => entry.name)
    .sort()
  if (folders.length === 0) throw noClasses(folder)
  const crops: LabelledCrop[] = []
  for (const name of folders) {
    const code = classOf(name, folder)
    for (const path of await listImages(join(folder, name), { recursive: true })) {
      crops.push({ name: path, class: code, read: () => readImage(path) })
    }
  }
  return { crops, close: async () => undefined }
}

async function inArchive(path: string): Promise<LabelledCrops> {
  const archive = await TarArchive.open(path)
  const toCrop = (entry: TarEntry): LabelledCrop => ({
    name: join(path, entry.name),
    class: classOf(entry.name.split('/').at(-2) ?? '', path),
    read: async () => decodeImage(await archive.read(entry), join(path, entry.name)),
  })
  try {
    const images = archive.entries.filter(({ name }) => /\.(jpe?g|png|tiff?)$/i.test(name) && !/(^|\/)\./.test(name))
    if (images.length === 0) throw noClasses(path)
    return { crops: images.map(toCrop), close: () => archive.close() }
  } catch (error) {
    await archive.close()
    throw error
  }
}

function classOf(folder: string, where: string): ClassCode {
  const code = ALIASES[folder] ?? folder
  if (isClassCode(code)) return code
  throw new MedullaError('invalid-input', `"${folder}" in ${where} is no class code.`, {
    remedy: `Name the folders by class: ${CLASS_CODES.join(', ')}.`,
  })
}

function noClasses(where: string): MedullaError {
  const remedy = `Put the crops into folders named ${CLASS_CODES.slice(0, 3).join(', ')} and so on.`
  return missing(`${where} holds no folder named by a class.`, remedy)
}

function missing(message: string, remedy: string, cause?: unknown): MedullaError {
  return new MedullaError('images-missing', message, { remedy }, { cause })
}
