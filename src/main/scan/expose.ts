import { setTimeout as sleep } from 'node:timers/promises'
import { MedullaError } from '../../shared/errors.ts'
import type { Camera, Exposure, Frame } from '../microscope/camera/camera.ts'
import type { StagePosition } from '../microscope/stage/stage.ts'
import type { GivenImages } from './given-images.ts'

/** A camera that drops out is waited for as a pulled cable of the stage is: each attempt gives up within two seconds or so. */
const ATTEMPTS = 4
const BETWEEN_MS = 400

/**
 * A new exposure of where the stage stands. What the camera fails at is tried again a few times: the stage has not moved, and an exposure
 * that begins later is as good. Rejects as `Camera.startCaptureAfter`.
 * @param onWait told before each further attempt.
 */
export async function expose(camera: Camera, onWait: () => void, signal: AbortSignal): Promise<Exposure> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await camera.startCaptureAfter(performance.now(), signal)
    } catch (error) {
      const gone = error instanceof MedullaError && ['device-failed', 'capture-timeout'].includes(error.code)
      if (!gone || attempt === ATTEMPTS || camera.state === 'closed') throw error
      onWait()
      await sleep(BETWEEN_MS, undefined, { signal })
    }
  }
}

/**
 * The pixels of a new exposure, which the camera has given nowhere else before; while it repeats itself it is asked again a few times. Rejects as `expose`,
 * and `device-failed` where it goes on repeating itself.
 * @param at where the stage stands. @param onWait told before each further attempt.
 */
export async function exposeNew(
  camera: Camera,
  given: GivenImages,
  at: StagePosition,
  onWait: () => void,
  signal: AbortSignal,
): Promise<Frame> {
  for (let attempt = 1; ; attempt++) {
    const { frame } = await expose(camera, onWait, signal)
    const image = await frame
    if (!given.isRepeated(image, at)) return image
    if (attempt === ATTEMPTS) throw repeatsItself(camera)
    onWait()
    await sleep(BETWEEN_MS, undefined, { signal })
  }
}

export function repeatsItself({ name }: Camera): MedullaError {
  return new MedullaError(
    'device-failed',
    `The camera (${name}) hangs: it gives an image that it gave before, though the stage has moved since.`,
    { remedy: 'Unplug the camera and plug it in again, or restart its program, then resume.', motionPossible: true },
  )
}
