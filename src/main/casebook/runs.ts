import type Database from 'better-sqlite3'
import { type ScanOrder, scanArea } from '../../shared/contract/area.ts'
import { type ModelInfo, type ModelVariant, modelInfo } from '../../shared/contract/models.ts'
import type { RunFlag } from '../../shared/contract/quality.ts'
import { rigSettings } from '../../shared/contract/rig-settings.ts'
import {
  type RunState,
  type RunSummary,
  type SlideShift,
  type StopReason,
  slideShift,
} from '../../shared/contract/runs.ts'
import { ruleStanding, stopWhen } from '../../shared/contract/stopping.ts'
import type { TallyRow } from '../../shared/stopping/cell-tally.ts'
import { normalised } from '../../shared/stopping/rules.ts'
import { TAXONOMY } from '../../shared/taxonomy.ts'
import type { Casebook, NewRun, RunPlan } from './casebook.ts'
import { missing } from './missing.ts'
import type { Readings } from './readings.ts'

interface RunRow {
  readonly id: number
  readonly case_id: number
  readonly rig: string
  readonly state: RunState
  readonly stopped: StopReason | null
  readonly failure: string | null
  readonly stopped_by: string | null
  readonly target_cells: number | null
  readonly stop_when: string
  readonly scanning_ms: number
  readonly first_field_ms: number | null
  readonly overview_id: number | null
  readonly area: string | null
  /** JSON; null: the plan has none. */
  readonly slide_shift: string | null
  readonly scan_order: ScanOrder
  readonly planned_fields: number | null
  readonly started_at: string
  readonly finished_at: string | null
  readonly model: string | null
  readonly sha256: string | null
  readonly variant: ModelVariant | null
  readonly providers: string | null
}

interface CountRow {
  readonly current: string | null
  readonly machine: string | null
  readonly reviewed: number
  readonly cells: number
}

interface PlanRow {
  readonly plan: string
  readonly planned_fields: number | null
  readonly slide_width_px: number
  readonly slide_height_px: number
  readonly pixel_size_um: number
}

/** Cells of one class that count, or do not. */
interface Group {
  readonly class: string | null
  readonly left_out: 0 | 1
  readonly cells: number
}

interface Tally {
  fields: number
  fieldsLeftOut: number
  cells: number
  cellsLeftOut: number
  counted: number
}

export type Runs = Pick<
  Casebook,
  | 'createRun'
  | 'run'
  | 'runPlan'
  | 'runModel'
  | 'addProvider'
  | 'setRunPlan'
  | 'setStop'
  | 'setRunState'
  | 'markInterrupted'
  | 'revision'
  | 'counts'
  | 'tally'
> & {
  /** Every run of the casebook, newest first. */
  listRuns(): RunSummary[]
}

const COUNTED: ReadonlySet<string> = new Set(TAXONOMY.filter((entry) => entry.counted).map((entry) => entry.code))

interface FieldCounts {
  readonly fields: number
  readonly out: number
}

const FIELD_COUNTS = `
  SELECT run_id, coalesce(sum(fields), 0) AS fields, coalesce(sum(iif(left_out, fields, 0)), 0) AS out FROM field_count`

const SELECT_RUN = `
  SELECT run.id, specimen_id AS case_id, rig, state, stopped, stopped_by, failure, target_cells, stop_when, scanning_ms, first_field_ms, planned_fields, overview_id, area, scan_order, plan -> '$.slideShift' AS slide_shift,
    run.started_at, run.finished_at, model.name || ' ' || model.version AS model, sha256, variant, providers
  FROM run JOIN slide ON slide.id = slide_id LEFT JOIN model ON model.id = run.model_id
  LEFT JOIN reading ON reading.run_id = run.id AND reading.model_id = run.model_id`

export function runsOf(
  database: Database.Database,
  readings: Pick<Readings, 'addModel' | 'begin' | 'setProviders'>,
): Runs {
  const one = database.prepare<[number], RunRow>(`${SELECT_RUN} WHERE run.id = ?`)
  const all = database.prepare<[], RunRow>(`${SELECT_RUN} ORDER BY run.id DESC`)
  const fieldsOfRun = database.prepare<[number], FieldCounts>(`${FIELD_COUNTS} WHERE run_id = ?`)
  const cellsOfRun = database.prepare<[number], Group>(
    `SELECT nullif(current_class, '') AS class, left_out, sum(cells) AS cells FROM cell_count WHERE run_id = ? GROUP BY 2, 1`,
  )
  const fieldsOfAll = database.prepare<[], FieldCounts & { run_id: number }>(`${FIELD_COUNTS} GROUP BY run_id`)
  const cellsOfAll = database.prepare<[], Group & { run_id: number }>(
    `SELECT run_id, nullif(current_class, '') AS class, left_out, sum(cells) AS cells FROM cell_count GROUP BY 1, 3, 2`,
  )
  const cellsLeftOut = database
    .prepare<[number], number>('SELECT coalesce(sum(cells), 0) FROM cell_count WHERE run_id = ? AND left_out = 1')
    .pluck()
  const flagsOfRun = database.prepare<[number], RunFlag>(
    'SELECT kind, ordinal AS field, words FROM run_flag WHERE run_id = ? ORDER BY ordinal, kind',
  )
  const countsOfRun = database.prepare<[number], CountRow>(`
    SELECT nullif(current_class, '') AS current, nullif(machine_class, '') AS machine, is_read AS reviewed, cells
    FROM cell_count WHERE run_id = ? AND left_out = 0 AND cells > 0`)
  const tallyOfRun = database.prepare<[number], TallyRow>(`
    SELECT nullif(machine_class, '') AS named, iif(is_read, nullif(current_class, ''), NULL) AS read, sum(cells) AS cells
    FROM cell_count WHERE run_id = ? AND left_out = 0 GROUP BY 1, 2 HAVING sum(cells) > 0`)
  const countsOfReading = database.prepare<[number, number], CountRow>(`
    SELECT CASE WHEN reader IS NULL THEN class ELSE current_class END AS current, class AS machine,
      reader IS NOT NULL AS reviewed, count(*) AS cells
    FROM cell LEFT JOIN prediction ON cell_id = cell.id AND model_id = ?
    WHERE run_id = ? AND left_out = 0 GROUP BY 1, 2, 3`)
  const plan = database.prepare<[number], PlanRow>(
    'SELECT plan, planned_fields, slide_width_px, slide_height_px, pixel_size_um FROM run WHERE id = ?',
  )
  const revision = database.prepare<[number], number>('SELECT revision FROM run WHERE id = ?').pluck()
  const slideOfCase = database
    .prepare<[number], number>('SELECT id FROM slide WHERE specimen_id = ? ORDER BY id LIMIT 1')
    .pluck()
  const info = database
    .prepare<[number], string | null>(
      'SELECT info FROM run LEFT JOIN model ON model.id = run.model_id WHERE run.id = ?',
    )
    .pluck()
  const modelOf = database.prepare<[number], number>('SELECT model_id FROM run WHERE id = ?').pluck()
  const insert = database.prepare(`
    INSERT INTO run (slide_id, model_id, rig, plan, target_cells, stop_when, planned_fields, slide_width_px, slide_height_px,
      pixel_size_um, overview_id, area, scan_order, state, started_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'scanning', ?)`)
  const overviewThere = database.prepare<[number], number>('SELECT 1 FROM overview WHERE id = ?').pluck()
  const bind = database.prepare('UPDATE overview SET slide_id = ? WHERE id = ? AND slide_id IS NULL')
  const update = database.prepare(`
    UPDATE run SET state = ?, stopped = ?, stopped_by = ?, failure = ?, finished_at = ?, planned_fields = coalesce(?, planned_fields)
    WHERE id = ?`)
  const updateStop = database.prepare('UPDATE run SET target_cells = ?, stop_when = ? WHERE id = ?')
  const updatePlan = database.prepare('UPDATE run SET plan = ? WHERE id = ?')
  const interrupt = database.prepare("UPDATE run SET state = 'interrupted' WHERE state IN ('scanning', 'paused')")

  const found = <T>(runId: number, value: T | undefined): T => {
    if (value === undefined) throw missing('run', runId)
    return value
  }

  const create = database.transaction((run: NewRun): number => {
    const slideId = slideOfCase.get(run.caseId)
    if (slideId === undefined) throw missing('case', run.caseId)
    if (run.area?.overviewId != null && !overviewThere.get(run.area.overviewId))
      throw missing('overview', run.area.overviewId)
    const modelId = run.model && readings.addModel(run.model.info)
    const stop = normalised(run)
    const area = run.area ?? null
    const overviewId = area?.overviewId ?? null
    const made = insert.run(
      slideId,
      modelId,
      JSON.stringify(run.rig),
      run.plan,
      stop.targetCells,
      JSON.stringify(stop.stopWhen),
      run.plannedFields,
      run.slideWidthPx,
      run.slideHeightPx,
      run.pixelSizeUm,
      overviewId,
      area && JSON.stringify({ rects: area.rects, excluded: area.excluded }),
      run.order ?? 'serpentine',
      new Date().toISOString(),
    )
    const runId = Number(made.lastInsertRowid)
    // An overview made before there was a case belongs to that of the first run it leads to.
    if (overviewId !== null) bind.run(slideId, overviewId)
    if (run.model && modelId !== null) readings.begin(runId, modelId, run.model, 'field')
    return runId
  })

  function run(runId: number): RunSummary {
    const row = found(runId, one.get(runId))
    const tally = tallyFrom(fieldsOfRun.get(runId))
    for (const group of cellsOfRun.all(runId)) add(tally, group)
    return summary(row, tally, flagsOfRun.all(runId))
  }

  return {
    run,
    listRuns() {
      const tallies = new Map<number, Tally>()
      for (const counts of fieldsOfAll.all()) tallies.set(counts.run_id, tallyFrom(counts))
      for (const group of cellsOfAll.all()) add(tallies.get(group.run_id)!, group)
      return all.all().map((row) => summary(row, tallies.get(row.id) ?? tallyFrom(), flagsOfRun.all(row.id)))
    },
    createRun: (made) => run(create.immediate(made)),
    runPlan(runId): RunPlan {
      const row = found(runId, plan.get(runId))
      return {
        plan: row.plan,
        plannedFields: row.planned_fields,
        slideWidthPx: row.slide_width_px,
        slideHeightPx: row.slide_height_px,
        pixelSizeUm: row.pixel_size_um,
      }
    },
    runModel(runId): ModelInfo | null {
      const text = found(runId, info.get(runId))
      return text === null ? null : modelInfo.parse(JSON.parse(text))
    },
    addProvider(runId, provider) {
      const { graph } = run(runId)
      if (graph && !graph.providers.includes(provider))
        readings.setProviders(runId, modelOf.get(runId)!, [...graph.providers, provider])
    },
    setRunPlan(runId, plan) {
      if (updatePlan.run(plan, runId).changes === 0) throw missing('run', runId)
    },
    setStop(runId, request) {
      const stop = normalised(request)
      if (updateStop.run(stop.targetCells, JSON.stringify(stop.stopWhen), runId).changes === 0)
        throw missing('run', runId)
    },
    setRunState(runId, state, detail = {}) {
      const changed = update.run(
        state,
        detail.stopped ?? null,
        detail.stoppedBy ? JSON.stringify(detail.stoppedBy) : null,
        detail.failure ? JSON.stringify(detail.failure) : null,
        state === 'finished' ? new Date().toISOString() : null,
        detail.plannedFields ?? null,
        runId,
      )
      if (changed.changes === 0) throw missing('run', runId)
      return run(runId)
    },
    markInterrupted: () => interrupt.run().changes,
    revision: (runId) => found(runId, revision.get(runId)),
    tally(runId) {
      found(runId, revision.get(runId))
      return tallyOfRun.all(runId)
    },
    counts(runId, modelId = null) {
      found(runId, revision.get(runId))
      const machine = new Map<string, number>()
      const current = new Map<string, number>()
      let relabelled = 0
      const groups = modelId === null ? countsOfRun.all(runId) : countsOfReading.all(modelId, runId)
      for (const group of groups) {
        const said = group.machine ?? ''
        const stands = group.current ?? ''
        machine.set(said, (machine.get(said) ?? 0) + group.cells)
        current.set(stands, (current.get(stands) ?? 0) + group.cells)
        if (group.reviewed) relabelled += group.cells
      }
      const leftOut = { fields: fieldsOfRun.get(runId)?.out ?? 0, cells: cellsLeftOut.get(runId)! }
      return { machine, current, relabelled, leftOut } as ReturnType<Casebook['counts']>
    },
  }
}

function tallyFrom({ fields, out }: FieldCounts = { fields: 0, out: 0 }): Tally {
  return { fields, fieldsLeftOut: out, cells: 0, cellsLeftOut: 0, counted: 0 }
}

function add(tally: Tally, { class: code, left_out, cells }: Group): void {
  tally.cells += cells
  if (left_out === 1) tally.cellsLeftOut += cells
  if (code !== null && COUNTED.has(code) && left_out === 0) tally.counted += cells
}

function shiftIn(kept: string | null): SlideShift | null {
  const shift = kept === null ? null : slideShift.parse(JSON.parse(kept))
  return shift && (shift.xUm !== 0 || shift.yUm !== 0 || shift.zUm !== 0) ? shift : null
}

function summary(row: RunRow, tally: Tally, flags: RunFlag[]): RunSummary {
  return {
    runId: row.id,
    caseId: row.case_id,
    rig: rigSettings.parse(JSON.parse(row.rig)),
    state: row.state,
    stopped: row.stopped,
    stoppedBy: row.stopped_by === null ? null : ruleStanding.array().parse(JSON.parse(row.stopped_by)),
    failure: row.failure === null ? null : JSON.parse(row.failure),
    targetCells: row.target_cells,
    area:
      row.area === null ? null : scanArea.parse({ overviewId: row.overview_id, ...(JSON.parse(row.area) as object) }),
    order: row.scan_order,
    stopWhen: stopWhen.parse(JSON.parse(row.stop_when)),
    scanningSeconds: row.scanning_ms / 1000,
    firstFieldSeconds: row.first_field_ms === null ? null : row.first_field_ms / 1000,
    fields: tally.fields,
    fieldsLeftOut: tally.fieldsLeftOut,
    flags,
    slideShift: shiftIn(row.slide_shift),
    plannedFields: row.planned_fields,
    cells: tally.cells,
    cellsLeftOut: tally.cellsLeftOut,
    counted: tally.counted,
    startedAt: row.started_at,
    finishedAt: row.finished_at,
    model: row.model,
    graph:
      row.sha256 === null
        ? null
        : { sha256: row.sha256, variant: row.variant!, providers: JSON.parse(row.providers!) as string[] },
  }
}
