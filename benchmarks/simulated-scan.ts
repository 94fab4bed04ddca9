import { rigName } from '../src/main/bench/calibrations-in-use.ts'
import type { Casebook } from '../src/main/casebook/casebook.ts'
import { openCasebook } from '../src/main/casebook/open-casebook.ts'
import type { SimulatedRig } from '../src/main/microscope/simulated-rig.ts'
import type { CalibrationResult } from '../src/shared/contract/calibration.ts'
import type { ModelVariant } from '../src/shared/contract/models.ts'
import type { RunSummary } from '../src/shared/contract/runs.ts'
import type { Rect, StageUm } from '../src/shared/geometry.ts'
import { LENT_RIG, openRunsOn } from '../test/support/lent-rig.ts'
import { inThrowAwayFolder } from './throw-away.ts'

export interface SimulatedScan {
  readonly rig: SimulatedRig
  /** What is scanned; null: the rig's own area. */
  readonly area: Rect<StageUm> | null
  /** A model package's folder; null: the one a bench would take. */
  readonly model: string | null
  /** null: the graph a bench would take. */
  readonly precision?: ModelVariant | null
  readonly targetCells: number | null
  /** What is known of the rig. */
  readonly calibrations?: readonly CalibrationResult[]
  /** It is stopped after this many; null: it goes on to its end. */
  readonly fields: number | null
  /** Told after each call of the casebook, with the time it took. */
  readonly onCasebook?: (call: keyof Casebook, ms: number) => void
  /** Before anything is closed: the run, when its last field was committed (`performance.now()`). */
  readonly onEnd?: (run: RunSummary, committedMs: number) => void
}

/** A scan by a bench's own run manager in a data folder that is thrown away, followed as the window follows it. Closes the rig. */
export function scanSimulated(scan: SimulatedScan): Promise<RunSummary> {
  return inThrowAwayFolder((folder) => scanInto(folder, scan))
}

async function scanInto(folder: string, scan: SimulatedScan): Promise<RunSummary> {
  let committedMs = 0
  const casebook = timed(openCasebook(folder), (call, ms) => {
    if (call === 'commitField') committedMs = performance.now()
    scan.onCasebook?.(call, ms)
  })
  for (const result of scan.calibrations ?? []) casebook.addCalibration(rigName(LENT_RIG), null, result)
  const { runs, close } = openRunsOn({
    dataFolder: folder,
    casebook,
    model: scan.model,
    precision: scan.precision,
    // Bound once it is watched: methods that were replaced on the rig's parts stay replaced.
    lend: () => ({ ...scan.rig, area: scan.area ?? scan.rig.area, close: () => scan.rig.close() }),
  })
  try {
    const { runId } = await runs.start({
      rig: LENT_RIG,
      targetCells: scan.targetCells,
      stopWhen: [],
      caseId: null,
      area: null,
      order: 'serpentine',
    })
    let told = false
    for await (const { run, obstacle } of runs.events(runId)) {
      if (run.failure ?? obstacle) throw new Error((run.failure ?? obstacle)!.message)
      if (run.state === 'scanning' && scan.fields !== null && run.fields >= scan.fields && !told) {
        told = true
        void runs.stop(runId)
      }
    }
    const run = casebook.run(runId)
    scan.onEnd?.(run, committedMs)
    return run
  } finally {
    await close()
    casebook.close()
  }
}

function timed(casebook: Casebook, onCall: (call: keyof Casebook, ms: number) => void): Casebook {
  return new Proxy(casebook, {
    get(target, name: keyof Casebook) {
      const call = target[name] as (...args: unknown[]) => unknown
      return (...args: unknown[]) => {
        const startMs = performance.now()
        try {
          return call(...args)
        } finally {
          onCall(name, performance.now() - startMs)
        }
      }
    },
  })
}
