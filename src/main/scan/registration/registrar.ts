import { Worker } from 'node:worker_threads'
import type { RgbImage } from '../../../shared/image.ts'
import { endThread } from '../../end-thread.ts'
import { workerFile } from '../../worker-file.ts'
import type { Match } from './match.ts'
import type { MatchRequest, RegistrationAnswer, RegistrationReply, RegistrationRequest } from './registration-worker.ts'
import type { PlaceEdge, Solution, StagePlace } from './solve-places.ts'

/** Compares fields and places them, in a thread of its own. */
export interface Registrar {
  /** How two images of the slide lie to each other, see `Match`. Neither may change meanwhile. */
  match(request: MatchRequest): Promise<Match>
  /** See `solvePlaces`. */
  solve(stage: readonly StagePlace[], edges: readonly PlaceEdge[], pixelSizeUm: number): Promise<Solution>
  close(): Promise<void>
}

interface Job {
  readonly request: RegistrationRequest
  readonly resolve: (answer: RegistrationAnswer) => void
  readonly reject: (error: Error) => void
}

/** Placing thousands of fields makes much that lives shortly: without a limit V8 kept 120 MB for it from then on. */
const LIMITS = { maxYoungGenerationSizeMb: 12 }

/** One thread, which begins with the first request; one that dies fails what it was asked, and the next request gets a new one. */
export function openRegistrar(): Registrar {
  const waiting: Job[] = []
  let worker: Worker | null = null
  let closed = false

  const start = (): Worker => {
    const started = new Worker(workerFile(import.meta.url, './registration-worker.ts'), { resourceLimits: LIMITS })
    started.unref()
    started.on('message', (reply: RegistrationReply) => {
      if (worker !== started) return
      const job = waiting.shift()
      if ('answer' in reply) job?.resolve(reply.answer)
      else job?.reject(new Error(`The registration of a field failed: ${reply.failure}`))
      if (waiting.length === 0) started.unref()
    })
    const leave = (reason: string, cause?: unknown): void => {
      if (worker !== started) return
      worker = null
      for (const job of waiting.splice(0)) job.reject(new Error(`The registration thread ended: ${reason}`, { cause }))
    }
    started.on('error', (error) => leave(error instanceof Error ? error.message : String(error), error))
    started.on('exit', (code) => leave(`exit code ${code}`))
    return started
  }

  const answerTo = (request: RegistrationRequest): Promise<RegistrationAnswer> =>
    new Promise((resolve, reject) => {
      if (closed) throw new Error('The registrar is closed')
      worker ??= start()
      waiting.push({ request, resolve, reject })
      worker.ref()
      worker.postMessage(request)
    })

  return {
    match: async ({ from, to, ...rest }) => {
      const part = { ...from, image: shared(from.image) }
      return (await answerTo({ kind: 'match', ...rest, from: part, to: shared(to) })) as Match
    },
    solve: async (stage, edges, pixelSizeUm) =>
      (await answerTo({ kind: 'solve', stage, edges, pixelSizeUm })) as Solution,
    async close() {
      closed = true
      const last = worker
      worker = null
      for (const job of waiting.splice(0)) job.reject(new Error('The registrar was closed'))
      if (last !== null) await endThread(last)
    },
  }
}

/** Posting a view of a SharedArrayBuffer shares it; anything else is copied with everything behind the view. */
function shared({ data, widthPx, heightPx }: RgbImage): RgbImage {
  if (data.buffer instanceof SharedArrayBuffer) return { data, widthPx, heightPx }
  const copy = new Uint8Array(new SharedArrayBuffer(data.length))
  copy.set(data)
  return { data: copy, widthPx, heightPx }
}
