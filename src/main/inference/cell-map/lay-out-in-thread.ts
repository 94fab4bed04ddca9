import { Worker } from 'node:worker_threads'
import { workerFile } from '../../worker-file.ts'
import type { CellLayout, OnProgress } from './lay-out.ts'
import type { MapReply, MapWorkerData } from './map-worker.ts'

/** `layOut` on a thread of its own, which gives way to all others. Rejects with the signal's reason once it is aborted. */
export async function layOutInThread(
  data: MapWorkerData,
  onProgress: OnProgress,
  signal: AbortSignal,
): Promise<CellLayout> {
  signal.throwIfAborted()
  const { promise, resolve, reject } = Promise.withResolvers<CellLayout>()
  const worker = new Worker(workerFile(import.meta.url, './map-worker.ts'), {
    workerData: data,
    transferList: [data.vectors.buffer as ArrayBuffer],
  })
  const stop = () => reject(signal.reason)
  signal.addEventListener('abort', stop, { once: true })
  worker.on('message', (reply: MapReply) => ('layout' in reply ? resolve(reply.layout) : onProgress(reply.done)))
  worker.once('error', reject)
  worker.once('exit', (code) => reject(new Error(`The map's thread ended with exit code ${code}`)))
  try {
    return await promise
  } finally {
    signal.removeEventListener('abort', stop)
    await worker.terminate()
  }
}
