import { readFile } from 'node:fs/promises'
import { basename, dirname, extname, join } from 'node:path'
import { XMLParser } from 'fast-xml-parser'
import { z } from 'zod'
import { MedullaError } from '../../shared/errors.ts'
import { type ClassCode, isClassCode } from '../../shared/taxonomy.ts'
import { listImages } from '../images/list-images.ts'
import type { TruthBox } from '../vision/match.ts'
import type { CellTypes, StatedType } from './cell-types.ts'

export interface LabelledCell extends TruthBox {
  /** null: only that it is a nucleated cell is known. */
  readonly class: ClassCode | null
  /** Classes the set does not tell from that one. */
  readonly also: readonly ClassCode[]
}

export interface LabelledField {
  readonly image: string
  /** null: not given with the truth. */
  readonly pixelSizeUm: number | null
  readonly cells: readonly LabelledCell[]
  /** Cells are boxes (VOC) or only their centres (JSON). */
  readonly kind: 'boxes' | 'centres'
}

/** Names of Pascal VOC objects that are nucleated cells; red cells and platelets are not. */
const NUCLEATED = new Set(['WBC', 'Leukocyte', 'leukocyte', 'wbc'])

const jsonTruth = z.object({
  pixelSizeUm: z.number().positive().optional(),
  cells: z.array(z.object({ x: z.number(), y: z.number(), class: z.string().optional() })),
})

const vocNumber = z.coerce.number()
const vocTruth = z.object({
  annotation: z.object({
    object: z
      .array(
        z.object({
          name: z.string(),
          bndbox: z.object({ xmin: vocNumber, ymin: vocNumber, xmax: vocNumber, ymax: vocNumber }),
        }),
      )
      .default([]),
  }),
})

const xml = new XMLParser({ isArray: (name) => name === 'object' })

/**
 * Fields of view of a folder whose cells are known: beside each image a Pascal VOC `.xml` or a `.json` with centres and classes. `types`
 * names the cell of images that have exactly one.
 */
export async function labelledFields(folder: string, types: CellTypes | null = null): Promise<LabelledField[]> {
  const fields: LabelledField[] = []
  for (const image of await listImages(folder)) {
    const base = join(dirname(image), basename(image, extname(image)))
    const field = (await fromJson(image, `${base}.json`)) ?? (await fromVoc(image, `${base}.xml`))
    if (field) fields.push(typed(field, types?.byImage.get(basename(image))))
  }
  if (fields.length === 0) {
    throw new MedullaError('images-missing', `No image in ${folder} has its truth beside it.`, {
      remedy:
        'Put a Pascal VOC .xml or a .json ({pixelSizeUm, cells: [{x, y, class}]}) of the same name beside each image.',
    })
  }
  return fields
}

function typed(field: LabelledField, type: StatedType | undefined): LabelledField {
  return type && field.cells.length === 1 ? { ...field, cells: [{ ...field.cells[0], ...type }] } : field
}

async function fromJson(image: string, path: string): Promise<LabelledField | null> {
  const text = await readFile(path, 'utf8').catch(() => null)
  if (text === null) return null
  const truth = parsed(path, () => jsonTruth.parse(JSON.parse(text)))
  return {
    image,
    pixelSizeUm: truth.pixelSizeUm ?? null,
    kind: 'centres',
    cells: truth.cells.map(({ x, y, class: code }) => ({ xPx: x, yPx: y, class: known(code), also: [] })),
  }
}

async function fromVoc(image: string, path: string): Promise<LabelledField | null> {
  const text = await readFile(path, 'utf8').catch(() => null)
  if (text === null) return null
  const { annotation } = parsed(path, () => vocTruth.parse(xml.parse(text)))
  const cells = annotation.object.flatMap(({ name, bndbox }): LabelledCell[] => {
    if (!NUCLEATED.has(name) && !isClassCode(name)) return []
    const { xmin, ymin, xmax, ymax } = bndbox
    return [
      {
        xPx: (xmin + xmax) / 2,
        yPx: (ymin + ymax) / 2,
        widthPx: xmax - xmin,
        heightPx: ymax - ymin,
        class: known(name),
        also: [],
      },
    ]
  })
  return { image, pixelSizeUm: null, kind: 'boxes', cells }
}

function known(code: string | undefined): ClassCode | null {
  return code !== undefined && isClassCode(code) ? code : null
}

function parsed<T>(path: string, parse: () => T): T {
  try {
    return parse()
  } catch (cause) {
    throw new MedullaError(
      'invalid-input',
      `The truth in ${path} cannot be read.`,
      { remedy: 'Mend or remove the file.' },
      { cause },
    )
  }
}
