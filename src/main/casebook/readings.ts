import type Database from 'better-sqlite3'
import { type ModelInfo, modelInfo } from '../../shared/contract/models.ts'
import type { Reading } from '../../shared/contract/readings.ts'
import type { Casebook, ReadingModel } from './casebook.ts'
import { missing } from './missing.ts'
import type { Predictions } from './predictions.ts'

/** Models, and what each of them read of a run. */
export type Readings = Pick<
  Casebook,
  'readings' | 'readingModel' | 'beginReading' | 'cellsToRead' | 'addPredictions' | 'endReading' | 'agreement'
> & {
  /** The model's number; a graph known by that name, version and hash keeps its own, and what is said of it is renewed. */
  addModel(info: ModelInfo): number
  /** Only inside a transaction. */
  begin(runId: number, modelId: number, model: ReadingModel, source: Reading['source']): void
  /** Of one model that reads the run. */
  setProviders(runId: number, modelId: number, providers: readonly string[]): void
}

interface ReadingRow {
  readonly model_id: number
  readonly name: string
  readonly version: string
  readonly sha256: string
  readonly variant: Reading['variant']
  readonly source: Reading['source']
  readonly providers: string
  readonly started_at: string
  readonly finished_at: string | null
  /** Cells of the run, and those it named. */
  readonly there: number
  readonly cells: number
  readonly own: number
}

export function readingsOf(database: Database.Database, predictions: Predictions): Readings {
  const insertModel = database
    .prepare<[string, string, string, string, string, string], number>(`
      INSERT INTO model (name, version, sha256, variant, classes, info) VALUES (?, ?, ?, ?, ?, ?)
      ON CONFLICT (sha256, name, version) DO UPDATE SET variant = excluded.variant, info = excluded.info
      RETURNING id`)
    .pluck()
  const insert = database.prepare(`
    INSERT INTO reading (run_id, model_id, source, providers, unsure_below, unfamiliar_above, started_at)
    VALUES (?, ?, ?, ?, ?, ?, ?)`)
  const updateProviders = database.prepare('UPDATE reading SET providers = ? WHERE run_id = ? AND model_id = ?')
  const end = database.prepare('UPDATE reading SET finished_at = ? WHERE run_id = ? AND model_id = ?')
  const all = database.prepare<[number], ReadingRow>(`
    SELECT reading.model_id, name, version, sha256, variant, source, providers, reading.started_at,
      CASE WHEN reading.model_id IS run.model_id THEN run.finished_at ELSE reading.finished_at END AS finished_at,
      (SELECT count(*) FROM cell WHERE cell.run_id = reading.run_id) AS there,
      (SELECT count(*) FROM cell JOIN prediction ON cell_id = cell.id AND prediction.model_id = reading.model_id
        WHERE cell.run_id = reading.run_id) AS cells,
      reading.model_id IS run.model_id AS own
    FROM reading JOIN model ON model.id = reading.model_id JOIN run ON run.id = run_id
    WHERE run_id = ? ORDER BY own DESC, reading.started_at, reading.model_id`)
  const runExists = database.prepare<[number], number>('SELECT 1 FROM run WHERE id = ?').pluck()
  const infoOf = database
    .prepare<[number, number], string | null>(
      'SELECT info FROM reading JOIN model ON model.id = model_id WHERE run_id = ? AND model_id = ?',
    )
    .pluck()
  const providersOf = database
    .prepare<[number, number], string>('SELECT providers FROM reading WHERE run_id = ? AND model_id = ?')
    .pluck()
  const isRead = database
    .prepare<[number, number], number>('SELECT 1 FROM prediction WHERE cell_id = ? AND model_id = ?')
    .pluck()
  const both = database.prepare<[number, number], { cells: number; same: number }>(`
    SELECT count(*) AS cells, coalesce(sum(own.class = other.class), 0) AS same
    FROM run JOIN cell ON cell.run_id = run.id
    JOIN prediction AS own ON own.cell_id = cell.id AND own.model_id = run.model_id
    JOIN prediction AS other ON other.cell_id = cell.id AND other.model_id = ?
    WHERE run.id = ?`)
  const unread = database.prepare<[number, number], { cellId: number; field: number; xPx: number; yPx: number }>(`
    SELECT cell.id AS cellId, field.ordinal AS field, x_px AS xPx, y_px AS yPx
    FROM field CROSS JOIN cell ON cell.field_id = field.id
    WHERE field.run_id = ? AND NOT EXISTS (SELECT 1 FROM prediction WHERE cell_id = cell.id AND model_id = ?)
    ORDER BY field.ordinal, cell.id`)

  const requireRun = (runId: number) => {
    if (runExists.get(runId) === undefined) throw missing('run', runId)
  }

  function addModel(info: ModelInfo): number {
    const { name, version, sha256, variant, classes } = info
    return insertModel.get(name, version, sha256, variant, JSON.stringify(classes), JSON.stringify(info))!
  }

  function begin(runId: number, modelId: number, { info, provider }: ReadingModel, source: Reading['source']): void {
    const limits = [info.unsure?.below ?? null, info.unfamiliar?.above ?? null]
    insert.run(runId, modelId, source, JSON.stringify([provider]), ...limits, new Date().toISOString())
  }

  function setProviders(runId: number, modelId: number, providers: readonly string[]): void {
    updateProviders.run(JSON.stringify(providers), runId, modelId)
  }

  const beginReading = database.transaction((runId: number, model: ReadingModel, source: Reading['source']): number => {
    requireRun(runId)
    const modelId = addModel(model.info)
    const known = providersOf.get(runId, modelId)
    if (known === undefined) {
      begin(runId, modelId, model, source)
      return modelId
    }
    const providers = JSON.parse(known) as string[]
    if (!providers.includes(model.provider)) setProviders(runId, modelId, [...providers, model.provider])
    return modelId
  })

  const addPredictions = database.transaction((...[modelId, said]: Parameters<Casebook['addPredictions']>) => {
    // Another process may have read the same cells meanwhile; the same graph said the same of them.
    for (const each of said) if (!isRead.get(each.cellId, modelId)) predictions.add(each.cellId, modelId, each)
  })

  return {
    addModel,
    begin,
    setProviders,
    beginReading: beginReading.immediate,
    addPredictions: addPredictions.immediate,
    endReading(runId, modelId) {
      end.run(new Date().toISOString(), runId, modelId)
    },
    agreement: (runId, modelId) => both.get(modelId, runId)!,
    cellsToRead: (runId, modelId) => unread.all(runId, modelId),
    readings(runId) {
      requireRun(runId)
      return all.all(runId).map(toReading)
    },
    readingModel(runId, modelId) {
      const text = infoOf.get(runId, modelId)
      if (text === undefined) throw missing('reading', modelId)
      return text === null ? null : modelInfo.parse(JSON.parse(text))
    },
  }
}

function toReading(row: ReadingRow): Reading {
  return {
    modelId: row.model_id,
    name: row.name,
    version: row.version,
    sha256: row.sha256,
    variant: row.variant,
    source: row.source,
    providers: JSON.parse(row.providers) as string[],
    startedAt: row.started_at,
    // A run that was resumed has cells it did not see.
    finishedAt: row.cells < row.there ? null : row.finished_at,
    cells: row.cells,
    own: row.own === 1,
  }
}
