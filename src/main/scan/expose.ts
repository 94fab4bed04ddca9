import { setTimeout as sleep } from 'node:timers/promises'
import { MedullaError } from '../../shared/errors.ts'
import type { Camera, Exposure } from '../microscope/camera/camera.ts'

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
