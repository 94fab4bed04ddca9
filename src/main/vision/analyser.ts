import { Worker } from 'node:worker_threads'
import { MedullaError } from '../../shared/errors.ts'
import type { RgbImage } from '../../shared/image.ts'
import type { FieldSpread } from '../../shared/overview/spread.ts'
import { endThread } from '../end-thread.ts'
import { workerFile } from '../worker-file.ts'
import type { AnalysedField, Analyser } from './analysis.ts'
import type { AnalysisAnswer, AnalysisReply, AnalysisRequest } from './analysis-worker.ts'
import { requirePlausiblePixelSize } from './plausible.ts'
import type { RedCellView } from './red-cells.ts'

interface Job {
  readonly request: AnalysisRequest
  readonly resolve: (answer: AnalysisAnswer) => void
  readonly reject: (error: Error) => void
}

/** One thread's place in the pool; empty after its thread died, until there is work again. */
interface Seat {
  worker: Worker | null
  job: Job | null
}

/**
 * A pool of analysis threads. Fields are taken in the order they come; a thread that dies fails only the field it was
 * working on, and the next field gets a new one.
 */
export function openAnalyser({ workers = 1 }: { readonly workers?: number } = {}): Analyser {
  const waiting: Job[] = []
  const seats: Seat[] = Array.from({ length: Math.max(1, workers) }, () => ({ worker: null, job: null }))
  let closed = false

  const start = (place: Seat): Worker => {
    const worker = new Worker(workerFile(import.meta.url, './analysis-worker.ts'))
    place.worker = worker
    // An idle pool must not keep the process alive.
    worker.unref()
    worker.on('message', (reply: AnalysisReply) => {
      // A late answer of a thread that is being ended: letting go of it now would let the process end before the thread has.
      if (place.worker !== worker) return
      const { job } = place
      place.job = null
      worker.unref()
      if ('answer' in reply) job?.resolve(reply.answer)
      else job?.reject(new Error(`The analysis of a field failed: ${reply.failure}`))
      next()
    })
    const leave = (reason: string, cause?: unknown): void => {
      if (place.worker !== worker) return
      const { job } = place
      place.worker = null
      place.job = null
      job?.reject(new Error(`The analysis thread ended while it worked on a field: ${reason}`, { cause }))
      next()
    }
    worker.on('error', (error) => leave(error instanceof Error ? error.message : String(error), error))
    worker.on('exit', (code) => leave(`exit code ${code}`))
    return worker
  }

  const next = (): void => {
    for (const place of seats) {
      if (place.job !== null) continue
      const job = waiting.shift()
      if (job === undefined) return
      const worker = place.worker ?? start(place)
      place.job = job
      worker.ref()
      worker.postMessage(job.request)
    }
  }

  for (const place of seats) start(place)

  const answerTo = (request: AnalysisRequest): Promise<AnalysisAnswer> => {
    if (closed) throw new Error('The analyser is closed')
    return new Promise((resolve, reject) => {
      waiting.push({ request, resolve, reject })
      next()
    })
  }

  return {
    async analyse(image, pixelSizeUm, modelScale, within) {
      requireWhole(image)
      requirePlausiblePixelSize(image, pixelSizeUm)
      const request = { kind: 'field', image: shared(image), pixelSizeUm, modelScale, within } as const
      return (await answerTo(request)) as AnalysedField
    },
    async spread(image, pixelSizeUm) {
      requireWhole(image)
      requirePlausiblePixelSize(image, pixelSizeUm)
      const request = { kind: 'spread', image: shared(image), pixelSizeUm } as const
      return (await answerTo(request)) as FieldSpread
    },
    async redCells(image, diametersPx) {
      requireWhole(image)
      const request = { kind: 'red-cells', image: shared(image), diametersPx } as const
      return (await answerTo(request)) as readonly RedCellView[]
    },
    async close() {
      if (closed) return
      closed = true
      const unfinished = [...waiting.splice(0), ...seats.flatMap(({ job }) => (job === null ? [] : [job]))]
      for (const job of unfinished) job.reject(new Error('The analyser was closed before the field was analysed'))
      await Promise.all(
        seats.map(async (place) => {
          const { worker } = place
          if (worker === null) return
          place.worker = null
          await endThread(worker)
        }),
      )
    },
  }
}

function requireWhole(image: RgbImage): void {
  const wanted = image.widthPx * image.heightPx * 3
  if (image.data.length === wanted && wanted > 0) return
  throw new MedullaError(
    'invalid-input',
    `An image of ${image.widthPx} x ${image.heightPx} pixels needs ${wanted} bytes, it has ${image.data.length}.`,
    { remedy: 'Capture or read the image again.' },
  )
}

/** Posting a view of a SharedArrayBuffer shares it; anything else would be cloned with everything behind the view. */
function shared(image: RgbImage): RgbImage {
  if (image.data.buffer instanceof SharedArrayBuffer) return image
  const data = new Uint8Array(new SharedArrayBuffer(image.data.length))
  data.set(image.data)
  return { data, widthPx: image.widthPx, heightPx: image.heightPx }
}
