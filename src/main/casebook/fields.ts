import Database from 'better-sqlite3'
import type { FieldEvent } from '../../shared/contract/fields.ts'
import { fieldFocus, fieldQuality, type LeftOut, type LeftOutReason } from '../../shared/contract/quality.ts'
import type { Field } from '../../shared/contract/slide.ts'
import { MedullaError } from '../../shared/errors.ts'
import { asBuffer } from '../as-buffer.ts'
import type { Casebook, NewField } from './casebook.ts'
import { missing } from './missing.ts'
import type { Predictions } from './predictions.ts'

interface FieldRow {
  readonly ordinal: number
  readonly slide_x: number
  readonly slide_y: number
  readonly width_px: number
  readonly height_px: number
  readonly owned_x: number
  readonly owned_y: number
  readonly owned_width: number
  readonly owned_height: number
  readonly stage_x_um: number | null
  readonly stage_y_um: number | null
  readonly stage_z_um: number | null
  readonly image: string | null
  readonly focus_score: number | null
  readonly quality: string | null
  readonly focus: string | null
  readonly gate_reason: LeftOutReason | null
  readonly gate_words: string | null
  /** Of the newest event; null: there is none. */
  readonly kind: FieldEvent['kind'] | null
  readonly reader: string | null
  readonly reason: LeftOutReason | null
  readonly words: string | null
  readonly place_x: number | null
  readonly revision: number
  readonly cells: number
  readonly compared: number
  readonly matched: number
  readonly score: number | null
}

export type Fields = Pick<Casebook, 'commitField' | 'fields' | 'fieldsRevision'>

export function fieldsOf(database: Database.Database, predictions: Predictions): Fields {
  const since = database.prepare<[number, number, number], FieldRow>(`
    SELECT field.*, kind, reader, reason, words, (SELECT count(*) FROM cell WHERE field_id = field.id) AS cells,
      (SELECT count(*) FROM stitch WHERE stitch.run_id = field.run_id AND to_ordinal = ordinal) AS compared,
      (SELECT count(offset_x) FROM stitch WHERE stitch.run_id = field.run_id AND to_ordinal = ordinal) AS matched,
      (SELECT min(score) FROM stitch WHERE stitch.run_id = field.run_id AND to_ordinal = ordinal AND offset_x IS NOT NULL) AS score
    FROM field LEFT JOIN field_event AS newest ON newest.id = (SELECT max(id) FROM field_event WHERE field_id = field.id)
    WHERE run_id = ? AND revision > ? ORDER BY ordinal LIMIT ?`)
  const newest = database
    .prepare<[number], number>('SELECT coalesce(max(revision), 0) FROM field WHERE run_id = ?')
    .pluck()
  // Takes all the numbers a field and its cells need at once; `last` is the highest of them.
  const takeRevisions = database.prepare<
    [number, number | null, number | null, number],
    { last: number; model_id: number | null }
  >(`
    UPDATE run SET revision = revision + ?, scanning_ms = coalesce(?, scanning_ms),
      first_field_ms = coalesce(first_field_ms, ?) WHERE id = ?
    RETURNING revision AS last, model_id`)
  const insertField = database.prepare(`
    INSERT INTO field (run_id, ordinal, slide_x, slide_y, width_px, height_px, owned_x, owned_y, owned_width,
      owned_height, stage_x_um, stage_y_um, stage_z_um, image, focus_score, quality, focus, gate_reason, gate_words, left_out, place_x, place_y,
      revision, committed_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
  const insertStitch = database.prepare(`
    INSERT INTO stitch (run_id, from_ordinal, to_ordinal, offset_x, offset_y, error_px, score, unlike)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)`)
  const insertFlag = database.prepare('INSERT INTO run_flag (run_id, kind, ordinal, words) VALUES (?, ?, ?, ?)')
  const insertCell = database.prepare(`
    INSERT INTO cell (run_id, field_id, x_px, y_px, width_px, height_px, slide_x, slide_y, score, machine_class,
      current_class, left_out, revision)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
  const insertCrop = database.prepare('INSERT INTO crop (cell_id, jpeg) VALUES (?, ?)')

  const commit = database.transaction(({ runId, field, placing, cells, scanningMs, flags = [] }: NewField): number => {
    const ms = scanningMs === null ? null : Math.round(scanningMs)
    const run = takeRevisions.get(cells.length + 1, ms, field.index === 0 ? ms : null, runId)
    if (!run) throw missing('run', runId)
    let revision = run.last - cells.length
    const { owned, stage } = field
    const fieldId = insertField.run(
      runId,
      field.index,
      field.slideX,
      field.slideY,
      field.widthPx,
      field.heightPx,
      owned.x,
      owned.y,
      owned.width,
      owned.height,
      stage?.xUm ?? null,
      stage?.yUm ?? null,
      stage?.zUm ?? null,
      field.image,
      field.focusScore,
      field.quality && JSON.stringify(field.quality),
      field.focus && JSON.stringify(field.focus),
      field.leftOut?.reason ?? null,
      field.leftOut?.words ?? null,
      field.leftOut === null ? 0 : 1,
      placing?.xPx ?? null,
      placing?.yPx ?? null,
      revision,
      new Date().toISOString(),
    ).lastInsertRowid
    for (const { from, offset, errorPx, score, unlike } of placing?.stitches ?? []) {
      const [x, y] = [offset?.xPx ?? null, offset?.yPx ?? null]
      insertStitch.run(runId, from, field.index, x, y, errorPx, score, unlike ? 1 : 0)
    }
    for (const { kind, field: at, words } of flags) insertFlag.run(runId, kind, at, words)
    for (const cell of cells) {
      const named = cell.said && predictions.named(modelOf(run.model_id), cell.said)
      const cellId = insertCell.run(
        runId,
        fieldId,
        cell.xPx,
        cell.yPx,
        cell.widthPx,
        cell.heightPx,
        cell.slideX,
        cell.slideY,
        cell.score,
        named?.class ?? null,
        named?.class ?? null,
        field.leftOut === null ? 0 : 1,
        ++revision,
      ).lastInsertRowid
      insertCrop.run(cellId, asBuffer(cell.cropJpeg))
      if (cell.said) predictions.add(cellId, modelOf(run.model_id), cell.said)
    }
    return run.last
  })

  return {
    // A negative limit is none.
    fields: (runId, after = 0, most = -1) => since.all(runId, after, most).map(toField),
    fieldsRevision: (runId) => newest.get(runId)!,
    commitField(field) {
      try {
        return commit.immediate(field)
      } catch (error) {
        const twice = error instanceof Database.SqliteError && error.message.includes('field.ordinal')
        throw twice ? committedBefore(field, error) : error
      }
    },
  }
}

function toField(row: FieldRow): Field {
  return {
    index: row.ordinal,
    slideX: row.slide_x,
    slideY: row.slide_y,
    widthPx: row.width_px,
    heightPx: row.height_px,
    owned: { x: row.owned_x, y: row.owned_y, width: row.owned_width, height: row.owned_height },
    stage: row.stage_x_um === null ? null : { xUm: row.stage_x_um, yUm: row.stage_y_um!, zUm: row.stage_z_um! },
    image: row.image,
    focusScore: row.focus_score,
    quality: row.quality === null ? null : fieldQuality.parse(JSON.parse(row.quality)),
    focus: row.focus === null ? null : fieldFocus.parse(JSON.parse(row.focus)),
    leftOut: leftOutOf(row),
    stitch: row.place_x === null ? null : { compared: row.compared, matched: row.matched, score: row.score },
    cells: row.cells,
    revision: row.revision,
  }
}

/** A person's word stands before the gate's. */
function leftOutOf(row: FieldRow): LeftOut | null {
  if (row.kind === 'leave-out') return { reason: row.reason!, words: row.words!, reader: row.reader }
  if (row.kind === 'bring-back' || row.gate_reason === null) return null
  return { reason: row.gate_reason, words: row.gate_words!, reader: null }
}

function committedBefore({ runId, field }: NewField, cause: unknown): MedullaError {
  return new MedullaError(
    'invalid-input',
    `Field ${field.index} of run ${runId} is committed already; it was not committed again.`,
    {
      remedy: 'Resume the run: it goes on after the fields that are committed.',
      values: { runId, field: field.index },
    },
    { cause },
  )
}

function modelOf(modelId: number | null): number {
  if (modelId === null) throw new RangeError('probabilities for a run without a model')
  return modelId
}
