import type { Logger } from 'pino'
import type { Cell } from '../../shared/contract/cells.ts'
import type { RigSettings } from '../../shared/contract/rig-settings.ts'
import type { RunEvent, RunSummary, StartRun } from '../../shared/contract/runs.ts'
import { MedullaError } from '../../shared/errors.ts'
import type { StopRequest } from '../../shared/stopping/rules.ts'
import { acquireBenchLock } from '../casebook/bench-lock.ts'
import type { Casebook } from '../casebook/casebook.ts'
import { modelInfo } from '../inference/model-info.ts'
import { DiskRoom } from '../scan/disk-room.ts'
import type { FieldSource } from '../scan/field-source.ts'
import { fieldsToGo } from '../scan/fields-to-go.ts'
import { createLook } from '../scan/look.ts'
import { FieldPlacer } from '../scan/registration/field-placer.ts'
import { openRegistrar } from '../scan/registration/registrar.ts'
import { Scan, type ScanOutcome } from '../scan/scan.ts'
import { StopWatch } from '../scan/stop-watch.ts'
import { secondsLeft } from '../scan/time-left.ts'
import { ByteCache } from '../slide/byte-cache.ts'
import type { FieldPicture } from '../slide/slide.ts'
import type { Analyser } from '../vision/analysis.ts'
import { asMedullaError } from './boundary-errors.ts'
import { accessionFor } from './case-names.ts'
import { FieldsTold } from './fields-told.ts'
import type { LiveView } from './live-view.ts'
import type { Models } from './models.ts'
import { mayContinue, type RuleBook } from './rule-book.ts'
import { RunEvents } from './run-events.ts'
import { type Lend, openSession, reopenSession, type Session } from './session.ts'
import type { BorrowedModel } from './shared-model.ts'
import type { Slides } from './slides.ts'

/** Pictures of a good ten fields: more than are committed between two events. */
const PICTURES_BYTES = 256 * 1024

/** What a case made for a run says of its slide. */
function slideWords(rig: RigSettings): { specimen: string; stain: string } {
  const simulated = rig.kind === 'simulated' || (rig.kind === 'microscope' && rig.rig.camera.kind === 'simulated')
  if (simulated) return { specimen: 'Simulated marrow smear', stain: 'May-Gruenwald-Giemsa (simulated)' }
  return { specimen: rig.kind === 'folder' ? 'Images of a smear' : 'Smear', stain: 'not stated' }
}

export interface RunParts {
  readonly dataFolder: string
  readonly casebook: Casebook
  readonly analyser: () => Analyser
  readonly models: Pick<Models, 'borrow' | 'borrowFor'>
  readonly slides: Slides
  readonly live: LiveView
  readonly ruleBook: RuleBook
  readonly lend: Lend
  readonly log: Logger
}

/** What a run is launched with. */
interface Launch {
  readonly session: Session
  readonly model: BorrowedModel
  readonly lock: { release(): void }
  /** Whether its last field has to look as it did. */
  readonly compare: boolean
}

interface ActiveRun {
  readonly runId: number
  readonly scan: Scan
  readonly source: FieldSource
  readonly stop: StopWatch
  /** Of the fields committed last, by index: an event that tells of one takes its picture along. */
  readonly pictures: ByteCache<FieldPicture>
  /** As the casebook has it, or was to have it. */
  notedState: 'scanning' | 'paused'
  readonly done: Promise<void>
}

/** The one run that may go on at a time in a data folder, and the state of all others. */
export class RunManager {
  readonly #parts: RunParts
  readonly #events = new RunEvents()
  #active: ActiveRun | null = null
  #starting = false
  /** Ends that a full disk kept out of the casebook, by run: told all the same. A next process finds such a run interrupted. */
  readonly #unrecorded = new Map<number, Pick<RunSummary, 'state' | 'failure'>>()

  constructor(parts: RunParts) {
    this.#parts = parts
  }

  get activeRunId(): number | null {
    return this.#active?.runId ?? null
  }

  run(runId: number): RunSummary {
    const run = this.#parts.casebook.run(runId)
    if (this.#active?.runId !== runId) return { ...run, ...this.#unrecorded.get(runId) }
    // Also where the casebook could not be told.
    return run.state === 'scanning' || run.state === 'paused' ? { ...run, state: this.#active.notedState } : run
  }

  /** Until now, of the run that goes on; null: another, or none. */
  scanningSeconds(runId: number): number | null {
    return this.#active?.runId === runId ? this.#active.stop.scanningMs / 1000 : null
  }

  async start(request: StartRun): Promise<RunSummary> {
    return this.#exclusively(async (lock) => {
      const model = await this.#parts.models.borrow()
      return this.#withSession(
        model,
        lock,
        () => {
          this.#parts.ruleBook.require(request.stopWhen, modelInfo(model.classifier), request.rig)
          return openSession(request, this.#parts)
        },
        async (session) => {
          await this.#room(null, session).require(needed(request, session))
          return this.#parts.casebook.createRun({
            ...request,
            ...session.plan,
            caseId: request.caseId ?? this.#newCase(request),
            model: { info: modelInfo(model.classifier), provider: model.classifier.provider },
          })
        },
      )
    })
  }

  pause(runId: number): RunSummary {
    const { scan } = this.#requireActive(runId)
    scan.pause()
    return this.run(runId)
  }

  /**
   * @param stop what it stops by from now on; null: as before.
   * @param anyway although the last field may not look as it did.
   */
  async resume(runId: number, stop: StopRequest | null = null, anyway = false): Promise<RunSummary> {
    const { casebook } = this.#parts
    const run = casebook.run(runId)
    if (this.#active?.runId === runId) {
      if (stop !== null) {
        throw new MedullaError('run-active', `Run ${runId} is going on; what it stops by is settled.`, {
          remedy: 'Stop it, then continue it with another rule.',
        })
      }
      this.#active.scan.unpause()
      return this.run(runId)
    }
    requireContinuable(run, stop)
    return this.#exclusively(async (lock) => {
      const model = await this.#parts.models.borrowFor(run)
      return this.#withSession(
        model,
        lock,
        async () => {
          if (stop) this.#parts.ruleBook.require(stop.stopWhen, modelInfo(model.classifier), run.rig)
          return reopenSession(run, casebook.runPlan(runId), this.#parts)
        },
        async () => {
          if (stop) casebook.setStop(runId, stop)
          casebook.addProvider(runId, model.classifier.provider)
          return casebook.setRunState(runId, 'scanning')
        },
        !anyway,
      )
    })
  }

  /** Launches what `begin` makes; where that fails, model and session are given back. */
  async #withSession(
    model: BorrowedModel,
    lock: { release(): void },
    open: () => Promise<Session>,
    begin: (session: Session) => Promise<RunSummary>,
    compare = true,
  ): Promise<RunSummary> {
    let session: Session | null = null
    try {
      // Before anything moves.
      await this.#room(null, null).require(null)
      session = await open()
      return this.#launch(await begin(session), { session, model, lock, compare })
    } catch (error) {
      await session?.close()
      model.giveBack()
      throw error
    }
  }

  /** Resolves when the fields in work are committed. A run that is not going on (failed, interrupted) is closed as it stands. */
  async stop(runId: number): Promise<RunSummary> {
    const { casebook } = this.#parts
    if (this.#active?.runId === runId) {
      this.#active.scan.stop()
      await this.#active.done
      return casebook.run(runId)
    }
    const run = casebook.run(runId)
    if (run.state === 'failed' || run.state === 'interrupted') {
      return casebook.setRunState(runId, 'finished', { stopped: 'user' })
    }
    throw notActive(runId)
  }

  events(runId: number, signal?: AbortSignal): AsyncGenerator<RunEvent, void> {
    const { casebook } = this.#parts
    casebook.run(runId)
    const pictureOf = (field: number) =>
      this.#active?.runId === runId ? this.#active.pictures.get(String(field)) : undefined
    const fields = new FieldsTold(runId, casebook, pictureOf)
    return this.#events.stream(runId, () => ({ ...this.#state(runId), fields: fields.next() }), signal)
  }

  /** Something of the run changed that people see. */
  changed(runId: number): void {
    this.#events.changed(runId)
  }

  /** Labels changed: whoever watches the active run wants to know. */
  labelled(cells: readonly Cell[]): void {
    if (cells.length > 0 && this.#active) this.#events.changed(this.#active.runId)
  }

  /** Ends the active run so that it can be resumed. */
  async close(): Promise<void> {
    this.#active?.scan.interrupt()
    await this.#active?.done
  }

  /** Holds the right to scan in this data folder while `work` sets a run up; the run keeps it if it is launched. */
  async #exclusively(work: (lock: { release(): void }) => Promise<RunSummary>): Promise<RunSummary> {
    if (this.#active || this.#starting) {
      throw new MedullaError('run-active', 'A run is going on already.', {
        remedy: 'Stop it, or wait until it is over.',
      })
    }
    this.#starting = true
    try {
      const lock = acquireBenchLock(this.#parts.dataFolder)
      try {
        return await work(lock)
      } catch (error) {
        lock.release()
        throw error
      }
    } finally {
      this.#starting = false
    }
  }

  #room(runId: number | null, session: Session | null): DiskRoom {
    return new DiskRoom({
      dataFolder: this.#parts.dataFolder,
      slideFolder: runId === null ? null : this.#parts.slides.folder(runId),
      fieldPx: session?.fieldPx ?? null,
    })
  }

  #newCase({ rig }: StartRun): number {
    const { casebook } = this.#parts
    const taken = new Set(casebook.listCases().map((entry) => entry.accession))
    return casebook.createCase({
      accession: accessionFor(rig, taken),
      patientName: null,
      birthYear: null,
      sex: null,
      ...slideWords(rig),
    }).caseId
  }

  #launch(run: RunSummary, { session, model, lock, compare }: Launch): RunSummary {
    const { casebook, live, analyser } = this.#parts
    const { runId } = run
    this.#unrecorded.delete(runId)
    const slide = this.#parts.slides.toScan(runId)
    const onChange = () => {
      this.#notePause(runId)
      this.#events.changed(runId)
    }
    const registrar = openRegistrar()
    const source = session.source({
      casebook,
      runId,
      slide,
      registrar,
      compare,
      onActivity: onChange,
      onMatch: (match) => this.#parts.log.info({ runId, ...match }, 'the last field was compared'),
    })
    const stop = new StopWatch(casebook, runId, this.#parts.ruleBook.rules(modelInfo(model.classifier), run.rig))
    const pictures = new ByteCache<FieldPicture>(PICTURES_BYTES)
    const scan = new Scan({
      runId,
      source,
      look: createLook(analyser(), model.classifier),
      slide,
      placer: new FieldPlacer({ runId, casebook, registrar, placing: source.placing, keptPart: slide.part }),
      casebook,
      stop,
      room: this.#room(runId, session),
      onChange,
      onCommit: (field, picture) => {
        if (picture) pictures.set(String(field), picture, picture.jpeg.length)
        if (this.#events.areRead(runId)) void this.#parts.slides.of(runId).readAhead(field)
        this.#events.committed(runId)
      },
      onFrame: (captured) => live.show(captured.image),
    })
    this.#active = {
      runId,
      scan,
      source,
      stop,
      pictures,
      notedState: 'scanning',
      done: this.#drive(runId, scan, source, async () => {
        const closed = await Promise.allSettled([slide.close(), registrar.close(), session.close()])
        for (const end of closed) {
          if (end.status === 'rejected') this.#parts.log.error({ runId, err: end.reason }, 'closing a run')
        }
      }).then(() => {
        model.giveBack()
        lock.release()
        this.#active = null
        onChange()
      }),
    }
    return run
  }

  /** The state as it is told and as it is kept: a full disk may keep a pause out of the casebook, which changes nothing. */
  #notePause(runId: number): void {
    if (this.#active?.runId !== runId) return
    const { casebook, log } = this.#parts
    const state = this.#active.scan.isPaused ? 'paused' : 'scanning'
    if (state === this.#active.notedState) return
    this.#active.notedState = state
    try {
      casebook.setRunState(runId, state)
    } catch (error) {
      log.warn({ runId, state, err: error }, 'the state of the run could not be recorded')
    }
  }

  /** Never rejects. */
  async #drive(runId: number, scan: Scan, source: FieldSource, close: () => Promise<void>): Promise<void> {
    const outcome = await scan.run()
    // The end is recorded last: whoever sees it finds devices free and every field on disk.
    await close()
    try {
      this.#record(runId, outcome, source.plannedFields)
    } catch (error) {
      // The casebook cannot be written (a full disk): the run stays as it is there and counts as interrupted when next opened.
      this.#parts.log.error({ runId, err: error }, 'the end of the run could not be recorded')
      const cause = asMedullaError(outcome.kind === 'failed' ? outcome.error : error, this.#parts.log)
      this.#unrecorded.set(runId, { state: 'failed', failure: toldProblem(cause) })
    }
  }

  #record(runId: number, outcome: ScanOutcome, plannedFields: number | null): void {
    const { casebook, log } = this.#parts
    const planned = plannedFields === null ? {} : { plannedFields }
    if (outcome.kind === 'failed') {
      const failure = toldProblem(asMedullaError(outcome.error, log))
      log.warn({ runId, ...failure }, 'the run failed')
      casebook.setRunState(runId, 'failed', { failure, ...planned })
    } else if (outcome.kind === 'finished') {
      casebook.setRunState(runId, 'finished', { stopped: outcome.stopped, stoppedBy: outcome.stoppedBy, ...planned })
    } else {
      casebook.setRunState(runId, 'interrupted', planned)
    }
  }

  #state(runId: number): Omit<RunEvent, 'fields'> {
    const { casebook, live } = this.#parts
    const run = this.run(runId)
    const active = this.#active?.runId === runId ? this.#active : null
    const revision = casebook.revision(runId)
    if (!active) {
      const { state } = run
      return {
        run,
        secondsLeft: null,
        activity: state,
        obstacle: null,
        revision,
        stage: null,
        liveFrame: live.sequence,
      }
    }
    const { source, scan, stop } = active
    const planned = source.plannedFields
    return {
      run: { ...run, plannedFields: planned, scanningSeconds: stop.scanningMs / 1000 },
      secondsLeft: secondsLeft({
        pace: scan.pace,
        fields: run.fields,
        counted: run.counted,
        fieldsToGo: planned === null ? null : planned - run.fields,
        cellsToGo: stop.cellsToGo(),
        msToGo: stop.msToGo(),
      }),
      activity: scan.activity,
      obstacle: scan.obstacle && toldProblem(scan.obstacle),
      revision,
      stage: source.stage,
      liveFrame: live.sequence,
    }
  }

  #requireActive(runId: number): ActiveRun {
    this.#parts.casebook.run(runId)
    if (this.#active?.runId !== runId) throw notActive(runId)
    return this.#active
  }
}

function toldProblem({ code, message, detail }: MedullaError): NonNullable<RunSummary['failure']> {
  return { code, message, remedy: detail.remedy }
}

/** Fields a new run needs at most; null: rules that nobody can foresee may end it earlier. */
function needed({ targetCells, stopWhen }: StartRun, { plan }: Session): number | null {
  if (stopWhen.length > 0) return null
  return fieldsToGo({ plannedFields: plan.plannedFields, cellsToGo: targetCells, fields: 0, counted: 0 })
}

function requireContinuable(run: RunSummary, stop: StopRequest | null): void {
  if (run.state !== 'finished') return
  if (mayContinue(run.stopped) && stop !== null) return
  throw new MedullaError('run-not-active', `Run ${run.runId} is finished.`, {
    remedy: mayContinue(run.stopped)
      ? 'Say what it is to stop by now to continue it, or start a new run.'
      : 'Nothing is left to scan: start a new run.',
  })
}

function notActive(runId: number): MedullaError {
  return new MedullaError('run-not-active', `Run ${runId} is not going on here.`, {
    remedy: 'Resume it first, or look at what it has counted.',
  })
}
