import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import type { ModelVariant } from '../../shared/contract/models.ts'
import { endThread } from '../end-thread.ts'
import { workerFile } from '../worker-file.ts'
import { type Classified, type Classifier, joined, type LoadedModel } from './classifier.ts'
import { asError } from './failure.ts'
import type { InferenceReply, InferenceRequest, InferenceWorkerData } from './inference-worker.ts'
import type { Provider } from './providers.ts'

export interface ThreadOptions {
  /** Sessions of the model, each in a thread of its own; 2 by default. */
  readonly sessions?: number
  /** Threads one inference uses; by default the processor's cores are shared out among the sessions, four each at most. */
  readonly threads?: number
  /** Crops that go through the graph together. */
  readonly maxBatch?: number
  /** Which of the package's graphs; float by default. */
  readonly variant?: ModelVariant
  /** Execution provider; cpu by default. */
  readonly provider?: Provider
}

/**
 * Two crops in two orientations each, as marrow 5 has them, fill a narrow session's core and stay in its cache: 8 % less processor time a crop than one
 * by one; fours take 9 % more.
 */
export const THREAD_MAX_BATCH = 2
/** Crops a session takes at a time, for few messages. */
const CROPS_A_TURN = 8

interface Job {
  readonly crops: Uint8Array
  readonly n: number
  readonly resolve: (classified: Classified) => void
  readonly reject: (error: Error) => void
}

/** One session's place; its thread is started anew when there is work after it died. */
interface Seat {
  session: Promise<Session> | null
  busy: boolean
}

/**
 * Opens a model package as `openModel` does, off the calling thread: onnxruntime-node computes on the thread that asks, for a
 * tenth of a second a batch. Several narrow sessions side by side also classify more than one with all the threads (a quarter
 * more on two cores): none waits for another at the end of each layer.
 *
 * A call's crops are split from its first one on, whoever computes them, so its answers do not depend on what
 * else is in work. Rejects as `openModel` does.
 */
export async function openModelInThreads(folder: string, options: ThreadOptions = {}): Promise<Classifier> {
  const { sessions = 2, maxBatch = THREAD_MAX_BATCH, variant, provider } = options
  const turn = Math.max(maxBatch, CROPS_A_TURN - (CROPS_A_TURN % maxBatch))
  const threads = options.threads ?? Math.min(4, Math.max(1, Math.floor(availableParallelism() / sessions)))
  const pool = new SessionPool({ folder, options: { threads, maxBatch, variant, provider } }, sessions)
  try {
    const { opened } = await pool.open()
    const { manifest } = opened
    const cropBytes = manifest.input.sizePx ** 2 * 3
    return {
      ...opened,
      async classify(crops, n) {
        if (crops.length !== n * cropBytes) {
          throw new RangeError(
            `${n} crops of ${manifest.input.sizePx} px need ${n * cropBytes} bytes, not ${crops.length}`,
          )
        }
        const starts = Array.from({ length: Math.ceil(n / turn) }, (_, i) => i * turn)
        const parts = await pool.runAll(
          starts.map((start) => {
            const count = Math.min(turn, n - start)
            return { crops: crops.slice(start * cropBytes, (start + count) * cropBytes), n: count }
          }),
        )
        return joined(parts, manifest)
      },
      close: () => pool.close(),
    }
  } catch (error) {
    await pool.close()
    throw error
  }
}

/** A thread's replies, one to each request. */
class Replies {
  /** Resolves once the thread has died, with why. */
  readonly ended: Promise<Error>
  #end: Error | null = null
  #asked: PromiseWithResolvers<InferenceReply> | null = null

  constructor(worker: Worker) {
    const { promise, resolve } = Promise.withResolvers<Error>()
    this.ended = promise
    const end = (error: Error): void => {
      this.#end ??= error
      this.#asked?.reject(this.#end)
      resolve(this.#end)
    }
    worker.on('message', (reply: InferenceReply) => {
      this.#asked?.resolve(reply)
      this.#asked = null
    })
    worker.once('error', (error) => end(error instanceof Error ? error : new Error(String(error))))
    worker.once('exit', (code) => end(new Error(`The inference thread ended with exit code ${code}`)))
  }

  /**
   * Rejects where the thread dies first. Not by a race with `ended`: a promise keeps every race it was in, with its outcome, until it is
   * settled, so that one kept all that was ever said of a run's cells.
   */
  next(): Promise<InferenceReply> {
    if (this.#end) return Promise.reject(this.#end)
    this.#asked = Promise.withResolvers()
    return this.#asked.promise
  }
}

/** A worker with a session, which answers one request at a time. */
class Session {
  readonly opened: LoadedModel
  readonly #worker: Worker
  readonly #replies: Replies

  static async open(data: InferenceWorkerData): Promise<Session> {
    const worker = new Worker(workerFile(import.meta.url, './inference-worker.ts'), { workerData: data })
    const replies = new Replies(worker)
    const reply = await replies.next()
    if ('opened' in reply) return new Session(worker, replies, reply.opened)
    await endThread(worker)
    throw 'failure' in reply ? asError(reply.failure) : new Error('The inference thread answered before it was asked')
  }

  private constructor(worker: Worker, replies: Replies, opened: LoadedModel) {
    this.#worker = worker
    this.#replies = replies
    this.opened = opened
    // An idle model must not keep the process alive.
    worker.unref()
  }

  /** Resolves once the thread has died, with why. */
  get ended(): Promise<Error> {
    return this.#replies.ended
  }

  async run({ crops, n }: Pick<Job, 'crops' | 'n'>): Promise<Classified> {
    this.#worker.ref()
    try {
      const answer = this.#replies.next()
      this.#worker.postMessage({ crops, n } satisfies InferenceRequest, [crops.buffer as ArrayBuffer])
      const reply = await answer
      if ('classified' in reply) return reply.classified
      throw 'failure' in reply ? asError(reply.failure) : new Error('The inference thread opened its model twice')
    } finally {
      this.#worker.unref()
    }
  }

  async close(): Promise<void> {
    await endThread(this.#worker)
  }
}

/** Sessions of one model that take batches from one queue. */
class SessionPool {
  readonly #data: InferenceWorkerData
  readonly #seats: readonly Seat[]
  readonly #waiting: Job[] = []
  readonly #running = new Set<Promise<void>>()
  #closed = false

  constructor(data: InferenceWorkerData, sessions: number) {
    this.#data = data
    this.#seats = Array.from({ length: Math.max(1, sessions) }, () => ({ session: null, busy: false }))
  }

  async open(): Promise<Session> {
    const [first] = await Promise.all(this.#seats.map((seat) => this.#sessionOf(seat)))
    return first
  }

  /** In the order of the batches. One that fails takes those still waiting with it. */
  async runAll(batches: readonly Pick<Job, 'crops' | 'n'>[]): Promise<Classified[]> {
    if (this.#closed) throw new Error('The model is closed')
    const jobs: Job[] = []
    const answers = batches.map((batch) => {
      const { promise, resolve, reject } = Promise.withResolvers<Classified>()
      jobs.push({ ...batch, resolve, reject })
      return promise
    })
    this.#waiting.push(...jobs)
    this.#fill()
    try {
      return await Promise.all(answers)
    } catch (error) {
      for (const job of jobs) {
        const place = this.#waiting.indexOf(job)
        if (place >= 0) this.#waiting.splice(place, 1)
      }
      throw error
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    for (const job of this.#waiting.splice(0))
      job.reject(new Error('The model was closed before the crops were classified'))
    await Promise.all(this.#running)
    await Promise.all(
      this.#seats.map(async ({ session }) => {
        const open = await session?.catch(() => null)
        await open?.close()
      }),
    )
  }

  #fill(): void {
    for (const seat of this.#seats) {
      if (seat.busy) continue
      const job = this.#waiting.shift()
      if (!job) return
      seat.busy = true
      const run = this.#sessionOf(seat)
        .then((session) => session.run(job))
        .then(job.resolve, job.reject)
        .then(() => {
          seat.busy = false
          this.#running.delete(run)
          this.#fill()
        })
      this.#running.add(run)
    }
  }

  #sessionOf(seat: Seat): Promise<Session> {
    if (seat.session) return seat.session
    const opening = Session.open(this.#data)
    seat.session = opening
    const forget = () => {
      if (seat.session === opening) seat.session = null
    }
    opening.then((session) => session.ended.then(forget), forget)
    return opening
  }
}
