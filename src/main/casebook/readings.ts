import type Database from 'better-sqlite3'
import type { ModelInfo } from '../../shared/contract/models.ts'
import type { ReadingModel } from './casebook.ts'

/** Models and which run they have read. Everything here is called inside a transaction. */
export interface Readings {
  /** The model's number; a graph known by that name, version and hash keeps its own, and what is said of it is renewed. */
  addModel(info: ModelInfo): number
  begin(runId: number, modelId: number, model: ReadingModel, source: ReadingSource): void
  /** Of the run's own model. */
  setProviders(runId: number, providers: readonly string[]): void
}

/** Where the pixels came from: the camera's field, the crops kept for people, the tiles of the slide. */
export type ReadingSource = 'field' | 'crop' | 'slide'

export function readingsOf(database: Database.Database): Readings {
  const insertModel = database
    .prepare<[string, string, string, string, string, string], number>(`
      INSERT INTO model (name, version, sha256, variant, classes, info) VALUES (?, ?, ?, ?, ?, ?)
      ON CONFLICT (sha256, name, version) DO UPDATE SET variant = excluded.variant, info = excluded.info
      RETURNING id`)
    .pluck()
  const insert = database.prepare(`
    INSERT INTO reading (run_id, model_id, source, providers, unsure_below, unfamiliar_above, started_at)
    VALUES (?, ?, ?, ?, ?, ?, ?)`)
  const update = database.prepare(`
    UPDATE reading SET providers = ? WHERE run_id = ? AND model_id = (SELECT model_id FROM run WHERE id = run_id)`)

  return {
    addModel(info) {
      const { name, version, sha256, variant, classes } = info
      return insertModel.get(name, version, sha256, variant, JSON.stringify(classes), JSON.stringify(info))!
    },
    begin(runId, modelId, { info, provider }, source) {
      const limits = [info.unsure?.below ?? null, info.unfamiliar?.above ?? null]
      insert.run(runId, modelId, source, JSON.stringify([provider]), ...limits, new Date().toISOString())
    },
    setProviders(runId, providers) {
      update.run(JSON.stringify(providers), runId)
    },
  }
}
