import type { StartRun } from '../../shared/contract/runs.ts'
import type { StopRequest } from '../../shared/stopping/rules.ts'
import { DEFAULT_TARGET_CELLS } from '../../shared/taxonomy.ts'
import type { ScanRequest } from '../features/new-scan/scan-form.ts'
import { bench } from './bench.ts'
import { desk, isRunning } from './desk.ts'
import { announce, showError, showProblem } from './notices.ts'
import { describeProblem, type Problem } from './problem.ts'
import { openRun, refreshCases } from './run-link.ts'
import { takeTurns } from './turns.ts'

/** What the "Scan a simulated smear" button of an empty desk starts. */
export const FIRST_SCAN: StartRun = {
  rig: { kind: 'simulated', profile: 'normal', seed: 1, timeScale: 1, mount: null, stage: 'good', objective: null },
  targetCells: DEFAULT_TARGET_CELLS,
  stopWhen: [],
  caseId: null,
  area: null,
  order: 'serpentine',
}

/**
 * Start, pause, resume, stop. They wait for each other and for no correction: a scan is stopped when a person says so. Each is about the run that
 * was shown, and its state then: a second press of Space pauses what is being paused, it does not resume it.
 */
const turns = takeTurns(8, {
  changed: (waiting) => desk.set({ busy: waiting.at(-1) ?? null }),
  failed: showError,
  turnedDown: () =>
    showProblem({
      message: 'The bench has not answered what was asked of the scan before.',
      remedy: 'Wait a moment, then press again.',
      code: null,
    }),
})

/** Answers what was in the way instead of showing it, null: nothing. */
async function askFor(what: string, work: () => Promise<void>): Promise<Problem | null> {
  let problem: Problem | null = null
  await turns.ask(what, async () => {
    try {
      await work()
    } catch (error) {
      problem = describeProblem(error)
    }
  })
  return problem
}

export const startScan = (settings: StartRun): Promise<boolean> =>
  turns.askOnce('starting', async () => {
    const run = await bench.runs.start(settings)
    await refreshCases()
    openRun(run.runId)
    announce('Scan started.')
  })

/** Starts what the dialog asked for, its case first; answers what was in the way, null: nothing. */
export const startScanOf = ({ run, newCase }: ScanRequest): Promise<Problem | null> =>
  askFor('starting', async () => {
    const caseId = newCase ? (await bench.cases.create(newCase)).caseId : run.caseId
    const started = await bench.runs.start({ ...run, caseId })
    await refreshCases()
    openRun(started.runId)
    announce('Scan started.')
  })

/** @param anyway although the last field does not look as it did. */
export async function resumeScan(anyway = false): Promise<void> {
  const { run } = desk.get()
  if (!run) return
  await turns.askOnce('resuming', async () => {
    await bench.runs.resume({ runId: run.runId, anyway })
    openRun(run.runId)
    announce('Scan resumed.')
  })
}

/** Gives a run that is over another end and goes on with it; answers what was in the way, null: nothing. */
export async function continueScan(stop: StopRequest): Promise<Problem | null> {
  const { run } = desk.get()
  if (!run) return null
  return askFor('resuming', async () => {
    await bench.runs.resume({ runId: run.runId, stop })
    openRun(run.runId)
    announce('Scan goes on.')
  })
}

export async function pauseScan(): Promise<void> {
  const { run } = desk.get()
  if (run?.state !== 'scanning') return
  await turns.askOnce('pausing', async () => {
    showIfOpen(await bench.runs.pause({ runId: run.runId }))
    announce('Scan paused.')
  })
}

export async function stopScan(): Promise<void> {
  const { run } = desk.get()
  if (!run || !isRunning(run)) return
  await turns.askOnce('stopping', async () => {
    showIfOpen(await bench.runs.stop({ runId: run.runId }))
    announce('Scan stops once the fields in work are committed.')
  })
}

/** Another run may have been opened while the bench answered. */
function showIfOpen(run: Awaited<ReturnType<typeof bench.runs.stop>>): void {
  if (desk.get().run?.runId === run.runId) desk.set({ run })
}

/** Pauses what scans, resumes what can be resumed. */
export function pauseOrResume(): void {
  const state = desk.get().run?.state
  if (state === 'scanning') void pauseScan()
  else if (state === 'paused' || state === 'interrupted' || state === 'failed') void resumeScan()
}
