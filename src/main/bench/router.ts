import { implement } from '@orpc/server'
import type { Logger } from 'pino'
import packageJson from '../../../package.json' with { type: 'json' }
import { contract } from '../../shared/contract/index.ts'
import type { ModelInfo } from '../../shared/contract/models.ts'
import type { RunSummary } from '../../shared/contract/runs.ts'
import { RESEARCH_USE_ONLY } from '../../shared/taxonomy.ts'
import type { Casebook } from '../casebook/casebook.ts'
import { modelInfo } from '../inference/model-info.ts'
import { findCameras } from '../microscope/camera/find-cameras.ts'
import { findControllers } from '../microscope/stage/find-controllers.ts'
import { evaluateCrops, evaluateFields } from '../reference/evaluate.ts'
import { estimateIn } from '../scan/folder-plan.ts'
import { slideGeometry } from '../slide/geometry.ts'
import { TILE_SIZE_PX } from '../slide/slide.ts'
import type { Analyser } from '../vision/analysis.ts'
import { asMedullaError } from './boundary-errors.ts'
import { calibrationProcedures } from './calibrations.ts'
import type { CellMaps } from './cell-maps.ts'
import { Differentials } from './differentials.ts'
import { examine } from './doctor.ts'
import { evidenceProcedures } from './evidence-procedures.ts'
import { fieldProcedures } from './field-procedures.ts'
import { classifyImages, detectImages } from './images.ts'
import type { LiveView } from './live-view.ts'
import { microscopeProcedures, rigProcedures } from './microscope/microscope-procedures.ts'
import type { RigKeeper } from './microscope/rig-keeper.ts'
import type { RigShelf } from './microscope/rig-shelf.ts'
import { modelProcedures } from './model-procedures.ts'
import type { Models } from './models.ts'
import type { OverviewManager } from './overview/overview-manager.ts'
import { overviewProcedures } from './overview/overview-procedures.ts'
import { readingProcedures } from './reading-procedures.ts'
import type { RuleBook } from './rule-book.ts'
import type { RunManager } from './run-manager.ts'
import { searchProcedures } from './search-procedures.ts'
import type { Slides } from './slides.ts'
import { stoppingProcedures } from './stopping-procedures.ts'
import { tallyProcedures } from './tally/tally-procedures.ts'
import { truthOf } from './truth.ts'

export interface RouterParts {
  readonly dataFolder: string
  readonly casebook: Casebook
  readonly runs: RunManager
  readonly slides: Slides
  readonly ruleBook: RuleBook
  readonly maps: CellMaps
  readonly analyser: () => Analyser
  readonly models: Models
  readonly keeper: RigKeeper
  readonly shelf: RigShelf
  readonly live: LiveView
  readonly overviews: OverviewManager
  readonly log: Logger
}

/** The contract over the bench's parts. Errors are translated where they cross the boundary (`boundary-errors.ts`). */
export function createRouter(parts: RouterParts) {
  const { dataFolder, casebook, runs, slides, ruleBook, maps, analyser, models, log } = parts
  const os = implement(contract)

  /** The model, or why there is none. */
  const modelState = async () => {
    try {
      const { classifier, passedOver, giveBack } = await models.borrow()
      giveBack()
      return { model: classifier, passedOver: [...passedOver], problem: null }
    } catch (error) {
      const { message, detail } = asMedullaError(error, log)
      return { model: null, passedOver: [], problem: { message, remedy: detail.remedy } }
    }
  }

  /** What the run's model said of itself; null: no model, or one that is unknown by now. */
  const modelOfRun = async (run: RunSummary): Promise<ModelInfo | null> => {
    const kept = casebook.runModel(run.runId)
    if (kept || !run.graph) return kept
    // Runs of earlier versions kept no more than the hash.
    const { model } = await modelState()
    return model?.sha256 === run.graph.sha256 ? modelInfo(model) : null
  }
  const differentials = new Differentials(casebook, async (run, modelId) =>
    modelId === null ? modelOfRun(run) : casebook.readingModel(run.runId, modelId),
  )

  return os.router({
    system: {
      info: os.system.info.handler(async () => {
        const { model, passedOver, problem } = await modelState()
        return {
          version: packageJson.version,
          dataFolder,
          model: model && modelInfo(model),
          inference: model && { variant: model.variant, provider: model.provider, passedOver },
          modelProblem: problem,
          activeRunId: runs.activeRunId,
          researchUseOnly: RESEARCH_USE_ONLY,
        }
      }),
      doctor: os.system.doctor.handler(async () => {
        await models.forgetProviders()
        return examine({ dataFolder, casebook, modelState })
      }),
    },
    cases: {
      list: os.cases.list.handler(() => ({ cases: casebook.listCases() })),
      create: os.cases.create.handler(({ input }) => casebook.createCase(input)),
    },
    runs: {
      start: os.runs.start.handler(({ input }) => runs.start(input)),
      pause: os.runs.pause.handler(({ input }) => runs.pause(input.runId)),
      resume: os.runs.resume.handler(({ input }) => runs.resume(input.runId, input.stop, input.anyway)),
      stop: os.runs.stop.handler(({ input }) => runs.stop(input.runId)),
      get: os.runs.get.handler(({ input }) => runs.run(input.runId)),
      differential: os.runs.differential.handler(({ input }) =>
        differentials.of(input.runId, input.view, input.modelId),
      ),
      ...stoppingProcedures({ casebook, runs, ruleBook, modelOfRun }),
      ...readingProcedures({ casebook, models, slides, log }),
      events: os.runs.events.handler(({ input, signal }) => runs.events(input.runId, signal)),
    },
    cells: {
      list: os.cells.list.handler(({ input }) => {
        casebook.run(input.runId)
        return { cells: casebook.cells(input.runId, input.modelId) }
      }),
      changes: os.cells.changes.handler(({ input }) => {
        casebook.run(input.runId)
        const cells = casebook.changedCells(input.runId, input.after, input.limit, input.modelId)
        return { cells, revision: cells.at(-1)?.revision ?? input.after, more: cells.length === input.limit }
      }),
      relabel: os.cells.relabel.handler(({ input }) => {
        const cells = casebook.relabel(input.cellIds, input.class, input.reader, input.why)
        runs.labelled(cells)
        return { cells }
      }),
      undo: os.cells.undo.handler(({ input }) => {
        const cells = casebook.undo(input.cellIds, input.reader)
        runs.labelled(cells)
        return { cells }
      }),
      truth: os.cells.truth.handler(async ({ input }) => {
        const run = casebook.run(input.runId)
        return { cells: await truthOf(run, casebook.fields(input.runId), casebook.runPlan(input.runId).plan) }
      }),
    },
    fields: fieldProcedures(parts),
    slide: {
      info: os.slide.info.handler(({ input }) => {
        casebook.run(input.runId)
        const { slideWidthPx, slideHeightPx, pixelSizeUm, plan } = casebook.runPlan(input.runId)
        const geometry = slideGeometry(slideWidthPx, slideHeightPx)
        const pixelSizeEstimate = estimateIn(plan)
        return { ...geometry, runId: input.runId, pixelSizeUm, pixelSizeEstimate, tileSizePx: TILE_SIZE_PX }
      }),
      fields: os.slide.fields.handler(({ input }) => {
        casebook.run(input.runId)
        const fields = casebook.fields(input.runId, input.after)
        return { fields, revision: fields.reduce((newest, field) => Math.max(newest, field.revision), input.after) }
      }),
      stitches: os.slide.stitches.handler(({ input }) => {
        casebook.run(input.runId)
        return { stitches: casebook.stitches(input.runId, input.after) }
      }),
    },
    evidence: evidenceProcedures({ casebook, maps, models, modelOfRun, log }),
    search: searchProcedures({ casebook, modelOfRun }),
    tally: tallyProcedures(parts),
    reference: {
      evaluateCrops: os.reference.evaluateCrops.handler(({ input }) =>
        models.with((classifier) => evaluateCrops(input, classifier)),
      ),
      evaluateFields: os.reference.evaluateFields.handler(async ({ input }) =>
        models.with((classifier) => evaluateFields(input.folder, input.pixelSizeUm, analyser(), classifier)),
      ),
    },
    devices: {
      list: os.devices.list.handler(async ({ input }) => {
        const [ports, { cameras, notes }] = await Promise.all([findControllers(input), findCameras()])
        return { ports, cameras, cameraNotes: notes }
      }),
    },
    rigs: rigProcedures(parts),
    microscope: microscopeProcedures(parts),
    calibration: calibrationProcedures(parts),
    overview: overviewProcedures(parts),
    models: modelProcedures({ models, casebook, log }),
    images: {
      detect: os.images.detect.handler(({ input }) => detectImages(input, analyser())),
      classify: os.images.classify.handler(({ input }) =>
        models.with((classifier) => classifyImages(input, analyser(), classifier)),
      ),
    },
  })
}
