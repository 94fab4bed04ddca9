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
  /**
   * sRGB hex. Lineage sets the hue, maturity the lightness; searched so that classes of different lineages stay apart in the three common
   * colour-blindnesses too (CIEDE2000 of at least 9; `renderer/ui/colour.test.ts`).
   */
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
  cell('BLA', 'Blast', 'granulocytic', 'myeloid', [0, 2], '#0b2768', 'b', ['PMO']),
  cell('PMO', 'Promyelocyte', 'granulocytic', 'myeloid', [2, 6], '#334591', 'p', ['BLA', 'MYB']),
  cell('MYB', 'Myelocyte', 'granulocytic', 'myeloid', [3, 7], '#097be1', 'm', ['PMO', 'MMZ']),
  cell('MMZ', 'Metamyelocyte', 'granulocytic', 'myeloid', [5, 9], '#1c9cdf', 't', ['MYB', 'NGB']),
  cell('NGB', 'Band neutrophil', 'granulocytic', 'myeloid', [10, 16], '#4abbe0', 'd', ['MMZ', 'NGS']),
  cell('NGS', 'Segmented neutrophil', 'granulocytic', 'myeloid', [18, 28], '#0ad2dc', 's', ['NGB']),
  cell('EOS', 'Eosinophil', 'granulocytic', 'myeloid', [1, 5], '#0f9573', 'e'),
  cell('ABE', 'Abnormal eosinophil', 'granulocytic', 'myeloid', null, '#174f45', 'a'),
  cell('BAS', 'Basophil', 'granulocytic', 'myeloid', [0, 1], '#175673', 'h'),
  cell('MON', 'Monocyte', 'monocytic', 'myeloid', [1, 5], '#9b639f', 'o'),
  cell('FGC', 'Faggot cell', 'granulocytic', 'myeloid', null, '#5b2cc4', 'f'),
  cell('PEB', 'Proerythroblast', 'erythroid', 'erythroid', null, '#920142', 'r', ['EBO']),
  cell('EBO', 'Erythroblast', 'erythroid', 'erythroid', null, '#d64c5b', 'y', ['PEB']),
  cell('LYT', 'Lymphocyte', 'lymphoid', null, [9, 19], '#82b35e', 'l', ['LYI', 'HAC']),
  cell('LYI', 'Immature lymphocyte', 'lymphoid', null, null, '#50742e', 'i', ['LYT', 'HAC']),
  cell('HAC', 'Hairy cell', 'lymphoid', null, null, '#b3d339', 'j', ['LYT', 'LYI']),
  cell('PLM', 'Plasma cell', 'plasma', null, [0, 1], '#ca8004', 'c'),
  cell('OTH', 'Other cell', 'other', null, null, '#beaf95', 'x'),
  uncounted('ART', 'Artefact', 'artefact', '#80858b', 'q'),
  uncounted('KSC', 'Smudge cell', 'smudge cell or naked nucleus', '#696b72', 'k'),
  uncounted('NIF', 'Not identifiable', 'not identifiable', '#9ca1a7', 'n'),
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
