import type Database from 'better-sqlite3'
import type { SearchReview } from '../../shared/contract/search.ts'
import type { SearchedCell } from '../../shared/search/report.ts'
import type { ClassCode } from '../../shared/taxonomy.ts'
import type { Casebook } from './casebook.ts'
import { missing } from './missing.ts'

export type Searches = Pick<Casebook, 'searchedCells' | 'addSearchReview' | 'searchReviews'>

type CellRow = [
  cellId: number,
  named: ClassCode | null,
  current: ClassCode | null,
  reader: string | null,
  said: Buffer | null,
  leftOut: 0 | 1,
]

interface ReviewRow {
  readonly reader: string
  readonly at: string
  readonly counted: number
  readonly found: number
  readonly cell_ids: string
}

export function searchesOf(database: Database.Database): Searches {
  const modelOf = database.prepare<[number], { model: number | null }>('SELECT model_id AS model FROM run WHERE id = ?')
  const classesText = database.prepare<[number], string>('SELECT classes FROM model WHERE id = ?').pluck()
  // One value of each blob: twenty thousand cells are gone through in a moment.
  const cells = database
    .prepare<[{ model: number | null; run: number; byte: number }], CellRow>(`
      SELECT cell.id, prediction.class, iif(reader IS NULL, prediction.class, current_class), reader, substr(probabilities, @byte, 4), left_out
      FROM cell LEFT JOIN prediction ON cell_id = cell.id AND prediction.model_id = @model
      WHERE run_id = @run ORDER BY cell.id`)
    .raw()
  const insert = database.prepare(`
    INSERT INTO search_review (id, run_id, model_id, class, at_least, reader, at, counted, cell_ids, found)
    VALUES ((SELECT coalesce(max(id), 0) + 1 FROM search_review), @runId, @modelId, @class, @atLeast, @reader, @at, @counted, @cellIds, @found)`)
  const ofClass = database.prepare<[number, string], ReviewRow>(
    'SELECT reader, at, counted, found, cell_ids FROM search_review WHERE run_id = ? AND class = ? ORDER BY id DESC',
  )

  function modelNumber(runId: number, modelId: number | null): number | null {
    const run = modelOf.get(runId)
    if (!run) throw missing('run', runId)
    return modelId ?? run.model
  }

  return {
    searchedCells(runId, code, modelId = null) {
      const model = modelNumber(runId, modelId)
      const classes = model === null ? [] : (JSON.parse(classesText.get(model)!) as ClassCode[])
      const column = classes.indexOf(code)
      const rows = cells.all({ model, run: runId, byte: 4 * Math.max(0, column) + 1 })
      return rows.map(
        ([cellId, named, current, reader, said, leftOut]): SearchedCell => ({
          cellId,
          named,
          class: current,
          reader,
          probability: column < 0 || !said ? null : said.readFloatLE(0),
          leftOut: leftOut === 1,
        }),
      )
    },
    addSearchReview({ runId, modelId, cellIds, ...review }) {
      insert.run({
        ...review,
        runId,
        modelId: modelNumber(runId, modelId),
        at: new Date().toISOString(),
        cellIds: JSON.stringify([...cellIds].sort((a, b) => a - b)),
      })
    },
    searchReviews(runId, code) {
      const rows = ofClass.all(runId, code)
      const cellIds = rows.map((row) => JSON.parse(row.cell_ids) as number[])
      const reviews = rows.map(
        ({ reader, at, counted, found }, i): SearchReview => ({
          reader,
          at,
          counted,
          found,
          candidates: cellIds[i].length,
        }),
      )
      return { reviews, signed: new Set(cellIds.flat()) }
    },
  }
}
