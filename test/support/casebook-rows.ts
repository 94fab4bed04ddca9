import type { NewCell, NewField, NewRun, ReadingModel } from '../../src/main/casebook/casebook.ts'
import { CLASS_CODES } from '../../src/shared/taxonomy.ts'

/** Rows as a scan would write them; what a test does not say is the same each time. */
export const CASE = {
  accession: '26-1183',
  patientName: null,
  birthYear: 1957,
  sex: 'F',
  specimen: 'Bone marrow aspirate',
  stain: 'May-Gruenwald-Giemsa',
} as const

export const MODEL: ReadingModel = {
  provider: 'cpu',
  info: {
    name: 'marrow',
    version: '1',
    sha256: 'ab'.repeat(32),
    variant: 'float',
    classes: [...CLASS_CODES],
    inputPx: 112,
    pixelSizeUm: 0.192,
    licence: 'CC0-1.0',
    sources: [],
    evidence: { NGS: { images: 'real', n: 10, precision: 0.9, recall: 0.8 } },
    unsure: null,
    unfamiliar: null,
    confusion: null,
    confusionRendered: null,
    candidates: null,
    measured: null,
    embeddingSize: null,
    card: '# marrow',
  },
}

/** The same model with other things said of it. */
export const modelWith = (info: Partial<ReadingModel['info']>): ReadingModel => ({
  ...MODEL,
  info: { ...MODEL.info, ...info },
})

export function newRun(caseId: number, changes: Partial<NewRun> = {}): NewRun {
  return {
    caseId,
    rig: { kind: 'simulated', profile: 'normal', seed: 1, timeScale: 1, mount: null, stage: 'good', objective: null },
    targetCells: 500,
    stopWhen: [],
    plan: '{"rows":2}',
    plannedFields: 40,
    slideWidthPx: 20_000,
    slideHeightPx: 15_000,
    pixelSizeUm: 0.092,
    model: MODEL,
    ...changes,
  }
}

/** A cell the model calls by the class of this index in the taxonomy, with probability 0.75. */
export function newCell(classIndex: number, at: { x: number; y: number } = { x: 100, y: 100 }): NewCell {
  const probabilities = new Float32Array(CLASS_CODES.length).fill(0.25 / (CLASS_CODES.length - 1))
  probabilities[classIndex] = 0.75
  return {
    xPx: at.x % 2048,
    yPx: at.y % 1536,
    widthPx: 120,
    heightPx: 110,
    slideX: at.x,
    slideY: at.y,
    score: 0.9,
    cropJpeg: Uint8Array.from([0xff, 0xd8, classIndex]),
    said: { probabilities, embedding: null, unfamiliarity: null },
  }
}

export function newField(runId: number, index: number, cells: number | readonly NewCell[]): NewField {
  const x = index * 1843
  return {
    runId,
    field: {
      index,
      slideX: x,
      slideY: 0,
      widthPx: 2048,
      heightPx: 1536,
      owned: { x, y: 0, width: 1843, height: 1382 },
      stage: { xUm: x * 0.092, yUm: 0, zUm: 3 },
      image: null,
      quality: null,
      focus: null,
      leftOut: null,
      focusScore: 0.0125,
    },
    placing: null,
    scanningMs: null,
    cells:
      typeof cells === 'number' ? Array.from({ length: cells }, (_, i) => newCell(i % 21, { x: x + i, y: i })) : cells,
  }
}
