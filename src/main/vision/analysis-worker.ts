import { parentPort } from 'node:worker_threads'
import type { FieldPx, Rect } from '../../shared/geometry.ts'
import type { RgbImage } from '../../shared/image.ts'
import type { FieldSpread } from '../../shared/overview/spread.ts'
import { HELD_BYTES, ImageGarbage } from '../image-garbage.ts'
import { stepBack } from '../thread-priority.ts'
import { analyseField } from './analyse-field.ts'
import type { AnalysedField, CropScale } from './analysis.ts'
import { type RedCellView, viewRedCells } from './red-cells.ts'
import { viewSpread } from './spread.ts'

export interface FieldRequest {
  readonly kind: 'field'
  readonly image: RgbImage
  readonly pixelSizeUm: number
  readonly modelScale: CropScale | null
  readonly within: Rect<FieldPx> | null
}

export interface RedCellsRequest {
  readonly kind: 'red-cells'
  readonly image: RgbImage
  readonly diametersPx: readonly number[]
}

export interface SpreadRequest {
  readonly kind: 'spread'
  readonly image: RgbImage
  readonly pixelSizeUm: number
}

export type AnalysisRequest = FieldRequest | RedCellsRequest | SpreadRequest
export type AnalysisAnswer = AnalysedField | readonly RedCellView[] | FieldSpread
export type AnalysisReply = { readonly answer: AnalysisAnswer } | { readonly failure: string }

const port = parentPort
if (port === null) throw new Error('The analysis worker runs in a worker thread only')

stepBack('analysis')
const garbage = new ImageGarbage(HELD_BYTES)
port.on('message', (request: AnalysisRequest | null) => {
  // Asked to end.
  if (request === null) {
    port.close()
    return
  }
  try {
    if (request.kind === 'red-cells') {
      const answer = request.diametersPx.map((diameterPx) => viewRedCells(request.image, diameterPx))
      port.postMessage({ answer } satisfies AnalysisReply)
    } else if (request.kind === 'spread') {
      port.postMessage({ answer: viewSpread(request.image, request.pixelSizeUm) } satisfies AnalysisReply)
    } else {
      const { image, pixelSizeUm, modelScale, within } = request
      const answer = analyseField(image, pixelSizeUm, modelScale, within)
      const buffers = new Set<ArrayBuffer>()
      for (const bytes of [...answer.cropJpegs, answer.modelCrops])
        if (bytes !== null) buffers.add(bytes.buffer as ArrayBuffer)
      port.postMessage({ answer } satisfies AnalysisReply, [...buffers])
    }
  } catch (cause) {
    const failure = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)
    port.postMessage({ failure } satisfies AnalysisReply)
  }
  garbage.passed(request.image.data.byteLength)
})
