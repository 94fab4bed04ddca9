import { parentPort } from 'node:worker_threads'
import type { FieldPx, Rect } from '../../shared/geometry.ts'
import type { RgbImage } from '../../shared/image.ts'
import { stepBack } from '../thread-priority.ts'
import { analyseField } from './analyse-field.ts'
import type { AnalysedField, CropScale } from './analysis.ts'

export interface AnalysisRequest {
  readonly image: RgbImage
  readonly pixelSizeUm: number
  readonly modelScale: CropScale | null
  readonly within: Rect<FieldPx> | null
}

export type AnalysisReply = { readonly field: AnalysedField } | { readonly failure: string }

const port = parentPort
if (port === null) throw new Error('The analysis worker runs in a worker thread only')

stepBack('analysis')
port.on('message', ({ image, pixelSizeUm, modelScale, within }: AnalysisRequest) => {
  try {
    const field = analyseField(image, pixelSizeUm, modelScale, within)
    const buffers = new Set<ArrayBuffer>()
    for (const bytes of [...field.cropJpegs, field.modelCrops])
      if (bytes !== null) buffers.add(bytes.buffer as ArrayBuffer)
    port.postMessage({ field } satisfies AnalysisReply, [...buffers])
  } catch (cause) {
    const failure = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)
    port.postMessage({ failure } satisfies AnalysisReply)
  }
})
