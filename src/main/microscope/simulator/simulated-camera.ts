import { setImmediate } from 'node:timers/promises'
import { determinant } from '../../../shared/camera-transform.ts'
import type { CameraControl } from '../../../shared/contract/camera.ts'
import { MedullaError } from '../../../shared/errors.ts'
import { stageUm } from '../../../shared/geometry.ts'
import type { Camera, CameraFlow, CameraState, CameraValues, Exposure, Frame } from '../camera/camera.ts'
import { NO_CONTROLS } from '../camera/camera.ts'
import type { StagePosition } from '../stage/stage.ts'
import { hash } from './random.ts'
import type { DeliveredFrame } from './simulated-camera-driver.ts'
import { SimulatedCameraDriver } from './simulated-camera-driver.ts'
import type { SimulatedCameraOptions } from './simulated-camera-options.ts'
import { DEFAULT_CAMERA_OPTIONS } from './simulated-camera-options.ts'
import { chanceOf } from './simulated-chance.ts'
import { SimulatedClock } from './simulated-clock.ts'
import type { ImageEffects, RenderRequest, World } from './world.ts'

/**
 * Faults on demand. timeout: no frame comes for the next capture. disconnect: the camera is gone until `reconnect`. repeat: the image of the capture before
 * comes once more, as a new frame.
 */
export type CameraFault = 'timeout' | 'disconnect' | 'repeat'

/** Whatever knows where the slide really lies under the objective: `SimulatedStage`. */
export interface TruePosition {
  truePositionAt(tMs: number): StagePosition
}

/** Points of an exposure at which the position is looked up. */
const SAMPLES = 9

/**
 * A free-running camera that looks at a simulated world. Only frames that are asked for are drawn. Of a stage at rest it gives the
 * same bytes for the same true position in every process: its noise is seeded with the world's seed and the position.
 */
export class SimulatedCamera implements Camera {
  readonly name = 'Simulated camera'
  /** What happens to it shows in its state; it keeps no record. */
  readonly notices = []
  readonly widthPx: number
  readonly heightPx: number
  readonly pixelSizeUm: number | null
  readonly controls = NO_CONTROLS
  readonly values: CameraValues
  readonly #options: SimulatedCameraOptions
  readonly #clock: SimulatedClock
  readonly #driver: SimulatedCameraDriver
  readonly #world: World
  readonly #stage: TruePosition
  readonly #faults: CameraFault[] = []
  readonly #underWay = new Set<Promise<unknown>>()
  #effects: ImageEffects
  #captures = 0
  /** What the newest image shows; null: there is none yet. */
  #shown: RenderRequest | null = null
  #lastSequence = -1
  #received = 0
  #droppedFrames = 0
  #latencyMs: number | null = null
  #linkLost = false
  #closed = false

  constructor(world: World, stage: TruePosition, options: Partial<SimulatedCameraOptions> & { effects: ImageEffects }) {
    this.#options = { ...DEFAULT_CAMERA_OPTIONS, ...options }
    const { widthPx, heightPx, pixelSizeUm, transform, exposureMs, framePeriodMs, timeScale } = this.#options
    if (framePeriodMs < exposureMs) throw new RangeError('a frame period shorter than the exposure')
    this.widthPx = widthPx
    this.heightPx = heightPx
    this.pixelSizeUm = transform ? null : pixelSizeUm
    this.values = { ...NO_CONTROLS, exposureMs }
    this.#effects = this.#options.effects
    this.#world = world
    this.#stage = stage
    this.#clock = new SimulatedClock(timeScale)
    this.#driver = new SimulatedCameraDriver(this.#clock.nowMs(), this.#options)
  }

  get state(): CameraState {
    if (this.#closed) return 'closed'
    return this.#isGone ? 'disconnected' : 'streaming'
  }

  /** `dropped`: while somebody waited for them; what happens while nobody looks is not simulated. */
  get flow(): CameraFlow {
    const { framePeriodMs, timeScale } = this.#options
    return {
      received: this.#received,
      dropped: this.#droppedFrames,
      framesPerS: this.#received < 2 ? null : (1000 / framePeriodMs) * timeScale,
      latencyMs: this.#latencyMs,
    }
  }

  async configure(values: Partial<Record<CameraControl, number>>): Promise<CameraValues> {
    this.#assertOpen()
    const [control] = Object.keys(values)
    if (control === undefined) return this.values
    throw new MedullaError('invalid-input', `The simulated camera has no control ${control}`, {
      remedy: 'Leave its settings as they are.',
    })
  }

  /** The next capture meets with this fault; several queue up. */
  failNext(fault: CameraFault): void {
    this.#faults.push(fault)
  }

  /** Turns the lamp: see `ImageEffects.light`. */
  setLight(light: number): void {
    this.#effects = { ...this.#effects, light }
  }

  /** Plugs the camera in again after a `disconnect`. */
  reconnect(): void {
    this.#linkLost = false
  }

  async startCaptureAfter(tMs: number, signal?: AbortSignal): Promise<Exposure> {
    signal?.throwIfAborted()
    const fault = this.#faults.shift()
    if (fault === 'disconnect') this.#linkLost = true
    this.#assertOpen()
    const { seed, timeoutMs, timeoutShare } = this.#options
    const mute = fault === 'timeout' || chanceOf(seed, 3, this.#captures++) < timeoutShare
    for (;;) {
      const nowMs = this.#clock.nowMs()
      const delivered = this.#driver.read(nowMs)
      // From frame to frame, so that a pause of this process is not taken for one of the camera.
      if (mute || delivered.endMs > nowMs + timeoutMs) {
        await this.#clock.sleepUntil(nowMs + timeoutMs, signal)
        throw this.#timedOut()
      }
      await this.#clock.sleepUntil(delivered.endMs, signal)
      this.#assertOpen()
      this.#droppedFrames += delivered.lost
      // A frame delivered twice, or one that a concurrent reader was given already.
      if (delivered.sequence <= this.#lastSequence) continue
      this.#lastSequence = delivered.sequence
      this.#received++
      const exposureStartMs = this.#clock.toProcessMs(delivered.startMs)
      if (exposureStartMs < tMs) continue
      const frame = this.#readOut(delivered, fault === 'repeat' || this.#options.isHung(), signal)
      return {
        sequence: delivered.sequence,
        exposureStartMs,
        exposureEndMs: this.#clock.toProcessMs(delivered.endMs),
        frame,
      }
    }
  }

  /** Waits for frames that are still being drawn. */
  async close(): Promise<void> {
    this.#closed = true
    await Promise.allSettled(this.#underWay)
  }

  /** Looks up where the stage was at once; the pixels follow. @param again those of the image before. */
  #readOut(delivered: DeliveredFrame, again: boolean, signal?: AbortSignal): Promise<Frame> {
    const { readoutMs } = this.#options
    const shown = (again && this.#shown) || this.#requestOf(delivered)
    this.#shown = shown
    const render = async () => {
      // Whoever waits for the end of the exposure goes first: making room for the pixels takes milliseconds.
      await setImmediate()
      return this.#world.render(shown)
    }
    const rendered = render()
    const arrive = async (): Promise<Frame> => {
      const [image] = await Promise.all([rendered, this.#clock.sleepUntil(delivered.endMs + readoutMs, signal)])
      signal?.throwIfAborted()
      // Pixels that were on their way when the cable was pulled.
      if (!this.#options.isPlugged()) throw linkLost()
      this.#latencyMs = performance.now() - this.#clock.toProcessMs(delivered.startMs)
      return {
        ...image,
        sequence: delivered.sequence,
        exposureStartMs: this.#clock.toProcessMs(delivered.startMs),
        exposureEndMs: this.#clock.toProcessMs(delivered.endMs),
      }
    }
    const frame = arrive()
    const whole = Promise.allSettled([rendered, frame])
    this.#underWay.add(whole)
    whole.then(() => this.#underWay.delete(whole))
    return frame
  }

  #requestOf(delivered: DeliveredFrame): RenderRequest {
    const { transform, widthPx, heightPx } = this.#options
    const { at, travelUm } = this.#integrate(delivered)
    return {
      centre: stageUm(at.xUm, at.yUm),
      zUm: at.zUm,
      widthPx,
      heightPx,
      pixelSizeUm: transform ? Math.sqrt(Math.abs(determinant(transform))) : this.#options.pixelSizeUm,
      ...(transform && { transform }),
      travelUm,
      effects: this.#effects,
      noiseSeed: noiseSeedAt(this.#world.seed, at),
    }
  }

  /** Mean position and travel over the exposure. A stage at rest gives its position to the last bit. */
  #integrate({ startMs, endMs }: DeliveredFrame) {
    const first = this.#positionAt(startMs)
    let { xUm, yUm, zUm } = first
    const [low, high] = [{ ...first }, { ...first }]
    let last = first
    for (let i = 1; i < SAMPLES; i++) {
      last = this.#positionAt(startMs + ((endMs - startMs) * i) / (SAMPLES - 1))
      // As increments to the first, so that nothing is lost to rounding while nothing moves.
      xUm += (last.xUm - first.xUm) / SAMPLES
      yUm += (last.yUm - first.yUm) / SAMPLES
      zUm += (last.zUm - first.zUm) / SAMPLES
      for (const axis of ['xUm', 'yUm'] as const) {
        low[axis] = Math.min(low[axis], last[axis])
        high[axis] = Math.max(high[axis], last[axis])
      }
    }
    // The extent, signed, so that a vibration that ends where it began smears as well.
    const extent = (axis: 'xUm' | 'yUm') => (last[axis] < first[axis] ? -1 : 1) * (high[axis] - low[axis])
    return { at: { xUm, yUm, zUm }, travelUm: stageUm(extent('xUm'), extent('yUm')) }
  }

  #positionAt(deviceMs: number) {
    return this.#stage.truePositionAt(this.#clock.toProcessMs(deviceMs))
  }

  get #isGone(): boolean {
    return this.#linkLost || !this.#options.isPlugged()
  }

  #assertOpen(): void {
    if (this.#closed)
      throw new MedullaError('device-failed', 'The camera is closed', { remedy: 'Open the microscope again.' })
    if (this.#isGone) throw linkLost()
  }

  #timedOut(): MedullaError {
    const { timeoutMs } = this.#options
    return new MedullaError('capture-timeout', `The camera sent no new frame within ${timeoutMs} ms`, {
      remedy: 'Check the camera and its cable, close other programs that use it, then resume.',
      values: { timeoutMs },
    })
  }
}

function linkLost(): MedullaError {
  return new MedullaError('device-failed', 'The link to the camera was lost', {
    remedy: 'Plug the camera in again, then resume.',
  })
}

/** By the position to a hundredth of a micrometre. */
function noiseSeedAt(worldSeed: number, at: StagePosition): number {
  return hash(worldSeed, Math.round(at.xUm * 100), Math.round(at.yUm * 100), Math.round(at.zUm * 100))
}
