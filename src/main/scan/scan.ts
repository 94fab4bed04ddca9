import type { LeftOut, PlaceFlag, RunFlag } from '../../shared/contract/quality.ts'
import type { StopReason } from '../../shared/contract/runs.ts'
import type { RuleStanding } from '../../shared/contract/stopping.ts'
import type { MedullaError } from '../../shared/errors.ts'
import { slidePx } from '../../shared/geometry.ts'
import { PLACE_FLAG_WORDS } from '../../shared/quality/words.ts'
import type { Casebook, NewCell } from '../casebook/casebook.ts'
import { ImageGarbage } from '../image-garbage.ts'
import { focusScore } from '../microscope/focus/focus-score.ts'
import type { FieldPicture, Slide } from '../slide/slide.ts'
import { CommitPace } from './commit-pace.ts'
import type { DiskRoom } from './disk-room.ts'
import { DiskWatch } from './disk-watch.ts'
import type { CapturedField, FieldSource, PendingField } from './field-source.ts'
import { fieldsToGo } from './fields-to-go.ts'
import { Gate } from './gate.ts'
import type { Look, LookedField } from './look.ts'
import { fieldsInWork } from './look-ahead.ts'
import { countsCell, seamRules } from './ownership.ts'
import type { FieldPlacer, Placed } from './registration/field-placer.ts'
import { Standstill } from './standstill.ts'
import type { StopWatch } from './stop-watch.ts'

export type ScanOutcome =
  | { readonly kind: 'finished'; readonly stopped: StopReason; readonly stoppedBy?: readonly RuleStanding[] }
  | { readonly kind: 'failed'; readonly error: unknown }
  | { readonly kind: 'interrupted' }

export interface ScanParts {
  readonly runId: number
  readonly source: FieldSource
  readonly look: Look
  readonly slide: Pick<Slide, 'keep'>
  readonly placer: FieldPlacer
  readonly casebook: Casebook
  readonly stop: StopWatch
  readonly room: DiskRoom
  /** Something a person may want to see has changed. */
  readonly onChange: () => void
  /** A field is in the casebook, with its cells. */
  /** @param picture see `Slide.keep`. */
  readonly onCommit: (field: number, picture: FieldPicture | null) => void
  readonly onFrame: (captured: CapturedField) => void
}

/** So long after its commit windows that are open show a field, nearly always. */
const SEEN_WITHIN_MS = 200

/** A rule of time is asked so often, also while no field comes, as from a folder that is waited for. */
const TIME_ASKED_EVERY_MS = 500

/**
 * One stretch of a run, from its start or resumption to its end. Three things go on at once: the source captures, fields are
 * looked at, and finished fields are committed one by one in the order of their capture. The stop rules are asked at each commit,
 * so where a run ends does not depend on how far ahead the stage was.
 */
export class Scan {
  readonly #parts: ScanParts
  readonly #abort = new AbortController()
  readonly #committedFields: Set<number>
  #gate: Gate | null = null
  readonly #garbage = new ImageGarbage()
  readonly #pace: CommitPace
  #inWork = 0
  #commits: Promise<void> = Promise.resolve()
  #end: ScanOutcome | null = null
  readonly #standstill: Standstill
  readonly #disk: DiskWatch
  #wake: (() => void) | null = null
  #finishing = false
  #dropping = false

  constructor(parts: ScanParts) {
    this.#parts = parts
    this.#pace = new CommitPace(parts.stop.clock)
    this.#committedFields = new Set(parts.casebook.fields(parts.runId).map((field) => field.index))
    this.#standstill = new Standstill((still) => {
      if (still) parts.stop.clock.pause()
      else parts.stop.clock.unpause()
      parts.onChange()
    })
    this.#disk = new DiskWatch({
      room: parts.room,
      standstill: this.#standstill,
      fieldsToGo: () => this.fieldsToGo,
      fields: () => this.#committedFields.size,
      signal: this.#abort.signal,
    })
  }

  get activity(): string {
    const { obstacle, isStill } = this.#standstill
    if (obstacle) return `paused: ${obstacle.message}`
    if (isStill) return this.#inWork > 0 ? 'pausing: finishing the fields in work' : 'paused'
    if (this.#finishing) return 'finishing the fields in work'
    return this.#parts.source.activity
  }

  /** By hand, or because something is in the way. */
  get isPaused(): boolean {
    return this.#standstill.isStill
  }

  /** Why it stands still though nobody asked for it; it goes on by itself once that is gone. null: nothing is in the way. */
  get obstacle(): MedullaError | null {
    return this.#standstill.obstacle
  }

  get pace(): Pick<CommitPace, 'msPerField' | 'sinceLastMs'> {
    return this.#pace
  }

  /** null: it cannot be told. */
  get fieldsToGo(): number | null {
    const { casebook, runId, stop, source } = this.#parts
    const { fields, counted } = casebook.run(runId)
    return fieldsToGo({ plannedFields: source.plannedFields, cellsToGo: stop.cellsToGo(), fields, counted })
  }

  pause(): void {
    if (!this.#end) this.#standstill.pause()
  }

  unpause(): void {
    this.#standstill.goOn()
  }

  /** By hand: fields whose pixels have arrived are still committed. */
  stop(): void {
    this.#finish({ kind: 'finished', stopped: 'user' }, { drop: false })
  }

  /** The process is to end: the run can be resumed later. Fields whose pixels have arrived are still committed. */
  interrupt(): void {
    this.#finish({ kind: 'interrupted' }, { drop: false })
  }

  /** Never rejects: what went wrong is the outcome. */
  async run(): Promise<ScanOutcome> {
    const outcome = await this.#run()
    if (outcome.kind !== 'finished') return outcome
    try {
      await this.#parts.placer.solve()
      return outcome
    } catch (error) {
      return { kind: 'failed', error }
    } finally {
      this.#parts.onChange()
    }
  }

  async #run(): Promise<ScanOutcome> {
    const { source, stop, casebook, runId } = this.#parts
    const timer = stop.hasTime ? setInterval(() => this.#stopInTime(), TIME_ASKED_EVERY_MS) : null
    try {
      const met = stop.met()
      if (met) return { kind: 'finished', ...met }
      await source.prepare(this.#abort.signal, (work) => this.#disk.patiently(work))
      this.#gate = new Gate(source, casebook.fields(runId))
      this.#parts.onChange()
      await this.#captureAll()
    } catch (error) {
      if (!this.#abort.signal.aborted) this.#finish({ kind: 'failed', error }, { drop: false })
    } finally {
      if (timer) clearInterval(timer)
    }
    this.#finishing = true
    this.#parts.onChange()
    await this.#commits
    await source.rest()
    return this.#end ?? { kind: 'finished', stopped: 'region' }
  }

  async #captureAll(): Promise<void> {
    const { source } = this.#parts
    while (!this.#end) {
      // Nobody calls on the source while it stands still.
      if (this.#standstill.isStill) await source.seeThrough(this.#abort.signal)
      await this.#standstill.over()
      while (this.#inWork >= this.#room() && !this.#end) await this.#roomMade()
      if (this.#end) return
      // Paused while it waited for room: wait again before anything moves.
      if (this.#standstill.isStill) continue
      const pending = await source.next(this.#abort.signal)
      if (!pending) return
      this.#take(pending)
    }
  }

  #room(): number {
    const { casebook, runId, stop, source } = this.#parts
    const { fields, counted } = casebook.run(runId)
    return fieldsInWork({ hasStage: source.stage !== null, cellsToGo: stop.cellsToGo(), fields, counted })
  }

  #roomMade(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#wake = resolve
    return promise
  }

  #take(pending: PendingField): void {
    this.#inWork++
    const looked = pending.captured.then((captured) => {
      this.#parts.onFrame(captured)
      return this.#parts.look(captured)
    })
    // Its failure is met when its turn to be committed comes.
    looked.catch(() => undefined)
    this.#commits = this.#commits.then(() => this.#commitInTurn(looked))
  }

  async #commitInTurn(looked: Promise<LookedField>): Promise<void> {
    try {
      if (!this.#dropping) {
        const field = await looked
        await this.#commit(field)
      }
      const met = this.#end ? null : this.#parts.stop.met()
      if (met) this.#finish({ kind: 'finished', ...met }, { drop: true })
    } catch (error) {
      // Nothing after a field that did not come may be committed, or the run would have a hole.
      if (this.#end && error === this.#abort.signal.reason) this.#dropping = true
      else this.#finish({ kind: 'failed', error }, { drop: true })
    } finally {
      this.#inWork--
      this.#wake?.()
      this.#wake = null
      this.#parts.onChange()
    }
  }

  async #commit({ captured, cells, quality }: LookedField): Promise<void> {
    const { casebook, slide, placer, runId, stop } = this.#parts
    const placed = await this.#disk.patiently(() => placer.place(captured))
    const { origin, owned, placing } = placed
    const [dx, dy] = [origin.x - captured.origin.x, origin.y - captured.origin.y]
    const kept = cells
      .map((cell) => ({ ...cell, slideX: cell.slideX + dx, slideY: cell.slideY + dy }))
      .filter((cell) => this.#counts(cell, captured, placed))
    const { index, image } = captured
    // Nothing is captured before the source is prepared.
    const gate = this.#gate!
    const field = {
      index,
      slideX: origin.x,
      slideY: origin.y,
      widthPx: image.widthPx,
      heightPx: image.heightPx,
      owned: { ...owned.origin, width: owned.width, height: owned.height },
      stage: captured.stage,
      image: captured.imageName,
      focusScore: focusScore(image),
      quality,
      // What an image is worth comes first: of a blurred one it is no wonder that it fits nowhere.
      leftOut: copied(captured) ?? gate.judge(quality) ?? placed.leftOut,
      focus: captured.focus,
    }
    // Windows are about to ask for a field that was just committed; a collection holds them up by up to a tenth of a second.
    this.#garbage.passed(image.data.byteLength, this.#pace.sinceLastMs < SEEN_WITHIN_MS)
    const flags = [...gate.drift(quality, index), ...(placed.flag ? this.#once(placed.flag, index) : [])]
    const picture = await this.#disk.patiently(async () => {
      // The image first: the row that names it must never be there without it.
      const picture = await slide.keep(index, image)
      casebook.commitField({ runId, field, placing, cells: kept, flags, scanningMs: stop.scanningMs })
      return picture
    })
    gate.committed(quality)
    placer.committed(captured, placed, field.leftOut?.reason ?? null)
    this.#committedFields.add(index)
    this.#pace.committed()
    this.#parts.onCommit(index, picture)
    this.#disk.look()
  }

  /** A flag that is told once. */
  #once(kind: PlaceFlag, index: number): RunFlag[] {
    const { casebook, runId } = this.#parts
    const told = casebook.run(runId).flags.some((flag) => flag.kind === kind)
    return told ? [] : [{ kind, field: index, words: PLACE_FLAG_WORDS[kind] }]
  }

  #counts(cell: NewCell, captured: CapturedField, { owned, earlier }: Placed): boolean {
    const { casebook, runId } = this.#parts
    return countsCell(slidePx(cell.slideX, cell.slideY), {
      owned,
      earlier,
      rules: seamRules(captured.pixelSizeUm),
      seenByOther: (point, radiusPx) => casebook.cellsNear(runId, point.x, point.y, radiusPx).length > 0,
    })
  }

  /** The first end stands. `drop`: fields in work are left uncommitted. */
  #finish(outcome: ScanOutcome, { drop }: { drop: boolean }): void {
    if (drop) this.#dropping = true
    if (this.#end) {
      // A failure while the last fields are written is still a failure.
      if (outcome.kind === 'failed' && this.#end.kind !== 'failed') this.#end = outcome
      return
    }
    this.#end = outcome
    this.#abort.abort(new DOMException('The scan has ended.', 'AbortError'))
    this.#standstill.end()
    this.#wake?.()
  }

  /** Fields whose pixels have arrived are still committed: nothing tells them from those before. */
  #stopInTime(): void {
    if (this.#end || this.#standstill.isStill) return
    const met = this.#parts.stop.met()
    if (met) this.#finish({ kind: 'finished', ...met }, { drop: false })
  }
}

function copied({ copyOf }: CapturedField): LeftOut | null {
  return copyOf === null ? null : { reason: 'repeated', words: `the same file as ${copyOf}`, reader: null }
}
