import { MedullaError } from '../../../shared/errors.ts'
import type { CameraDriver } from './camera-driver.ts'

const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`

const failed = (message: string, remedy: string) => new MedullaError('device-failed', message, { remedy })

export const cameraClosed = () => failed('The camera is closed', 'Open the microscope again.')

export function fellSilent({ name, fewFramesRemedy }: CameraDriver, silentMs: number): MedullaError {
  return failed(`The camera (${name}) has sent nothing for ${seconds(silentMs)}`, fewFramesRemedy)
}

/** Of a stream from which nothing could be captured since it began. @param frames that arrived. */
export function neverStarted(driver: CameraDriver, frames: number, sinceMs: number): MedullaError {
  const { name, framePeriodMs, fewFramesRemedy } = driver
  if (frames === 0) return failed(`The camera (${name}) sends no frames`, fewFramesRemedy)
  if (frames < sinceMs / framePeriodMs / 2) {
    const many = frames === 1 ? 'one frame' : `${frames} frames`
    return failed(`Only ${many} of the camera (${name}) arrived in ${seconds(sinceMs)}`, fewFramesRemedy)
  }
  return failed(
    `The time stamps of the camera (${name}) do not keep time, so nobody can say when its frames were exposed`,
    'Name the rate at which it really sends, or read the source at its own rate (camera.paced).',
  )
}

/** @param latencyMs age at which its frames arrive; null: not known. */
export function noNewFrame({ name }: CameraDriver, waitedMs: number, latencyMs: number | null): MedullaError {
  const late = latencyMs === null ? '' : ` Its frames are ${seconds(latencyMs)} old when they arrive.`
  return new MedullaError(
    'capture-timeout',
    `The camera (${name}) sent no new frame within ${seconds(waitedMs)}.${late}`,
    {
      remedy: 'Ask for smaller frames or fewer of them, close other programs that use the computer, then try again.',
      values: { waitedMs: Math.round(waitedMs) },
    },
  )
}
