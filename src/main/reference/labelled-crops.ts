import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { MedullaError } from '../../shared/errors.ts'
import { CLASS_CODES, type ClassCode, isClassCode } from '../../shared/taxonomy.ts'
import { listImages } from '../images/list-images.ts'

export interface LabelledCrop {
  readonly path: string
  readonly class: ClassCode
}

/** Folder names of public sets that hold one of our classes under another name. */
const ALIASES: Readonly<Record<string, ClassCode>> = { PLT: 'ART' }

/**
 * Images of single cells in folders named by class code, in any depth below them; a platelet (PLT) counts as an artefact.
 * Rejects `images-missing` where there is no such folder, `invalid-input` where a folder has another name.
 */
export async function labelledCrops(folder: string): Promise<LabelledCrop[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause: unknown) => {
    throw new MedullaError(
      'images-missing',
      `The folder ${folder} cannot be read.`,
      { remedy: 'Check the path.' },
      { cause },
    )
  })
  const folders = entries
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .map((entry) => entry.name)
    .sort()
  if (folders.length === 0) {
    throw new MedullaError('images-missing', `The folder ${folder} holds no folder named by a class.`, {
      remedy: `Put the crops into folders named ${CLASS_CODES.slice(0, 3).join(', ')} and so on.`,
    })
  }
  const crops: LabelledCrop[] = []
  for (const name of folders) {
    const code = ALIASES[name] ?? name
    if (!isClassCode(code)) {
      throw new MedullaError('invalid-input', `"${name}" in ${folder} is no class code.`, {
        remedy: `Name the folders by class: ${CLASS_CODES.join(', ')}.`,
      })
    }
    for (const path of await listImages(join(folder, name), { recursive: true })) crops.push({ path, class: code })
  }
  return crops
}
