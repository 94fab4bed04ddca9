import { parentPort, workerData } from 'node:worker_threads'
import { stepBack } from '../../thread-priority.ts'
import { type CellLayout, layOut } from './lay-out.ts'

export interface MapWorkerData {
  /** count x size. */
  readonly vectors: Float32Array
  readonly count: number
  readonly size: number
  readonly seed: number
}

export type MapReply = { readonly done: number } | { readonly layout: CellLayout }

const port = parentPort
if (port === null) throw new Error('The map worker runs in a worker thread only')

stepBack('mapping')
const { vectors, count, size, seed } = workerData as MapWorkerData
let told = 0
const layout = layOut(vectors, count, size, { seed }, (done) => {
  if (done - told < 0.01) return
  told = done
  port.postMessage({ done } satisfies MapReply)
})
port.postMessage({ layout } satisfies MapReply)
