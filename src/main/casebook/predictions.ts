import type Database from 'better-sqlite3'
import { mostProbable, type NamedCell } from '../../shared/most-probable.ts'
import type { ClassCode } from '../../shared/taxonomy.ts'
import type { Said } from './casebook.ts'

export interface Predictions {
  /** The class a model named. Throws where the probabilities are not those of this model. */
  named(modelId: number, said: Said): NamedCell
  /** Writes what a model said of a cell; only inside a transaction. */
  add(cellId: number | bigint, modelId: number, said: Said): void
}

export function predictionsOf(database: Database.Database): Predictions {
  const classesText = database.prepare<[number], string>('SELECT classes FROM model WHERE id = ?').pluck()
  const insert = database.prepare(`
    INSERT INTO prediction (cell_id, model_id, class, probability, probabilities, unfamiliarity, embedding)
    VALUES (?, ?, ?, ?, ?, ?, ?)`)
  const classes = new Map<number, readonly ClassCode[]>()

  function classesOf(modelId: number): readonly ClassCode[] {
    const known = classes.get(modelId)
    if (known) return known
    const read = JSON.parse(classesText.get(modelId)!) as ClassCode[]
    classes.set(modelId, read)
    return read
  }

  function named(modelId: number, { probabilities }: Said): NamedCell {
    const names = classesOf(modelId)
    if (probabilities.length !== names.length) {
      throw new RangeError(`${probabilities.length} probabilities for a model of ${names.length} classes`)
    }
    return mostProbable(probabilities, names)
  }

  return {
    named,
    add(cellId, modelId, said) {
      const { class: code, probability } = named(modelId, said)
      const { probabilities, unfamiliarity, embedding } = said
      const vector = embedding && float16Blob(embedding)
      insert.run(cellId, modelId, code, probability, float32Blob(probabilities), unfamiliarity, vector)
    },
  }
}

/** Little endian. */
function float32Blob(values: Float32Array): Buffer {
  const blob = Buffer.allocUnsafe(4 * values.length)
  for (let i = 0; i < values.length; i++) blob.writeFloatLE(values[i], 4 * i)
  return blob
}

/** Little endian, half precision: places in a map need three digits, and half the bytes. */
function float16Blob(values: Float32Array): Buffer {
  const blob = Buffer.allocUnsafe(2 * values.length)
  const view = new DataView(blob.buffer, blob.byteOffset, blob.byteLength)
  for (let i = 0; i < values.length; i++) view.setFloat16(2 * i, values[i], true)
  return blob
}

/** What `float16Blob` wrote. */
export function fromFloat16(blob: Uint8Array): Float32Array {
  const view = new DataView(blob.buffer, blob.byteOffset, blob.byteLength)
  const values = new Float32Array(blob.byteLength / 2)
  for (let i = 0; i < values.length; i++) values[i] = view.getFloat16(2 * i, true)
  return values
}
