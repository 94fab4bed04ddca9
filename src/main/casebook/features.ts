import type Database from 'better-sqlite3'
import type { Casebook } from './casebook.ts'
import { missing } from './missing.ts'
import { fromFloat16 } from './predictions.ts'

export type Features = Pick<Casebook, 'features' | 'runOfCell'>

type FeatureRow = [cellId: number, probabilities: Buffer, embedding: Buffer | null]

export function featuresOf(database: Database.Database): Features {
  const run = database.prepare<[number], number>('SELECT run_id FROM cell WHERE id = ?').pluck()
  const page = database
    .prepare<[{ run: number; model: number | null; after: number; limit: number }], FeatureRow>(`
      SELECT cell.id, probabilities, embedding FROM run JOIN cell ON cell.run_id = run.id
      JOIN prediction ON prediction.cell_id = cell.id AND prediction.model_id = coalesce(@model, run.model_id)
      WHERE run.id = @run AND cell.id > @after ORDER BY cell.id LIMIT @limit`)
    .raw()
  return {
    runOfCell(cellId) {
      const runId = run.get(cellId)
      if (runId === undefined) throw missing('cell', cellId)
      return runId
    },
    features: (runId, after, limit, modelId = null) =>
      page.all({ run: runId, model: modelId, after, limit }).map(([cellId, probabilities, embedding]) => ({
        cellId,
        probabilities: fromFloat32(probabilities),
        embedding: embedding && fromFloat16(embedding),
      })),
  }
}

function fromFloat32(blob: Buffer): Float32Array {
  const view = new DataView(blob.buffer, blob.byteOffset, blob.byteLength)
  const values = new Float32Array(blob.byteLength / 4)
  for (let i = 0; i < values.length; i++) values[i] = view.getFloat32(4 * i, true)
  return values
}
