import type Database from 'better-sqlite3'
import type { Stitch } from '../../shared/contract/slide.ts'
import type { Casebook, ExactPlace, SolvedPlaces } from './casebook.ts'
import { missing } from './missing.ts'

interface StitchRow {
  readonly from_ordinal: number
  readonly to_ordinal: number
  readonly offset_x: number | null
  readonly offset_y: number | null
  readonly error_px: number | null
  readonly score: number
  readonly unlike: 0 | 1
  readonly off_x: number
  readonly off_y: number
}

export type FieldPlaces = Pick<Casebook, 'exactPlaces' | 'stitches' | 'stageError' | 'movePlaces'>

export function fieldPlacesOf(database: Database.Database): FieldPlaces {
  const exact = database.prepare<[number], ExactPlace & { index: number }>(`
    SELECT ordinal AS "index", place_x AS xPx, place_y AS yPx FROM field
    WHERE run_id = ? AND place_x IS NOT NULL ORDER BY ordinal`)
  const stitches = database.prepare<[number, number], StitchRow>(`
    SELECT stitch.*, later.slide_x - earlier.slide_x AS off_x, later.slide_y - earlier.slide_y AS off_y FROM stitch
    JOIN field AS earlier ON earlier.run_id = stitch.run_id AND earlier.ordinal = from_ordinal
    JOIN field AS later ON later.run_id = stitch.run_id AND later.ordinal = to_ordinal
    WHERE stitch.run_id = ? AND to_ordinal > ? ORDER BY to_ordinal, from_ordinal`)
  const learned = database.prepare<[number], { fields: number; model: string }>(
    'SELECT fields, model FROM stage_error WHERE run_id = ?',
  )
  const learn = database.prepare(`
    INSERT INTO stage_error (run_id, fields, model) VALUES (?, ?, ?)
    ON CONFLICT (run_id) DO UPDATE SET fields = excluded.fields, model = excluded.model`)
  const oneField = database.prepare<[number, number], { id: number; slide_x: number; slide_y: number }>(
    'SELECT id, slide_x, slide_y FROM field WHERE run_id = ? AND ordinal = ?',
  )
  const cellsIn = database.prepare<[number], number>('SELECT id FROM cell WHERE field_id = ? ORDER BY id').pluck()
  const takeRevisions = database
    .prepare<[number, number], number>('UPDATE run SET revision = revision + ? WHERE id = ? RETURNING revision')
    .pluck()
  const setPlace = database.prepare('UPDATE field SET place_x = ?, place_y = ? WHERE id = ?')
  const moveField = database.prepare(`
    UPDATE field SET slide_x = slide_x + @dx, slide_y = slide_y + @dy, owned_x = owned_x + @dx, owned_y = owned_y + @dy,
      revision = @revision WHERE id = @id`)
  const moveCell = database.prepare(
    'UPDATE cell SET slide_x = slide_x + @dx, slide_y = slide_y + @dy, revision = @revision WHERE id = @id',
  )

  const move = database.transaction((runId: number, { places, stageError }: SolvedPlaces): void => {
    for (const { index, xPx, yPx, slideX, slideY } of places) {
      const field = oneField.get(runId, index)
      if (!field) throw missing('field', index)
      setPlace.run(xPx, yPx, field.id)
      const [dx, dy] = [slideX - field.slide_x, slideY - field.slide_y]
      if (dx === 0 && dy === 0) continue
      const cells = cellsIn.all(field.id)
      let revision = takeRevisions.get(cells.length + 1, runId)! - cells.length
      moveField.run({ dx, dy, revision, id: field.id })
      for (const id of cells) moveCell.run({ dx, dy, revision: ++revision, id })
    }
    learn.run(runId, places.length, stageError)
  })

  return {
    exactPlaces: (runId) => exact.all(runId),
    stitches: (runId, after = -1) => stitches.all(runId, after).map(toStitch),
    stageError: (runId) => learned.get(runId) ?? null,
    movePlaces: (runId, solved) => move.immediate(runId, solved),
  }
}

function toStitch(row: StitchRow): Stitch {
  const { offset_x: xPx, offset_y: yPx } = row
  return {
    from: row.from_ordinal,
    to: row.to_ordinal,
    score: row.score,
    offset: xPx === null ? null : { xPx, yPx: yPx! },
    errorPx: row.error_px,
    unlike: row.unlike === 1,
    offPx: xPx === null ? null : Math.hypot(row.off_x - xPx, row.off_y - yPx!),
  }
}
