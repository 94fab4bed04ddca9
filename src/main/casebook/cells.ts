import type Database from 'better-sqlite3'
import type { Cell } from '../../shared/contract/cells.ts'
import type { LeftOutReason } from '../../shared/contract/quality.ts'
import type { ClassCode } from '../../shared/taxonomy.ts'
import type { Casebook } from './casebook.ts'

/** A row of SELECT_CELL, as an array: twenty thousand of them are read at once, and arrays are the quicker half. */
type CellRow = [
  id: number,
  field: number,
  image: string | null,
  xPx: number,
  yPx: number,
  widthPx: number,
  heightPx: number,
  slideX: number,
  slideY: number,
  score: number,
  current: ClassCode | null,
  machine: ClassCode | null,
  reader: string | null,
  revision: number,
  runId: number,
  probability: number | null,
  probabilities: Buffer | null,
  modelId: number | null,
  unsure: number | null,
  unfamiliar: number | null,
  leftOut: LeftOutReason | null,
]

const COLUMNS = `cell.id, field.ordinal, field.image, x_px, y_px, cell.width_px, cell.height_px, cell.slide_x, cell.slide_y,
  score, CASE WHEN reader IS NULL THEN prediction.class ELSE current_class END, prediction.class, reader, cell.revision, cell.run_id, probability, probabilities, prediction.model_id,
  reader IS NULL AND probability < unsure_below, unfamiliarity > unfamiliar_above,
  iif(cell.left_out, coalesce((SELECT reason FROM field_event WHERE field_id = field.id ORDER BY field_event.id DESC LIMIT 1), gate_reason), NULL)`

/** The prediction shown is that of @model; NULL: of the run's own model. */
const PREDICTION = `JOIN run ON run.id = cell.run_id
  LEFT JOIN prediction ON prediction.cell_id = cell.id AND prediction.model_id = coalesce(@model, run.model_id)
  LEFT JOIN reading ON reading.run_id = run.id AND reading.model_id = coalesce(@model, run.model_id)`

const ALTERNATIVES = 3

export type Cells = Pick<Casebook, 'cells' | 'changedCells' | 'cellsNear' | 'crop'> & {
  /** undefined: no such cell. */
  cell(cellId: number): Cell | undefined
}

export function cellsOf(database: Database.Database): Cells {
  const select = <P extends object>(sql: string) => database.prepare<[P], CellRow>(sql).raw()
  // CROSS JOIN keeps SQLite at this order (field by field, cell by cell), which needs no sorting.
  const ofRun = select<{ model: number | null; run: number }>(`
    SELECT ${COLUMNS} FROM field CROSS JOIN cell ON cell.field_id = field.id ${PREDICTION}
    WHERE field.run_id = @run ORDER BY field.ordinal, cell.id`)
  const changed = select<{ model: number | null; run: number; after: number; limit: number }>(`
    SELECT ${COLUMNS} FROM cell JOIN field ON field.id = field_id ${PREDICTION}
    WHERE cell.run_id = @run AND cell.revision > @after ORDER BY cell.revision LIMIT @limit`)
  const inBox = select<{ model: null; run: number; left: number; right: number; top: number; bottom: number }>(`
    SELECT ${COLUMNS} FROM cell INDEXED BY cell_by_place JOIN field ON field.id = field_id ${PREDICTION}
    WHERE cell.run_id = @run AND cell.slide_x BETWEEN @left AND @right AND cell.slide_y BETWEEN @top AND @bottom
    ORDER BY cell.id`)
  const one = select<{ model: null; id: number }>(`
    SELECT ${COLUMNS} FROM cell JOIN field ON field.id = field_id ${PREDICTION} WHERE cell.id = @id`)
  const jpeg = database.prepare<[number], Buffer>('SELECT jpeg FROM crop WHERE cell_id = ?').pluck()
  const classesText = database.prepare<[number], string>('SELECT classes FROM model WHERE id = ?').pluck()

  const classes = new Map<number, readonly ClassCode[]>()
  function classesOfModel(modelId: number): readonly ClassCode[] {
    const known = classes.get(modelId)
    if (known) return known
    const read = JSON.parse(classesText.get(modelId)!) as ClassCode[]
    classes.set(modelId, read)
    return read
  }

  function toCell(row: CellRow): Cell {
    const [, , , , , , , , , , current, machine, reader, revision, , probability, probabilities, modelId] = row
    return {
      id: row[0],
      field: row[1],
      image: row[2],
      xPx: row[3],
      yPx: row[4],
      widthPx: row[5],
      heightPx: row[6],
      slideX: row[7],
      slideY: row[8],
      score: row[9],
      class: current,
      machineClass: machine,
      probability,
      alternatives: probabilities ? alternatives(probabilities, classesOfModel(modelId!)) : [],
      reader,
      unsure: row[18] === 1,
      unfamiliar: row[19] === null ? null : row[19] === 1,
      leftOut: row[20],
      revision,
    }
  }

  return {
    cells: (runId, modelId = null) => ofRun.all({ model: modelId, run: runId }).map(toCell),
    changedCells: (runId, after, limit, modelId = null) =>
      changed.all({ model: modelId, run: runId, after, limit }).map(toCell),
    cellsNear(runId, x, y, radiusPx) {
      const box = inBox
        .all({
          model: null,
          run: runId,
          left: x - radiusPx,
          right: x + radiusPx,
          top: y - radiusPx,
          bottom: y + radiusPx,
        })
        .map(toCell)
      return box.filter((cell) => (cell.slideX - x) ** 2 + (cell.slideY - y) ** 2 <= radiusPx ** 2)
    },
    crop: (cellId) => jpeg.get(cellId) ?? null,
    cell(cellId) {
      const row = one.get({ model: null, id: cellId })
      return row && toCell(row)
    },
  }
}

/** The most probable classes, best first; of equals the earlier in the model's order. */
function alternatives(probabilities: Buffer, classes: readonly ClassCode[]): Cell['alternatives'] {
  const best: Cell['alternatives'] = []
  for (let i = 0; i < classes.length; i++) {
    const probability = probabilities.readFloatLE(4 * i)
    let place = best.length
    while (place > 0 && best[place - 1].probability < probability) place--
    if (place === ALTERNATIVES) continue
    best.splice(place, 0, { class: classes[i], probability })
    if (best.length > ALTERNATIVES) best.pop()
  }
  return best
}
