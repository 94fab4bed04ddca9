import { Worker } from 'node:worker_threads'
import type { RgbImage } from '../../../shared/image.ts'
import { frameMemory } from '../../frame-memory.ts'
import { workerFile } from '../../worker-file.ts'
import type { SlideOptions } from './make-slide.ts'
import type { RenderRequest } from './world.ts'

export interface RenderTask {
  readonly id: number
  readonly request: RenderRequest
  readonly pixels: SharedArrayBuffer
  readonly top: number
  readonly bottom: number
}

interface RenderReply {
  readonly id: number
  readonly failure?: string
}

/**
 * Every image is drawn in this many bands, whatever the number of workers: rounding inside a blur depends on where its band begins,
 * so the bands must not depend on the machine.
 */
const BANDS = 2

interface Waiting {
  readonly resolve: () => void
  readonly reject: (reason: Error) => void
}

/** Two workers, started on the first image; each draws one band. */
export class RenderPool {
  private readonly data: SlideOptions
  private workers: Worker[] = []
  private readonly waiting = new Map<number, Waiting>()
  private nextId = 1
  private closed = false

  constructor(data: SlideOptions) {
    this.data = data
  }

  async render(request: RenderRequest): Promise<RgbImage> {
    if (this.closed) throw new Error('This world is closed.')
    if (this.workers.length === 0) this.start()
    const { widthPx, heightPx } = request
    const data = frameMemory(widthPx, heightPx)
    const pixels = data.buffer as SharedArrayBuffer
    const middle = Math.ceil(heightPx / 2)
    const edges = [0, middle, heightPx]
    const drawn = Array.from({ length: BANDS }, (_, band) =>
      this.draw(band, { request, pixels, top: edges[band]!, bottom: edges[band + 1]! }),
    )
    // Also after a failure: nobody may write to memory that has been let go.
    await Promise.allSettled(drawn)
    await Promise.all(drawn)
    return { data, widthPx, heightPx }
  }

  private draw(band: number, task: Omit<RenderTask, 'id'>): Promise<void> {
    if (task.top >= task.bottom) return Promise.resolve()
    const id = this.nextId++
    const worker = this.workers[band % this.workers.length]!
    return new Promise((resolve, reject) => {
      if (this.waiting.size === 0) for (const each of this.workers) each.ref()
      this.waiting.set(id, { resolve, reject })
      worker.postMessage({ id, ...task } satisfies RenderTask)
    })
  }

  private start(): void {
    this.workers = Array.from({ length: BANDS }, () => {
      const worker = new Worker(workerFile(import.meta.url, './render-worker.ts'), { workerData: this.data })
      worker.unref()
      worker.on('message', (reply: RenderReply) => {
        const entry = this.settle(reply.id)
        if (reply.failure) entry?.reject(new Error(`The simulated slide could not be drawn: ${reply.failure}`))
        else entry?.resolve()
      })
      worker.on('error', (error) => this.end(error instanceof Error ? error : new Error(String(error))))
      return worker
    })
  }

  /** An idle world keeps no process alive. */
  private settle(id: number): Waiting | undefined {
    const entry = this.waiting.get(id)
    this.waiting.delete(id)
    if (this.waiting.size === 0) for (const each of this.workers) each.unref()
    return entry
  }

  /** Fails what is being drawn, once nobody draws at it any more. */
  private async end(reason: Error): Promise<void> {
    const [workers, ids] = [this.workers, [...this.waiting.keys()]]
    this.workers = []
    await Promise.all(workers.map((worker) => worker.terminate()))
    for (const id of ids) this.settle(id)?.reject(reason)
  }

  async close(): Promise<void> {
    this.closed = true
    await this.end(new Error('This world was closed while it was drawing.'))
  }
}
