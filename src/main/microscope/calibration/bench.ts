import { MedullaError } from '../../../shared/errors.ts'
import type { RgbImage } from '../../../shared/image.ts'
import { type Camera, captureAfter } from '../camera/camera.ts'
import { findFocus, findFocusNear } from '../focus/find-focus.ts'
import { focusScore } from '../focus/focus-score.ts'
import type { MoveManner, Stage, StagePosition } from '../stage/stage.ts'

/** What a calibration works with. Nothing of it is stored until it is over. */
export interface CalibrationBench {
  readonly stage: Stage
  readonly camera: Camera
  readonly signal: AbortSignal
  /** Device milliseconds in one of this process: 1 but for simulations. */
  readonly timeScale: number
  /** The frame just taken, for the person who wants to see it. */
  readonly show: (frame: RgbImage) => void
  /** Words for the person at the bench, and how much is done. */
  readonly say: (activity: string, done: number, total: number) => void
}

/** A frame exposed after the stage came to rest. */
export async function frameNow({ camera, signal, show }: CalibrationBench): Promise<RgbImage> {
  const frame = await captureAfter(camera, performance.now(), signal)
  show(frame)
  return frame
}

export function go(bench: CalibrationBench, to: Partial<StagePosition>, manner?: MoveManner): Promise<StagePosition> {
  return bench.stage.moveTo(to, bench.signal, manner)
}

/** Rejects `focus-lost` where nothing comes into focus. `near`: focus is known to be about here. */
export async function focusHere({ stage, camera, signal }: CalibrationBench, near = false): Promise<StagePosition> {
  const { zUm } = await stage.position()
  const found = near ? await findFocusNear(stage, camera, zUm, signal) : await findFocus(stage, camera, {}, signal)
  if (!found.found) throw focusLost()
  return stage.position()
}

export function focusLost(): MedullaError {
  return new MedullaError('focus-lost', 'Nothing comes into focus here.', {
    remedy: 'Move to a place with cells, focus on them, and begin again.',
    motionPossible: true,
  })
}

export function tooPlain(): MedullaError {
  return new MedullaError('field-too-plain', 'There is too little to see here to measure by.', {
    remedy: 'Move to a place with many cells, focus on them, and begin again.',
    motionPossible: true,
  })
}

export function didNotMove(axis: string, movedUm: number): MedullaError {
  return new MedullaError(
    'stage-did-not-move',
    `The controller reports ${movedUm.toFixed(1)} um of travel along ${axis}, but the image has not changed.`,
    {
      remedy: 'Check that the stage is clutched in and the slide is held, then begin again.',
      motionPossible: true,
      values: { axis, movedUm },
    },
  )
}

/** Part of an axis round a place, as far as the stage may go. */
export function within(limits: { readonly minUm: number; readonly maxUm: number }, aroundUm: number, lengthUm: number) {
  const length = Math.min(lengthUm, limits.maxUm - limits.minUm)
  const fromUm = Math.min(Math.max(aroundUm - length / 2, limits.minUm), limits.maxUm - length)
  return { fromUm, toUm: fromUm + length }
}

/** As far up from a place as the stage may go; from farther down where the limit is near. */
export function upFrom(limits: { readonly minUm: number; readonly maxUm: number }, fromUm: number, lengthUm: number) {
  const from = Math.max(limits.minUm, Math.min(fromUm, limits.maxUm - lengthUm))
  return { fromUm: from, toUm: Math.min(limits.maxUm, from + lengthUm) }
}

/** Coarse focus score below which there is nothing to register; see `focusScore`. */
const PLAIN_SCORE = 2e-4

/** Whether the image here has anything to register. */
export async function isPlain(bench: CalibrationBench): Promise<boolean> {
  return focusScore(await frameNow(bench), 8) < PLAIN_SCORE
}

/** Why two images could not be told to be of one place. */
export async function unclear(bench: CalibrationBench): Promise<MedullaError> {
  return (await isPlain(bench)) ? tooPlain() : focusLost()
}
