import { ORPCError } from '@orpc/client'
import type { Differential } from '../../shared/contract/differential.ts'
import type { BenchClient } from '../../shared/contract/index.ts'
import type { PixelSizeEstimate } from '../../shared/contract/pixel-size.ts'
import type { RunSummary } from '../../shared/contract/runs.ts'
import { estimateWords } from '../../shared/pixel-size-words.ts'
import { slideShiftWords } from '../../shared/slide-shift-words.ts'
import { standingWords } from '../../shared/stopping/words.ts'
import { countTruth, differentialText, type TruthCount } from './differential-text.ts'
import { RunStopped, toFailure } from './failure.ts'
import type { Output } from './output.ts'
import { Progress } from './progress.ts'

/** Exit status of a program ended by SIGINT: 128 + 2. */
const EXIT_INTERRUPTED = 130

/** What `scan` and `resume` tell: the shape plus the truth where the rig was simulated. */
export interface ScanResult extends Readonly<Record<string, unknown>> {
  readonly runId: number
  readonly caseId: number
  readonly stopped: RunSummary['stopped']
  /** What it was to stop by, and what ended it. */
  readonly targetCells: number | null
  readonly stopWhen: RunSummary['stopWhen']
  readonly stoppedBy: RunSummary['stoppedBy']
  readonly fields: number
  readonly fieldsLeftOut: number
  readonly flags: RunSummary['flags']
  readonly slideShift: RunSummary['slideShift']
  readonly cells: number
  readonly counted: number
  readonly differential: ReadonlyArray<
    Pick<Differential['rows'][number], 'class' | 'count' | 'percent' | 'low' | 'high'>
  >
  readonly meRatio: Differential['meRatio']
  readonly excluded: Differential['excluded']
  readonly leftOut: Differential['leftOut']
  readonly unclassified: number
  /** What of it lies where a person, or another run, had counted before, in sentences; empty: nothing. */
  readonly countedBefore: readonly string[]
  readonly truth?: readonly TruthCount[]
  readonly pixelSizeUm: number
  /** null: the pixel size was stated, or belongs to the rig. */
  readonly pixelSizeEstimate: PixelSizeEstimate | null
  readonly model: string | null
  readonly dataFolder: string
}

/**
 * Starts or resumes a run and shows its progress until it is over. SIGINT and SIGTERM pause it (a watched folder has no other
 * end: there they finish it), a second one leaves at once; either way the run can be resumed. Rejects `RunStopped`.
 */
export async function followRun(
  client: BenchClient,
  begin: () => Promise<RunSummary>,
  output: Output,
): Promise<RunSummary> {
  const progress = new Progress()
  let runId: number | null = null
  let interrupted = false
  let isHindered = false
  const pause = (id: number) => {
    pauseOrStop(client, id).catch((error: unknown) => {
      // A run that ended by itself in the same moment tells so by its last event.
      if (!(error instanceof ORPCError && error.code === 'run-not-active')) output.note(toFailure(error).message)
    })
  }
  const interrupt = () => {
    if (interrupted) leaveAtOnce()
    interrupted = true
    progress.end()
    output.note('Finishing the fields in work; once more to leave at once.')
    if (runId !== null) pause(runId)
  }
  // Before the run begins: there is no moment in which a signal would end the process without a word.
  process.on('SIGINT', interrupt)
  process.on('SIGTERM', interrupt)
  try {
    const begun = await begin()
    runId = begun.runId
    let toldShift = JSON.stringify(begun.slideShift)
    if (interrupted) pause(runId)
    for await (const event of await client.runs.events({ runId })) {
      const { run, obstacle } = event
      if (obstacle && !isHindered) {
        progress.end()
        output.note(`Paused. ${obstacle.message} ${obstacle.remedy} Ctrl-C ends it, to be resumed later.`)
      }
      isHindered = obstacle !== null
      if (run.slideShift && JSON.stringify(run.slideShift) !== toldShift) {
        toldShift = JSON.stringify(run.slideShift)
        progress.end()
        output.note(slideShiftWords(run.slideShift, 'um'))
      }
      progress.show(event)
      if (run.state === 'finished') return run
      if (run.state === 'failed') throw new RunStopped(failureOf(run), runId, 1)
      if (run.state === 'paused' && interrupted) throw new RunStopped(interruption(runId), runId, EXIT_INTERRUPTED)
    }
    const run = await client.runs.get({ runId })
    if (run.state === 'finished') return run
    throw new RunStopped(failureOf(run), runId, 1)
  } finally {
    progress.end()
    process.off('SIGINT', interrupt)
    process.off('SIGTERM', interrupt)
  }
}

/** By the signal itself: `process.exit` would first end the threads, which native code in them may not survive. */
function leaveAtOnce(): void {
  process.removeAllListeners('SIGINT')
  process.kill(process.pid, 'SIGINT')
}

async function pauseOrStop(client: BenchClient, runId: number): Promise<void> {
  const { rig } = await client.runs.get({ runId })
  if (rig.kind === 'folder' && rig.watch) await client.runs.stop({ runId })
  else await client.runs.pause({ runId })
}

function interruption(runId: number) {
  return {
    code: 'interrupted',
    message: `The run was paused by hand; every field so far is saved.`,
    remedy: `Continue it with \`npm run -s medulla -- resume ${runId}\` and the same --data.`,
  }
}

function failureOf(run: RunSummary) {
  const { code, message, remedy } = run.failure ?? {
    code: 'interrupted',
    message: 'The run stopped before its end.',
    remedy: 'Look at `npm run -s medulla -- doctor`.',
  }
  return { code, message, remedy: `${remedy} Then continue with \`npm run -s medulla -- resume ${run.runId}\`.` }
}

/** Gathers what a finished run found. */
export async function scanResult(client: BenchClient, run: RunSummary, dataFolder: string) {
  const { runId } = run
  const differential = await client.runs.differential({ runId, view: 'machine' })
  const { pixelSizeUm, pixelSizeEstimate } = await client.slide.info({ runId })
  const { sentences } = await client.tally.ofRun({ runId })
  const truth = run.rig.kind === 'simulated' ? countTruth((await client.cells.truth({ runId })).cells) : null
  const result: ScanResult = {
    runId,
    caseId: run.caseId,
    stopped: run.stopped,
    targetCells: run.targetCells,
    stopWhen: run.stopWhen,
    stoppedBy: run.stoppedBy,
    fields: run.fields,
    fieldsLeftOut: run.fieldsLeftOut,
    flags: run.flags,
    slideShift: run.slideShift,
    cells: run.cells,
    cellsLeftOut: run.cellsLeftOut,
    counted: differential.counted,
    differential: differential.rows.map((row) => ({
      class: row.class,
      count: row.count,
      percent: row.percent,
      low: row.low,
      high: row.high,
    })),
    meRatio: differential.meRatio,
    excluded: differential.excluded,
    leftOut: differential.leftOut,
    unclassified: differential.unclassified,
    countedBefore: sentences,
    ...(truth && { truth }),
    pixelSizeUm,
    pixelSizeEstimate,
    model: run.model,
    dataFolder,
  }
  const text = () =>
    [
      `Run ${runId}: ${run.cells} cells in ${run.fields} fields, ${stopText(run)}. Model ${run.model ?? 'none'}.`,
      ...(pixelSizeEstimate ? [`Pixel size ${pixelSizeUm} um: ${estimateWords(pixelSizeEstimate, 'um')}.`] : []),
      ...sentences,
      ...(run.slideShift ? [slideShiftWords(run.slideShift, 'um')] : []),
      ...run.flags.map(({ words, field }) => `From field ${field} on: ${words}`),
      '',
      differentialText(differential, truth),
    ].join('\n')
  return { result, text }
}

function stopText(run: RunSummary): string {
  if (run.stoppedBy) return `stopped: ${run.stoppedBy.map(standingWords).join('; ')}`
  if (run.stopped === 'cells') return `stopped at ${run.targetCells} counted cells`
  return run.stopped === 'region' ? 'nothing left to scan' : 'stopped by hand'
}
