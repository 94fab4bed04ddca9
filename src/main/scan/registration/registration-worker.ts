import { parentPort } from 'node:worker_threads'
import type { RgbImage } from '../../../shared/image.ts'
import { HELD_BYTES, ImageGarbage } from '../../image-garbage.ts'
import { stepBack } from '../../thread-priority.ts'
import { comparedScale } from './compared-scale.ts'
import { cutPart, wholePart } from './cut-part.ts'
import { type FieldPart, type Match, matchParts, NO_MATCH, readyPart } from './match.ts'
import { overlapParts, type SizePx } from './overlap-parts.ts'
import { type PlaceEdge, type Solution, type StagePlace, solvePlaces } from './solve-places.ts'

export interface MatchRequest {
  /** Of a field, all that the other may show too, or more; no coarser than it is compared at. */
  readonly from: FieldPart
  /** Of that field, field pixels. */
  readonly fromSize: SizePx
  /** A whole field. */
  readonly to: RgbImage
  readonly pixelSizeUm: number
  /** Place of `to` less place of `from` by what is known beforehand, field pixels. */
  readonly expected: { readonly xPx: number; readonly yPx: number }
  /** How far off that may be along each axis, field pixels. */
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
const garbage = new ImageGarbage(HELD_BYTES)
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
  if (request.kind === 'match') garbage.passed(request.from.image.data.byteLength + request.to.data.byteLength)
})

function answerTo(request: RegistrationRequest): RegistrationAnswer {
  if (request.kind === 'solve') return solvePlaces(request.stage, request.edges, request.pixelSizeUm)
  const { from, fromSize, to, pixelSizeUm, expected, reachPx } = request
  const scale = comparedScale(pixelSizeUm)
  const parts = overlapParts(fromSize, to, scale, expected, reachPx)
  if (parts === null) return NO_MATCH
  const ready = readyPart(cutPart(from, parts.from), scale)
  return matchParts(ready, readyPart(cutPart(wholePart(to), parts.to), scale), scale, expected, reachPx)
}
