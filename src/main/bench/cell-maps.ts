import { setImmediate as nextTurn } from 'node:timers/promises'
import type { CellMap, CellMapEvent } from '../../shared/contract/evidence.ts'
import type { Reading } from '../../shared/contract/readings.ts'
import { MedullaError } from '../../shared/errors.ts'
import type { Casebook } from '../casebook/casebook.ts'
import { missing } from '../casebook/missing.ts'
import { LEAST_CELLS } from '../inference/cell-map/lay-out.ts'
import { layOutInThread } from '../inference/cell-map/lay-out-in-thread.ts'
import { centredLogRows, unitRows } from '../inference/cell-map/vectors.ts'

/** Fixed, so that the same cells always give the same map. */
const SEED = 1
/** Rows read at a time: between two of these the stage and the window get their turn. */
const PAGE = 500
/** Finished maps that are kept. */
const MOST_KEPT = 8
/** Less done than this and nobody can say how long the rest takes. */
const TELLING_SHARE = 0.1

type Book = Pick<Casebook, 'run' | 'readings' | 'features'>

/** One map being made, for everyone who waits for it. */
interface Job {
  readonly abort: AbortController
  readonly map: Promise<CellMap>
  done: number
  readonly startedMs: number
  readonly cells: number
  waiting: number
  /** Resolves at the next progress, and at the end. */
  change: PromiseWithResolvers<void>
}

/** Maps of runs' cells: each made once, on a thread of its own, and kept. */
export class CellMaps {
  readonly #casebook: Book
  readonly #kept = new Map<string, CellMap>()
  readonly #jobs = new Map<string, Job>()

  constructor(casebook: Book) {
    this.#casebook = casebook
  }

  /**
   * How far the map of the run's cells is, as a model read them (null: its own), then the map. Throws `not-found`; rejects `invalid-input`
   * with too few named cells.
   */
  async *open(runId: number, modelId: number | null, signal?: AbortSignal): AsyncGenerator<CellMapEvent, void> {
    this.#casebook.run(runId)
    const readings = this.#casebook.readings(runId)
    const reading = readings.find((each) => (modelId === null ? each.own : each.modelId === modelId))
    if (!reading) throw modelId === null ? tooFew(runId, 0) : missing('reading', modelId)
    // What a model said of a cell stays as it is, so the number of cells it named tells which cells a map has.
    const key = `${runId} ${reading.modelId} ${reading.cells}`
    const kept = this.#kept.get(key)
    if (kept) return yield { state: 'ready', map: kept }
    const job = this.#jobs.get(key) ?? this.#begin(key, runId, reading)
    job.waiting++
    const gone = Promise.withResolvers<void>()
    signal?.addEventListener('abort', () => gone.resolve(), { once: true })
    try {
      for (let told = -1; !signal?.aborted; ) {
        const change = job.change.promise
        if (this.#jobs.get(key) !== job) return yield { state: 'ready', map: await job.map }
        if (job.done > told) yield progressOf(job)
        told = job.done
        await Promise.race([change, gone.promise])
      }
    } finally {
      job.waiting--
      if (job.waiting === 0) job.abort.abort()
    }
  }

  /** Gives up what is being made. */
  async close(): Promise<void> {
    const jobs = [...this.#jobs.values()]
    for (const job of jobs) job.abort.abort()
    await Promise.allSettled(jobs.map((job) => job.map))
  }

  #begin(key: string, runId: number, reading: Reading): Job {
    const abort = new AbortController()
    const map = this.#make(runId, reading, abort.signal, (done) => {
      job.done = done
      this.#told(job)
    })
    const job: Job = {
      abort,
      map,
      done: 0,
      startedMs: performance.now(),
      cells: reading.cells,
      waiting: 0,
      change: Promise.withResolvers<void>(),
    }
    this.#jobs.set(key, job)
    // A job that was given up leaves its place at once: who asks next begins anew.
    abort.signal.addEventListener('abort', () => this.#ended(key, job))
    map.then(
      (made) => {
        this.#keep(key, made)
        this.#ended(key, job)
      },
      () => this.#ended(key, job),
    )
    return job
  }

  #told(job: Job): void {
    const { change } = job
    job.change = Promise.withResolvers<void>()
    change.resolve()
  }

  #ended(key: string, job: Job): void {
    if (this.#jobs.get(key) === job) this.#jobs.delete(key)
    this.#told(job)
  }

  #keep(key: string, map: CellMap): void {
    this.#kept.set(key, map)
    const oldest = this.#kept.keys().next()
    if (this.#kept.size > MOST_KEPT && !oldest.done) this.#kept.delete(oldest.value)
  }

  async #make(
    runId: number,
    { modelId, name, version }: Reading,
    signal: AbortSignal,
    onProgress: (done: number) => void,
  ): Promise<CellMap> {
    const cellIds: number[] = []
    const rows: ReturnType<Casebook['features']> = []
    for (let after = 0; ; after = cellIds.at(-1) ?? 0) {
      const page = this.#casebook.features(runId, after, PAGE, modelId)
      rows.push(...page)
      for (const { cellId } of page) cellIds.push(cellId)
      if (page.length < PAGE) break
      await nextTurn()
      signal.throwIfAborted()
    }
    if (rows.length < LEAST_CELLS) throw tooFew(runId, rows.length)
    const hasEmbeddings = rows.every((row) => row.embedding !== null)
    const values = rows.map((row) => (hasEmbeddings ? row.embedding! : row.probabilities))
    const size = values[0].length
    const vectors = new Float32Array(rows.length * size)
    for (const [row, vector] of values.entries()) vectors.set(vector, row * size)
    if (hasEmbeddings) unitRows(vectors, size)
    else centredLogRows(vectors, size)
    const data = { vectors, count: rows.length, size, seed: SEED }
    const { x, y, laidOut } = await layOutInThread(data, onProgress, signal)
    return {
      runId,
      model: `${name} ${version}`,
      basis: hasEmbeddings ? 'embedding' : 'probabilities',
      cellIds,
      x: Array.from(x, rounded),
      y: Array.from(y, rounded),
      laidOut,
    }
  }
}

/** A ten-thousandth of the map is less than a pixel. */
const rounded = (value: number): number => Math.round(value * 1e4) / 1e4

function progressOf({ done, startedMs, cells }: Job): CellMapEvent {
  const elapsedS = (performance.now() - startedMs) / 1000
  return {
    state: 'working',
    done,
    secondsLeft: done < TELLING_SHARE ? null : (elapsedS * (1 - done)) / done,
    cells,
  }
}

function tooFew(runId: number, named: number): MedullaError {
  return new MedullaError(
    'invalid-input',
    `Run ${runId} has ${named} cells a model named; a map needs ${LEAST_CELLS}.`,
    {
      remedy: 'Let the scan find more cells, then ask again.',
      values: { run: runId, cells: named },
    },
  )
}
