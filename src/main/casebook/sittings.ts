import type Database from 'better-sqlite3'
import type { Sitting, TallyPlace } from '../../shared/contract/tally.ts'
import { MedullaError } from '../../shared/errors.ts'
import { type Rect, type StageUm, stageUm } from '../../shared/geometry.ts'
import { type ClassCode, TAXONOMY } from '../../shared/taxonomy.ts'
import { missing } from './missing.ts'
import type { NewSitting, SittingView, TallyBook } from './tally-book.ts'
import { tallyHash } from './tally-chain.ts'

/** A stage that stands still reads a little differently each time: the same place, micrometres. */
const SAME_PLACE_UM = 2

interface SittingRow {
  readonly id: number
  readonly case_id: number
  readonly reader: string
  readonly purpose: Sitting['purpose']
  readonly place: TallyPlace
  readonly run_id: number | null
  readonly frame_rig: string | null
  readonly frame_objective: string | null
  readonly target_cells: number | null
  readonly started_at: string
  readonly last_at: string | null
  readonly views: number
}

interface ViewRow {
  readonly id: number
  readonly x_um: number | null
  readonly y_um: number | null
  readonly width_um: number | null
  readonly height_um: number | null
  readonly at: string
}

interface EventRow {
  readonly id: number
  readonly view_id: number
  readonly class: ClassCode
}

interface CountRow {
  readonly class: ClassCode
  readonly count: number
}

type Sittings = Omit<TallyBook, 'ledgerRuns' | 'machineAreas' | 'placedCells' | 'moveSlide' | 'slideMoves'>

const COUNTED: ReadonlySet<string> = new Set(TAXONOMY.filter((entry) => entry.counted).map((entry) => entry.code))

const NO_FRAME: Readonly<Record<TallyPlace, string>> = {
  live: 'the pixel size of the microscope is not known',
  slide: 'the images of a folder have no place on a stage',
  none: 'it was counted in the eyepiece',
}

const SELECT_SITTING = `
  SELECT sitting.*, specimen_id AS case_id,
    (SELECT at FROM tally_event WHERE sitting_id = sitting.id ORDER BY id DESC LIMIT 1) AS last_at,
    (SELECT count(*) FROM sitting_view WHERE sitting_id = sitting.id) AS views
  FROM sitting JOIN slide ON slide.id = slide_id`
const STANDS = "kind = 'count' AND NOT EXISTS (SELECT 1 FROM tally_event undo WHERE undo.takes_back = tally_event.id)"

/** Every press is a transaction of its own: a process that is killed loses none that was answered. */
export function sittingsOf(database: Database.Database): Sittings {
  const one = database.prepare<[number], SittingRow>(`${SELECT_SITTING} WHERE sitting.id = ?`)
  const ofCase = database.prepare<[number], SittingRow>(
    `${SELECT_SITTING} WHERE specimen_id = ? ORDER BY sitting.id DESC`,
  )
  const slideOfCase = database
    .prepare<[number], number>('SELECT id FROM slide WHERE specimen_id = ? ORDER BY id LIMIT 1')
    .pluck()
  const slideOfRun = database.prepare<[number], number>('SELECT slide_id FROM run WHERE id = ?').pluck()
  const insert = database.prepare(`
    INSERT INTO sitting (id, slide_id, reader, purpose, place, run_id, frame_rig, frame_objective, target_cells, started_at)
    VALUES ((SELECT coalesce(max(id), 0) + 1 FROM sitting), ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
  const counts = database.prepare<[number], CountRow>(
    `SELECT class, count(*) AS count FROM tally_event WHERE sitting_id = ? AND ${STANDS} GROUP BY class`,
  )
  const views = database.prepare<[number], ViewRow>('SELECT * FROM sitting_view WHERE sitting_id = ? ORDER BY id')
  const countsByView = database.prepare<[number], CountRow & { readonly view_id: number }>(
    `SELECT view_id, class, count(*) AS count FROM tally_event WHERE sitting_id = ? AND ${STANDS} GROUP BY view_id, class`,
  )
  const lastView = database.prepare<[number], ViewRow>(
    'SELECT * FROM sitting_view WHERE sitting_id = ? ORDER BY id DESC LIMIT 1',
  )
  const insertView = database.prepare(`
    INSERT INTO sitting_view (id, sitting_id, x_um, y_um, width_um, height_um, at)
    VALUES ((SELECT coalesce(max(id), 0) + 1 FROM sitting_view), ?, ?, ?, ?, ?, ?)`)
  const newestEvent = database.prepare<[], { id: number; hash: string }>(
    'SELECT id, hash FROM tally_event ORDER BY id DESC LIMIT 1',
  )
  const newestStanding = database.prepare<[number], EventRow>(
    `SELECT id, view_id, class FROM tally_event WHERE sitting_id = ? AND ${STANDS} ORDER BY id DESC LIMIT 1`,
  )
  const insertEvent = database.prepare(`
    INSERT INTO tally_event (id, sitting_id, view_id, kind, takes_back, class, at, previous_hash, hash)
    VALUES (@id, @sitting_id, @view_id, @kind, @takes_back, @class, @at, @previous_hash, @hash)`)

  function sitting(sittingId: number): Sitting {
    const row = one.get(sittingId)
    if (!row) throw missing('sitting', sittingId)
    return toSitting(row, counts.all(row.id))
  }

  /** Only inside a transaction. */
  function record(sittingId: number, viewId: number, takesBack: number | null, code: ClassCode, at: string): void {
    const last = newestEvent.get()
    const event = {
      id: (last?.id ?? 0) + 1,
      sitting_id: sittingId,
      view_id: viewId,
      kind: takesBack === null ? ('count' as const) : ('undo' as const),
      takes_back: takesBack,
      class: code,
      at,
      previous_hash: last?.hash ?? null,
    }
    const chained = tallyHash(event)
    insertEvent.run({ ...event, ...chained })
  }

  const start = database.transaction((made: NewSitting): number => {
    const slideId = slideOfCase.get(made.caseId)
    if (slideId === undefined) throw missing('case', made.caseId)
    if (made.runId !== null) {
      const other = slideOfRun.get(made.runId)
      if (other === undefined) throw missing('run', made.runId)
      if (other !== slideId) throw ofAnotherCase(made.runId, made.caseId)
    }
    const { reader, purpose, place, runId, frame, targetCells } = made
    const at = new Date().toISOString()
    const { rig = null, objective = null } = frame ?? {}
    return Number(insert.run(slideId, reader, purpose, place, runId, rig, objective, targetCells, at).lastInsertRowid)
  })

  const count = database.transaction((sittingId: number, code: ClassCode, area: Rect<StageUm> | null): void => {
    sitting(sittingId)
    const at = new Date().toISOString()
    const last = lastView.get(sittingId)
    const viewId =
      last && samePlace(areaOf(last), area)
        ? last.id
        : Number(
            insertView.run(
              sittingId,
              area?.origin.x ?? null,
              area?.origin.y ?? null,
              area?.width ?? null,
              area?.height ?? null,
              at,
            ).lastInsertRowid,
          )
    record(sittingId, viewId, null, code, at)
  })

  const undo = database.transaction((sittingId: number): ClassCode | null => {
    sitting(sittingId)
    const given = newestStanding.get(sittingId)
    if (!given) return null
    record(sittingId, given.view_id, given.id, given.class, new Date().toISOString())
    return given.class
  })

  return {
    startSitting: (made) => sitting(start.immediate(made)),
    sitting,
    sittings(caseId) {
      if (slideOfCase.get(caseId) === undefined) throw missing('case', caseId)
      return ofCase.all(caseId).map((row) => toSitting(row, counts.all(row.id)))
    },
    countCell: count.immediate,
    undoCell: undo.immediate,
    sittingCounts(sittingId) {
      sitting(sittingId)
      return new Map(counts.all(sittingId).map((row) => [row.class, row.count]))
    },
    sittingViews(sittingId): SittingView[] {
      sitting(sittingId)
      const byView = new Map<number, Map<ClassCode, number>>()
      for (const row of countsByView.all(sittingId))
        byView.set(row.view_id, (byView.get(row.view_id) ?? new Map()).set(row.class, row.count))
      return views
        .all(sittingId)
        .map((row) => ({ viewId: row.id, area: areaOf(row), at: row.at, counts: byView.get(row.id) ?? new Map() }))
    },
  }
}

function toSitting(row: SittingRow, counts: readonly CountRow[]): Sitting {
  const sum = (rows: readonly CountRow[]) => rows.reduce((total, each) => total + each.count, 0)
  return {
    sittingId: row.id,
    caseId: row.case_id,
    reader: row.reader,
    purpose: row.purpose,
    place: row.place,
    runId: row.run_id,
    frame: row.frame_rig === null ? null : { rig: row.frame_rig, objective: row.frame_objective },
    noFrame: row.frame_rig === null ? NO_FRAME[row.place] : null,
    targetCells: row.target_cells,
    startedAt: row.started_at,
    lastAt: row.last_at,
    cells: sum(counts),
    counted: sum(counts.filter((each) => COUNTED.has(each.class))),
    views: row.views,
  }
}

function areaOf({ x_um, y_um, width_um, height_um }: ViewRow): Rect<StageUm> | null {
  return x_um === null ? null : { origin: stageUm(x_um, y_um!), width: width_um!, height: height_um! }
}

function samePlace(a: Rect<StageUm> | null, b: Rect<StageUm> | null): boolean {
  if (a === null || b === null) return a === b
  const near = (x: number, y: number) => Math.abs(x - y) <= SAME_PLACE_UM
  return (
    near(a.origin.x, b.origin.x) && near(a.origin.y, b.origin.y) && near(a.width, b.width) && near(a.height, b.height)
  )
}

function ofAnotherCase(runId: number, caseId: number): MedullaError {
  return new MedullaError('invalid-input', `Run ${runId} is of another case than ${caseId}.`, {
    remedy: 'Count on the image of one of the runs of this case.',
    values: { run: runId, case: caseId },
  })
}
