import type Database from 'better-sqlite3'
import { rigSettings } from '../../shared/contract/rig-settings.ts'
import { slidePx } from '../../shared/geometry.ts'
import type { ClassCode } from '../../shared/taxonomy.ts'
import { missing } from './missing.ts'
import type { TallyBook } from './tally-book.ts'

type LedgerRows = Pick<TallyBook, 'ledgerRuns' | 'machineAreas' | 'placedCells' | 'moveSlide' | 'slideMoves'>

interface AreaRow {
  readonly ordinal: number
  readonly owned_x: number
  readonly owned_y: number
  readonly owned_width: number
  readonly owned_height: number
  readonly counts_since: string
  readonly cells: number
}

/** What the fields and cells that count are to the ledger of counted areas: looked up, never copied, so that it follows where they come to lie. */
export function ledgerRowsOf(database: Database.Database): LedgerRows {
  const slideOfCase = database
    .prepare<[number], number>('SELECT id FROM slide WHERE specimen_id = ? ORDER BY id LIMIT 1')
    .pluck()
  const runs = database.prepare<[number], { id: number; rig: string; plan: string; started_at: string }>(
    'SELECT id, rig, plan, started_at FROM run WHERE slide_id = ? ORDER BY id',
  )
  const areas = database.prepare<[number], AreaRow>(`
    SELECT ordinal, owned_x, owned_y, owned_width, owned_height,
      coalesce((SELECT at FROM field_event WHERE field_id = field.id ORDER BY id DESC LIMIT 1), committed_at) AS counts_since,
      (SELECT count(*) FROM cell WHERE field_id = field.id) AS cells
    FROM field WHERE run_id = ? AND left_out = 0 ORDER BY ordinal`)
  const ownModel = database.prepare<[number], number | null>('SELECT model_id FROM run WHERE id = ?').pluck()
  const cells = database
    .prepare<[number | null, number], [number, number, number, ClassCode | null, ClassCode | null]>(`
      SELECT field.ordinal, cell.slide_x, cell.slide_y, prediction.class, iif(reader IS NULL, prediction.class, current_class)
      FROM cell JOIN field ON field.id = field_id
      LEFT JOIN prediction ON cell_id = cell.id AND prediction.model_id = ?
      WHERE cell.run_id = ? AND cell.left_out = 0 ORDER BY cell.id`)
    .raw()
  const insertMove = database.prepare(`
    INSERT INTO slide_moved (id, slide_id, reader, at) VALUES ((SELECT coalesce(max(id), 0) + 1 FROM slide_moved), ?, ?, ?)`)
  const moves = database.prepare<[number], string>('SELECT at FROM slide_moved WHERE slide_id = ? ORDER BY id').pluck()

  function slideOf(caseId: number): number {
    const slideId = slideOfCase.get(caseId)
    if (slideId === undefined) throw missing('case', caseId)
    return slideId
  }

  return {
    ledgerRuns: (caseId) =>
      runs.all(slideOf(caseId)).map((row) => ({
        runId: row.id,
        rig: rigSettings.parse(JSON.parse(row.rig)),
        plan: row.plan,
        startedAt: row.started_at,
      })),
    machineAreas: (runId) =>
      areas.all(runId).map((row) => ({
        field: row.ordinal,
        owned: { origin: slidePx(row.owned_x, row.owned_y), width: row.owned_width, height: row.owned_height },
        at: row.counts_since,
        cells: row.cells,
      })),
    placedCells: (runId, modelId = null) =>
      cells
        .all(modelId ?? ownModel.get(runId) ?? null, runId)
        .map(([field, x, y, named, current]) => ({ field, x, y, named, current })),
    moveSlide(caseId, reader) {
      const slideId = slideOf(caseId)
      insertMove.run(slideId, reader, new Date().toISOString())
      return moves.all(slideId).length
    },
    slideMoves: (caseId) => moves.all(slideOf(caseId)),
  }
}
