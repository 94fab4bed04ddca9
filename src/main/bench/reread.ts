import type { RereadEvent } from '../../shared/contract/readings.ts'
import type { Casebook, CellPlace } from '../casebook/casebook.ts'
import { modelInfo } from '../inference/model-info.ts'
import { rereadCells, sourceFor } from '../scan/reread.ts'
import type { Slide } from '../slide/slide.ts'
import type { BorrowedModel } from './shared-model.ts'

/** Less done than this and nobody can say how long the rest takes. */
const TELLING_CELLS = 50

export interface RereadRequest {
  readonly casebook: Casebook
  readonly runId: number
  readonly slide: Pick<Slide, 'field'>
  readonly model: BorrowedModel
  readonly signal?: AbortSignal
}

/**
 * Reads the cells of a run that the model has not named yet, field by field; each field is kept as soon as it is read. Rejects with
 * the signal's reason once it is aborted, `not-found`, `image-unreadable`, and what the casebook's writes throw.
 */
export async function* rereadRun(request: RereadRequest): AsyncGenerator<RereadEvent, void> {
  const { casebook, runId, slide, model, signal } = request
  const { classifier } = model
  const plan = casebook.runPlan(runId)
  const { sizePx, pixelSizeUm } = classifier.manifest.input
  const source = sourceFor({ inputPx: sizePx, pixelSizeUm }, plan.pixelSizeUm)
  const reading = { info: modelInfo(classifier), provider: classifier.provider }
  const modelId = casebook.beginReading(runId, reading, source)
  const fields = new Map(casebook.fields(runId).map((field) => [field.index, field]))
  const toRead = casebook.cellsToRead(runId, modelId)
  const startedMs = performance.now()
  let done = 0
  for (const cells of byField(toRead)) {
    signal?.throwIfAborted()
    const secondsLeft =
      done < TELLING_CELLS ? null : (((performance.now() - startedMs) / done) * (toRead.length - done)) / 1000
    yield { state: 'working', done, of: toRead.length, secondsLeft }
    const field = fields.get(cells[0].field)!
    const said = await rereadCells({ casebook, classifier, plan, slide, source }, field, cells)
    casebook.addPredictions(modelId, said)
    done += cells.length
  }
  if (toRead.length > 0) casebook.endReading(runId, modelId)
  const made = casebook.readings(runId).find((each) => each.modelId === modelId)!
  yield { state: 'ready', reading: made, agreement: { ...casebook.agreement(runId, modelId) } }
}

function* byField(cells: readonly CellPlace[]): Generator<CellPlace[], void> {
  let start = 0
  for (let end = 1; end <= cells.length; end++) {
    if (end < cells.length && cells[end].field === cells[start].field) continue
    yield cells.slice(start, end)
    start = end
  }
}
