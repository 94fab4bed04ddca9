import { mkdirSync } from 'node:fs'
import { createRouterClient } from '@orpc/server'
import { RPCHandler } from '@orpc/server/fetch'
import type { BenchClient } from '../../shared/contract/index.ts'
import type { ModelVariant } from '../../shared/contract/models.ts'
import { acquireBenchLock } from '../casebook/bench-lock.ts'
import type { Casebook } from '../casebook/casebook.ts'
import { openCasebook } from '../casebook/open-casebook.ts'
import { dataUnwritable, diskError } from '../disk-errors.ts'
import type { Provider } from '../inference/providers.ts'
import { helpersStepBack } from '../thread-priority.ts'
import { openAnalyser } from '../vision/analyser.ts'
import type { Analyser } from '../vision/analysis.ts'
import { toBoundaryError } from './boundary-errors.ts'
import { CellMaps } from './cell-maps.ts'
import { LiveView } from './live-view.ts'
import { openLog } from './log.ts'
import { MicroscopeLog } from './microscope/microscope-log.ts'
import { RigKeeper } from './microscope/rig-keeper.ts'
import { RigShelf } from './microscope/rig-shelf.ts'
import { modelSettings } from './model-settings.ts'
import { Models } from './models.ts'
import { OverviewManager } from './overview/overview-manager.ts'
import { answerPicture } from './pictures.ts'
import { createRouter } from './router.ts'
import { RuleBook } from './rule-book.ts'
import { RunManager } from './run-manager.ts'
import { Slides } from './slides.ts'

export interface BenchOptions {
  /** Where everything is kept; made if it is not there. */
  readonly dataFolder: string
  /** A model package's folder, or NAME[@VERSION] of one that was added; null or absent: the one chosen in the data folder. */
  readonly model?: string | null
  /** Which of the package's graphs; null or absent: as chosen, MEDULLA_PRECISION where that is set. */
  readonly precision?: ModelVariant | null
  /** What the model runs on; absent: the best there is, MEDULLA_PROVIDER where that is set. */
  readonly provider?: Provider | 'auto'
}

/** The one process part that owns devices, model, database and slides. Knows neither Electron nor HTTP servers. */
export interface Bench {
  /** The contract, called in this process. */
  readonly client: BenchClient
  /** The contract under /rpc, tiles, crops and the newest frame; 404 for anything else. */
  handle(request: Request): Promise<Response>
  /** A run that goes on becomes interrupted: it can be resumed. */
  close(): Promise<void>
}

/** Rejects what `openCasebook` rejects, and `data-unwritable`. A model that cannot be used is met when it is needed. */
export async function openBench(options: BenchOptions): Promise<Bench> {
  const { dataFolder } = options
  const settings = modelSettings(options)
  makeFolder(dataFolder)
  helpersStepBack()
  const casebook = openCasebook(dataFolder)
  const log = openLog(dataFolder)
  interruptOrphans(dataFolder, casebook)
  const live = new LiveView()
  const models = new Models(dataFolder, settings, log)
  const analyser = lazily(() => openAnalyser())
  const ruleBook = new RuleBook()
  const keeper = new RigKeeper(live, new MicroscopeLog(dataFolder))
  const slides = new Slides({ dataFolder, casebook, log })
  const runs = new RunManager({
    dataFolder,
    casebook,
    slides,
    live,
    lend: (settings) => keeper.lend(settings),
    log,
    ruleBook,
    analyser: analyser.get,
    models,
  })
  const overviews = new OverviewManager({ dataFolder, casebook, analyser: analyser.get, keeper, live, log })
  const maps = new CellMaps(casebook)
  const router = createRouter({
    dataFolder,
    casebook,
    runs,
    slides,
    ruleBook,
    maps,
    analyser: analyser.get,
    models,
    keeper,
    shelf: new RigShelf(dataFolder),
    live,
    overviews,
    log,
  })
  const handler = new RPCHandler(router, {
    clientInterceptors: [
      async ({ next }) => {
        try {
          return await next()
        } catch (error) {
          throw toBoundaryError(error, log)
        }
      },
    ],
  })

  return {
    client: createRouterClient(router, {
      interceptors: [
        async ({ next }) => {
          try {
            return await next()
          } catch (error) {
            throw toBoundaryError(error, log)
          }
        },
      ],
    }),
    async handle(request) {
      const { matched, response } = await handler.handle(request, { prefix: '/rpc' })
      if (matched) return response
      return answerPicture(request, { casebook, slides, live })
    },
    async close() {
      keeper.closing()
      await overviews.close()
      await runs.close()
      await slides.close()
      await keeper.close()
      await maps.close()
      await (analyser.made as Analyser | null)?.close()
      await models.close()
      casebook.close()
    },
  }
}

function makeFolder(dataFolder: string): void {
  try {
    mkdirSync(dataFolder, { recursive: true })
  } catch (cause) {
    throw diskError(cause, dataFolder) ?? dataUnwritable(dataFolder, cause)
  }
}

/** Runs whose process vanished are told apart from runs that go on in another process: that one holds the lock. */
function interruptOrphans(dataFolder: string, casebook: Casebook): void {
  let lock: { release(): void }
  try {
    lock = acquireBenchLock(dataFolder)
  } catch {
    return
  }
  try {
    casebook.markInterrupted()
  } finally {
    lock.release()
  }
}

function lazily<T>(make: () => T): { readonly get: () => T; readonly made: T | null } {
  let made: T | null = null
  return {
    get: () => {
      made ??= make()
      return made
    },
    get made() {
      return made
    },
  }
}
