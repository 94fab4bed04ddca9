import { parentPort, workerData } from 'node:worker_threads'
import { letGo } from '../let-go.ts'
import { stepBack } from '../thread-priority.ts'
import type { Classified, LoadedModel } from './classifier.ts'
import { type Failure, failureOf } from './failure.ts'
import { type OpenOptions, openModel } from './open-model.ts'

export interface InferenceWorkerData {
  readonly folder: string
  readonly options: OpenOptions
}

/** Crops of one batch, on a buffer of their own; null: release the session and end. */
export type InferenceRequest = { readonly crops: Uint8Array; readonly n: number } | null

export type InferenceReply =
  | { readonly opened: LoadedModel }
  | { readonly classified: Classified }
  | { readonly failure: Failure }

const port = parentPort
if (port === null) throw new Error('The inference worker runs in a worker thread only')
const reply = (message: InferenceReply, buffers: ArrayBuffer[] = []) => port.postMessage(message, buffers)

async function serve({ folder, options }: InferenceWorkerData): Promise<void> {
  const model = await openModel(folder, options)
  port?.on('message', async (request: InferenceRequest) => {
    if (request === null) {
      await model.close()
      port.close()
      return
    }
    try {
      const classified = await model.classify(request.crops, request.n)
      const buffers = Object.values(classified).flatMap((values) => (values ? [values.buffer as ArrayBuffer] : []))
      reply({ classified }, buffers)
    } catch (error) {
      reply({ failure: failureOf(error) })
    }
    letGo(request.crops)
  })
  const { manifest, card, classes, variant, sha256, provider } = model
  reply({ opened: { manifest, card, classes, variant, sha256, provider } })
}

stepBack('inference')
serve(workerData as InferenceWorkerData).catch((error: unknown) => {
  reply({ failure: failureOf(error) })
  port.close()
})
