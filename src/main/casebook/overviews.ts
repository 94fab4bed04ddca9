import type Database from 'better-sqlite3'
import { type OverviewSummary, overviewSummary } from '../../shared/contract/overview.ts'
import { type OverviewPlace, overviewPlace } from '../../shared/overview/place.ts'
import type { Casebook } from './casebook.ts'
import { missing } from './missing.ts'

interface OverviewRow {
  readonly id: number
  readonly case_id: number | null
  readonly rig: string
  readonly state: OverviewSummary['state']
  readonly failure: string | null
  readonly extent: string
  readonly pitch_um: number
  readonly pixel_size_um: number
  readonly step: string
  readonly planned_places: number
  readonly places: number
  readonly pace: string | null
  readonly started_at: string
  readonly finished_at: string | null
}

export type Overviews = Pick<
  Casebook,
  | 'createOverview'
  | 'overview'
  | 'overviews'
  | 'overviewPlaces'
  | 'addOverviewPlace'
  | 'setPlannedPlaces'
  | 'endOverview'
  | 'overviewFocus'
  | 'markInterrupted'
>

const SELECT = `
  SELECT overview.id, specimen_id AS case_id, rig, state, failure, extent, pitch_um, pixel_size_um, step, planned_places, pace, started_at,
    finished_at, (SELECT count(*) FROM overview_place WHERE overview_id = overview.id) AS places
  FROM overview LEFT JOIN slide ON slide.id = slide_id`

export function overviewsOf(database: Database.Database): Overviews {
  const one = database.prepare<[number], OverviewRow>(`${SELECT} WHERE overview.id = ?`)
  const all = database.prepare<[], OverviewRow>(`${SELECT} ORDER BY overview.id DESC`)
  const ofCase = database.prepare<[number], OverviewRow>(`${SELECT} WHERE specimen_id = ? ORDER BY overview.id DESC`)
  const slideOfCase = database
    .prepare<[number], number>('SELECT id FROM slide WHERE specimen_id = ? ORDER BY id LIMIT 1')
    .pluck()
  const insert = database.prepare(`
    INSERT INTO overview (slide_id, rig, state, extent, pitch_um, pixel_size_um, step, planned_places, started_at)
    VALUES (?, ?, 'looking', ?, ?, ?, ?, ?, ?)`)
  const insertPlace = database.prepare('INSERT INTO overview_place (overview_id, ordinal, place) VALUES (?, ?, ?)')
  const places = database
    .prepare<[number, number], string>(
      'SELECT place FROM overview_place WHERE overview_id = ? AND ordinal >= ? ORDER BY ordinal',
    )
    .pluck()
  const plan = database.prepare('UPDATE overview SET planned_places = ? WHERE id = ?')
  const end = database.prepare(`
    UPDATE overview SET state = ?, failure = ?, focus = coalesce(?, focus), pace = coalesce(?, pace), finished_at = ? WHERE id = ?`)
  const focus = database.prepare<[number], string | null>('SELECT focus FROM overview WHERE id = ?').pluck()
  const interrupt = database.prepare(
    "UPDATE overview SET state = 'interrupted', finished_at = ? WHERE state = 'looking'",
  )

  function overview(overviewId: number): OverviewSummary {
    const row = one.get(overviewId)
    if (!row) throw missing('overview', overviewId)
    return summary(row)
  }

  return {
    overview,
    overviews: (caseId) => (caseId === null ? all.all() : ofCase.all(caseId)).map(summary),
    createOverview({ caseId, rig, extent, pitchUm, pixelSizeUm, step, plannedPlaces }) {
      const slideId = caseId === null ? null : slideOfCase.get(caseId)
      if (slideId === undefined) throw missing('case', caseId!)
      const made = insert.run(
        slideId,
        JSON.stringify(rig),
        JSON.stringify(extent),
        pitchUm,
        pixelSizeUm,
        JSON.stringify(step),
        plannedPlaces,
        new Date().toISOString(),
      )
      return overview(Number(made.lastInsertRowid))
    },
    overviewPlaces(overviewId, after = 0) {
      overview(overviewId)
      return places.all(overviewId, after).map((text): OverviewPlace => overviewPlace.parse(JSON.parse(text)))
    },
    addOverviewPlace(overviewId, place) {
      insertPlace.run(overviewId, place.index, JSON.stringify(overviewPlace.parse(place)))
    },
    setPlannedPlaces(overviewId, planned) {
      if (plan.run(planned, overviewId).changes === 0) throw missing('overview', overviewId)
    },
    endOverview(overviewId, state, { failure, focus: map, pace } = {}) {
      const ended = end.run(
        state,
        failure ? JSON.stringify(failure) : null,
        map ?? null,
        pace ? JSON.stringify(pace) : null,
        new Date().toISOString(),
        overviewId,
      )
      if (ended.changes === 0) throw missing('overview', overviewId)
      return overview(overviewId)
    },
    overviewFocus(overviewId) {
      const found = focus.get(overviewId)
      if (found === undefined) throw missing('overview', overviewId)
      return found
    },
    markInterrupted: () => interrupt.run(new Date().toISOString()).changes,
  }
}

function summary(row: OverviewRow): OverviewSummary {
  const json = (text: string | null): unknown => (text === null ? null : JSON.parse(text))
  return overviewSummary.parse({
    overviewId: row.id,
    caseId: row.case_id,
    rig: json(row.rig),
    state: row.state,
    failure: json(row.failure),
    extent: json(row.extent),
    pitchUm: row.pitch_um,
    pixelSizeUm: row.pixel_size_um,
    step: json(row.step),
    places: row.places,
    plannedPlaces: row.planned_places,
    pace: json(row.pace),
    startedAt: row.started_at,
    finishedAt: row.finished_at,
  })
}
