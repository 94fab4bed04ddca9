import type { Sitting, TallyPlace } from '../../../shared/contract/tally.ts'
import { desk } from '../../app/desk.ts'
import { countingFrame } from '../../viewer/counting-frame.ts'
import { viewerHandle } from '../../viewer/handle.ts'

type LookingAt =
  | { readonly kind: 'live' | 'none' }
  | {
      readonly kind: 'slide'
      readonly area: { readonly x: number; readonly y: number; readonly width: number; readonly height: number }
    }

/** Where the person most likely looks: at the picture in the middle of the window. */
export function placeShown(benchShown: boolean, inHands: boolean): TallyPlace {
  if (benchShown) return inHands ? 'live' : 'none'
  return desk.get().slide === null ? 'none' : 'slide'
}

/** What a sitting counts in now; null: the picture it counts on is not shown. */
export function lookingAt({ place, runId }: Pick<Sitting, 'place' | 'runId'>): LookingAt | null {
  if (place !== 'slide') return { kind: place }
  const { slide, fields } = desk.get()
  const visible = viewerHandle.current?.visible() ?? null
  if (slide?.runId !== runId || visible === null) return null
  return { kind: 'slide', area: countingFrame(visible, fields) }
}
