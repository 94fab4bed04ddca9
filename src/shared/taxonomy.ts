/**
 * The 21 classes of the Helmholtz Munich / MLL bone marrow database.
 * Source: Matek et al. 2021, Blood 138:1917, doi 10.1182/blood.2020010568, Table 1 (codes, names, number of images).
 * Reference ranges: University of Iowa handbook, test 315 (adult, % of nucleated cells); laboratories differ, so ranges are a setting.
 */
export const CLASS_CODES = [
  'BLA',
  'PMO',
  'MYB',
  'MMZ',
  'NGB',
  'NGS',
  'EOS',
  'ABE',
  'BAS',
  'MON',
  'FGC',
  'PEB',
  'EBO',
  'LYT',
  'LYI',
  'HAC',
  'PLM',
  'OTH',
  'ART',
  'KSC',
  'NIF',
] as const // prettier-ignore

export type ClassCode = (typeof CLASS_CODES)[number]
export type Lineage = 'granulocytic' | 'erythroid' | 'monocytic' | 'lymphoid' | 'plasma' | 'other' | 'uncounted'

/** Which side of the M:E ratio a class belongs to; null: neither. */
export type MeSide = 'myeloid' | 'erythroid' | null

export interface CellClass {
  readonly code: ClassCode
  readonly name: string
  readonly lineage: Lineage
  /** In the denominator of the differential. */
  readonly counted: boolean
  /** Why it is not counted; null where it is. */
  readonly exclusion: string | null
  readonly me: MeSide
  /** Adult reference range, % of nucleated cells; null: none known for this class alone. */
  readonly reference: { readonly low: number; readonly high: number } | null
  /** sRGB hex. Lineage sets the hue, maturity the lightness. */
  readonly colour: string
  /** The key that relabels a cell to this class (lower case). */
  readonly key: string
  /** Classes a tolerant evaluation accepts in its place (exact pairs unverified). */
  readonly tolerant: readonly ClassCode[]
}

const cell = (
  code: ClassCode,
  name: string,
  lineage: Lineage,
  me: MeSide,
  range: readonly [number, number] | null,
  colour: string,
  key: string,
  tolerant: readonly ClassCode[] = [],
): CellClass => ({
  code,
  name,
  lineage,
  me,
  colour,
  key,
  tolerant,
  counted: true,
  exclusion: null,
  reference: range ? { low: range[0], high: range[1] } : null,
}) // prettier-ignore

const uncounted = (code: ClassCode, name: string, exclusion: string, colour: string, key: string): CellClass => ({
  code,
  name,
  exclusion,
  colour,
  key,
  lineage: 'uncounted',
  counted: false,
  me: null,
  reference: null,
  tolerant: [],
}) // prettier-ignore

/** In the order a differential is written. */
export const TAXONOMY: readonly CellClass[] = [
  cell('BLA', 'Blast', 'granulocytic', 'myeloid', [0, 2], '#16307f', 'b', ['PMO']),
  cell('PMO', 'Promyelocyte', 'granulocytic', 'myeloid', [2, 6], '#2450b8', 'p', ['BLA', 'MYB']),
  cell('MYB', 'Myelocyte', 'granulocytic', 'myeloid', [3, 7], '#2f74d0', 'm', ['PMO', 'MMZ']),
  cell('MMZ', 'Metamyelocyte', 'granulocytic', 'myeloid', [5, 9], '#3a97d6', 't', ['MYB', 'NGB']),
  cell('NGB', 'Band neutrophil', 'granulocytic', 'myeloid', [10, 16], '#43b3c9', 'd', ['MMZ', 'NGS']),
  cell('NGS', 'Segmented neutrophil', 'granulocytic', 'myeloid', [18, 28], '#5fcdb8', 's', ['NGB']),
  cell('EOS', 'Eosinophil', 'granulocytic', 'myeloid', [1, 5], '#0f8f83', 'e'),
  cell('ABE', 'Abnormal eosinophil', 'granulocytic', 'myeloid', null, '#0a6b66', 'a'),
  cell('BAS', 'Basophil', 'granulocytic', 'myeloid', [0, 1], '#0b4f6c', 'h'),
  cell('MON', 'Monocyte', 'monocytic', 'myeloid', [1, 5], '#8d5bd1', 'o'),
  cell('FGC', 'Faggot cell', 'granulocytic', 'myeloid', null, '#5a48d6', 'f'),
  cell('PEB', 'Proerythroblast', 'erythroid', 'erythroid', null, '#a3162f', 'r', ['EBO']),
  cell('EBO', 'Erythroblast', 'erythroid', 'erythroid', null, '#e0526a', 'y', ['PEB']),
  cell('LYT', 'Lymphocyte', 'lymphoid', null, [9, 19], '#5faf3f', 'l', ['LYI', 'HAC']),
  cell('LYI', 'Immature lymphocyte', 'lymphoid', null, null, '#2f7d32', 'i', ['LYT', 'HAC']),
  cell('HAC', 'Hairy cell', 'lymphoid', null, null, '#9bc53d', 'j', ['LYT', 'LYI']),
  cell('PLM', 'Plasma cell', 'plasma', null, [0, 1], '#e8912d', 'c'),
  cell('OTH', 'Other cell', 'other', null, null, '#b0a18f', 'x'),
  uncounted('ART', 'Artefact', 'artefact', '#8a8d92', 'q'),
  uncounted('KSC', 'Smudge cell', 'smudge cell or naked nucleus', '#6f7277', 'k'),
  uncounted('NIF', 'Not identifiable', 'not identifiable', '#a9acb1', 'n'),
]

const byCode = new Map(TAXONOMY.map((entry) => [entry.code, entry]))

export function cellClass(code: ClassCode): CellClass {
  return byCode.get(code)!
}

export function isClassCode(text: string): text is ClassCode {
  return byCode.has(text as ClassCode)
}

/** Ranges of groups of classes: erythroid cells and the M:E ratio (Univ. of Iowa handbook, test 315). */
export const GROUP_REFERENCE = {
  erythroid: { low: 18, high: 32 },
  meRatio: { low: 2, high: 4 },
} as const

/** A marrow differential counts at least this many nucleated cells. */
export const DEFAULT_TARGET_CELLS = 500

export const RESEARCH_USE_ONLY = 'For Research Use Only. Not for use in diagnostic procedures.'
