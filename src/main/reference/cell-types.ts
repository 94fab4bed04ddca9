import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { MedullaError } from '../../shared/errors.ts'
import { CLASS_CODES, type ClassCode, isClassCode } from '../../shared/taxonomy.ts'

/** A class as a set of images states it, and the classes it does not tell from that one. */
export interface StatedType {
  readonly class: ClassCode
  readonly also: readonly ClassCode[]
}

export interface CellTypes {
  /** By the image's file name. */
  readonly byImage: ReadonlyMap<string, StatedType>
  /** What the set means by its names, where that is not plain; for the report. */
  readonly notes: readonly string[]
}

const FILE = 'types.csv'

/** Names of white cells in blood sets that stop short of our classes. */
const WORDS: Readonly<Record<string, ClassCode>> = {
  NEUTROPHIL: 'NGS',
  EOSINOPHIL: 'EOS',
  BASOPHIL: 'BAS',
  LYMPHOCYTE: 'LYT',
  MONOCYTE: 'MON',
}

/**
 * `types.csv` of a folder of fields (a line `image,class` each, the first line their names): the class of the white cell in images that have
 * exactly one. null: there is no such file. Rejects `invalid-input` where it cannot be understood.
 *
 * A set that lists segmented neutrophils and not one band does not tell the two apart (BCCD says "neutrophil"): there a band counts as right.
 */
export async function readCellTypes(folder: string): Promise<CellTypes | null> {
  const path = join(folder, FILE)
  const text = await readFile(path, 'utf8').catch(() => null)
  if (text === null) return null
  const rows = text
    .split(/\r?\n/)
    .map((line) => line.split(',').map((field) => field.trim()))
    .filter((fields) => fields.some((field) => field !== ''))
  const [head = [], ...lines] = rows
  const [image, type] = ['image', 'class'].map((name) => head.indexOf(name))
  if (image < 0 || type < 0) throw unclear(path, 'its first line does not name the columns image and class')
  const classes = new Map<string, ClassCode>()
  for (const fields of lines) {
    const name = fields[image] ?? ''
    const stated = fields[type] ?? ''
    const code = WORDS[stated.toUpperCase()] ?? stated
    if (name === '' || !isClassCode(code)) throw unclear(path, `"${fields.join(',')}" names no image and class`)
    classes.set(name, code)
  }
  const named = new Set(classes.values())
  const isCoarse = named.has('NGS') && !named.has('NGB')
  const also = (code: ClassCode): readonly ClassCode[] => (isCoarse && code === 'NGS' ? ['NGB'] : [])
  return {
    byImage: new Map([...classes].map(([name, code]) => [name, { class: code, also: also(code) }])),
    notes: isCoarse
      ? [`${FILE} lists no band neutrophil (NGB): NGS means neutrophil there, and NGB counts as right for it.`]
      : [],
  }
}

function unclear(path: string, what: string): MedullaError {
  return new MedullaError('invalid-input', `The cell types in ${path} cannot be read: ${what}.`, {
    remedy: `Write a line "image,class" for each image, with one of ${CLASS_CODES.join(', ')}; or remove the file.`,
  })
}
