import { parentPort } from 'node:worker_threads'
import type { RgbImage } from '../../../shared/image.ts'
import { ImageGarbage } from '../../image-garbage.ts'
import { stepBack } from '../../thread-priority.ts'
import { cutPart } from './cut-part.ts'
import { type Match, matchParts, NO_MATCH, readyPart } from './match.ts'
import { overlapParts } from './overlap-parts.ts'
import { type PlaceEdge, type Solution, type StagePlace, solvePlaces } from './solve-places.ts'

export interface MatchRequest {
  readonly from: RgbImage
  /** Field pixels along each side of a pixel of `from`: 2 where it is a field at half its size. */
  readonly fromBinning: 1 | 2
  readonly to: RgbImage
  /** Place of `to` less place of `from` by what is known beforehand, pixels. */
  readonly expected: { readonly xPx: number; readonly yPx: number }
  /** How far off that may be along each axis, pixels. */
  readonly reachPx: number
}

export type RegistrationRequest =
  | ({ readonly kind: 'match' } & MatchRequest)
  | {
      readonly kind: 'solve'
      readonly stage: readonly StagePlace[]
      readonly edges: readonly PlaceEdge[]
      readonly pixelSizeUm: number
    }
export type RegistrationAnswer = Match | Solution
export type RegistrationReply = { readonly answer: RegistrationAnswer } | { readonly failure: string }

const port = parentPort
if (port === null) throw new Error('The registration worker runs in a worker thread only')

stepBack('registration')
const garbage = new ImageGarbage()
port.on('message', (request: RegistrationRequest | null) => {
  // Asked to end.
  if (request === null) {
    port.close()
    return
  }
  try {
    port.postMessage({ answer: answerTo(request) } satisfies RegistrationReply)
  } catch (cause) {
    const failure = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)
    port.postMessage({ failure } satisfies RegistrationReply)
  }
  if (request.kind === 'match') garbage.passed(request.from.data.byteLength + request.to.data.byteLength)
})

function answerTo(request: RegistrationRequest): RegistrationAnswer {
  if (request.kind === 'solve') return solvePlaces(request.stage, request.edges, request.pixelSizeUm)
  const { from, fromBinning, to, expected, reachPx } = request
  const fromPx = { widthPx: fromBinning * from.widthPx, heightPx: fromBinning * from.heightPx }
  const parts = overlapParts(fromPx, to, expected, reachPx)
  if (parts === null) return NO_MATCH
  const ready = readyPart(cutPart(from, fromBinning, parts.from))
  return matchParts(ready, readyPart(cutPart(to, 1, parts.to)), expected, reachPx)
}
