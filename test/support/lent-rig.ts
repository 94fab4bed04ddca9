import pino from 'pino'
import { LiveView } from '../../src/main/bench/live-view.ts'
import { Models } from '../../src/main/bench/models.ts'
import { RuleBook } from '../../src/main/bench/rule-book.ts'
import { RunManager } from '../../src/main/bench/run-manager.ts'
import { Slides } from '../../src/main/bench/slides.ts'
import type { Casebook } from '../../src/main/casebook/casebook.ts'
import type { StageRig } from '../../src/main/microscope/rig.ts'
import { openAnalyser } from '../../src/main/vision/analyser.ts'
import type { StageRigSettings } from '../../src/shared/contract/microscope.ts'
import type { ModelVariant } from '../../src/shared/contract/models.ts'

/** What a run over a lent rig says of it. */
export const LENT_RIG: Extract<StageRigSettings, { kind: 'simulated' }> = {
  ...{ kind: 'simulated', profile: 'normal', seed: 1, timeScale: 1 },
  ...{ mount: null, stage: 'good', objective: null },
}

export interface LentRig {
  readonly dataFolder: string
  /** Stays open. */
  readonly casebook: Casebook
  /** A model package's folder; null: the one a bench would take. */
  readonly model: string | null
  /** null: the graph a bench would take. */
  readonly precision?: ModelVariant | null
  /** The rig that is scanned with, whatever a run's settings say. */
  readonly lend: () => StageRig
}

/** A bench's own run manager, with a rig that somebody else opened. */
export function openRunsOn({ dataFolder, casebook, model, precision = null, lend }: LentRig) {
  const log = pino({ level: 'silent' })
  const analyser = openAnalyser()
  const models = new Models(dataFolder, { model, precision, provider: 'auto' }, log)
  const runs = new RunManager({
    dataFolder,
    casebook,
    slides: new Slides({ dataFolder, casebook, log }),
    analyser: () => analyser,
    models,
    live: new LiveView(),
    ruleBook: new RuleBook(),
    lend: async () => lend(),
    log,
  })
  const close = async () => {
    await runs.close()
    await analyser.close()
    await models.close()
  }
  return { runs, close }
}
