import { type Camera, captureAfter, type Frame } from './camera.ts'

export interface CameraMeasure {
  readonly seconds: number
  /** Frames that arrived and that were lost meanwhile, wanted or not. */
  readonly received: number
  readonly dropped: number
  /** Over the whole time. */
  readonly framesPerS: number
  readonly captures: number
  /** From the question to the pixels, milliseconds. */
  readonly captureMs: Spread
  /** From the earliest moment at which its exposure can have begun to the pixels, milliseconds. */
  readonly latencyMs: Spread
}

export interface Spread {
  readonly median: number
  readonly p95: number
  readonly max: number
}

/**
 * Asks for one frame after the other, each time for one that was exposed after the question. Rejects as `Camera.startCaptureAfter`.
 * @param onFrame told of each frame and of when it was asked for.
 */
export async function measureCamera(
  camera: Camera,
  seconds: number,
  onFrame?: (frame: Frame, askedMs: number) => void,
): Promise<CameraMeasure> {
  const captureMs: number[] = []
  const latencyMs: number[] = []
  const before = camera.flow
  const startMs = performance.now()
  while (performance.now() - startMs < 1000 * seconds) {
    const askedMs = performance.now()
    const frame = await captureAfter(camera, askedMs)
    const arrivedMs = performance.now()
    captureMs.push(arrivedMs - askedMs)
    latencyMs.push(arrivedMs - frame.exposureStartMs)
    onFrame?.(frame, askedMs)
  }
  const after = camera.flow
  const tookS = (performance.now() - startMs) / 1000
  const received = after.received - before.received
  return {
    seconds: tookS,
    received,
    dropped: after.dropped - before.dropped,
    framesPerS: received / tookS,
    captures: captureMs.length,
    captureMs: spreadOf(captureMs),
    latencyMs: spreadOf(latencyMs),
  }
}

function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]
  return { median: at(0.5), p95: at(0.95), max: sorted[sorted.length - 1] }
}
