import { parentPort, workerData } from 'node:worker_threads'
import { type ErrorCode, type ErrorDetail, MedullaError } from '../../shared/errors.ts'
import { stepBack } from '../thread-priority.ts'
import type { Classified, LoadedModel } from './classifier.ts'
import { type OpenOptions, openModel } from './open-model.ts'

export interface InferenceWorkerData {
  readonly folder: string
  readonly options: OpenOptions
}

/** Crops of one batch, on a buffer of their own; null: release the session and end. */
export type InferenceRequest = { readonly crops: Uint8Array; readonly n: number } | null

/** What a MedullaError leaves of itself on its way through `postMessage`; without a code: any other error. */
export interface Failure {
  readonly code: ErrorCode | null
  readonly message: string
  readonly detail: ErrorDetail | null
}

export type InferenceReply =
  | { readonly opened: LoadedModel }
  | { readonly classified: Classified }
  | { readonly failure: Failure }

const port = parentPort
if (port === null) throw new Error('The inference worker runs in a worker thread only')
const reply = (message: InferenceReply, buffers: ArrayBuffer[] = []) => port.postMessage(message, buffers)

function failureOf(error: unknown): Failure {
  if (error instanceof MedullaError) return { code: error.code, message: error.message, detail: error.detail }
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return { code: null, message, detail: null }
}

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
  })
  const { manifest, card, classes, variant, sha256, provider } = model
  reply({ opened: { manifest, card, classes, variant, sha256, provider } })
}

stepBack('inference')
serve(workerData as InferenceWorkerData).catch((error: unknown) => reply({ failure: failureOf(error) }))
