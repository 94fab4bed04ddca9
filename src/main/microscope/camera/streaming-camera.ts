import type { CameraControl } from '../../../shared/contract/camera.ts'
import type { MedullaError } from '../../../shared/errors.ts'
import type { Camera, CameraControls, CameraFlow, CameraNotice, CameraState, CameraValues, Exposure } from './camera.ts'
import type { CameraDriver, ControlChange, FrameStream } from './camera-driver.ts'
import { Captures } from './captures.ts'
import { requireControls } from './controls.ts'
import { FrameGaps } from './frame-gaps.ts'
import { toRgb } from './pixels.ts'
import { SourceClock } from './source-clock.ts'
import { cameraClosed, fellSilent, neverStarted, noNewFrame } from './stream-errors.ts'

/** How often the stream is looked after. */
const TICK_MS = 200
/** Without a byte for so long, or four frames where that is longer, the camera is gone. */
const SILENT_MS = 1200
/** From its start until a stream's frames can be placed in time. */
const START_MS = 15_000
/** A capture waits so long for a camera that is gone to come back. */
const RETURN_MS = 1500
/** A capture waits so long for a frame of a camera that streams, beyond what exposures take. */
const CAPTURE_MS = 4000
/** Between attempts to start a camera that is gone: from the shortest to the longest. */
const RETRY_MS = [200, 2000] as const
/** Cameras take up a new setting after so many frames. */
const FRAMES_TO_SETTLE = 3
const KEPT_NOTICES = 50
/** Frames are counted over so long, milliseconds. */
const RATE_MS = 2000

/** One start of the camera, from its first byte to its end. */
interface Session {
  readonly stream: FrameStream
  readonly clock: SourceClock
  readonly startedMs: number
  aliveMs: number
  frames: number
  /** Ticks in a row in which nothing had come for too long: this process may have been busy, and what came is not read yet. */
  silentTicks: number
}

/**
 * A camera that streams by itself. Everything that arrives is taken off the line at once and, where nobody waits for it, dropped, so
 * that nothing grows old on its way. What is gone is started again until it is back or the camera is closed.
 */
export class StreamingCamera implements Camera {
  readonly #driver: CameraDriver
  readonly #captures = new Captures()
  readonly #notices: CameraNotice[] = []
  readonly #arrivalsMs: number[] = []
  #gaps: FrameGaps
  #session: Session | null = null
  #state: CameraState = 'disconnected'
  /** Why it is disconnected. */
  #reason: MedullaError | null = null
  #values: CameraValues
  /** What of it was set while it streamed. */
  #changed: ControlChange = {}
  #sequence = -1
  #received = 0
  #lostBefore = 0
  #lostInRow = 0
  #latencyMs: number | null = null
  #notBeforeMs = Number.NEGATIVE_INFINITY
  #reconfiguring = false
  #retryMs: number = RETRY_MS[0]
  #retry: NodeJS.Timeout | null = null
  #ending: Promise<void> = Promise.resolve()
  #change: Promise<unknown> = Promise.resolve()
  #watch: NodeJS.Timeout
  /** Told of every change of state. */
  readonly #onState = new Set<() => void>()

  private constructor(driver: CameraDriver) {
    this.#driver = driver
    this.#values = driver.values
    this.#gaps = new FrameGaps(driver.framePeriodMs)
    this.#watch = setInterval(() => this.#tick(), TICK_MS)
    this.#begin()
  }

  /**
   * Resolves once frames arrive and can be placed in time. Rejects `device-failed`, `device-taken` as soon as the camera says that it
   * will not, with everything that was started ended again.
   */
  static async open(driver: CameraDriver): Promise<StreamingCamera> {
    const camera = new StreamingCamera(driver)
    try {
      await camera.#streaming()
      return camera
    } catch (error) {
      await camera.close()
      throw error
    }
  }

  get name(): string {
    return this.#driver.name
  }

  get widthPx(): number {
    return this.#driver.widthPx
  }

  get heightPx(): number {
    return this.#driver.heightPx
  }

  get pixelSizeUm(): number | null {
    return this.#driver.pixelSizeUm
  }

  get controls(): CameraControls {
    return this.#driver.controls
  }

  get state(): CameraState {
    return this.#state
  }

  get notices(): readonly CameraNotice[] {
    return [...this.#notices]
  }

  get values(): CameraValues {
    return this.#values
  }

  get flow(): CameraFlow {
    return {
      received: this.#received,
      dropped: this.#lostBefore + this.#gaps.lost,
      framesPerS: this.#rate(),
      latencyMs: this.#latencyMs,
    }
  }

  async configure(change: Partial<Record<CameraControl, number>>): Promise<CameraValues> {
    this.#requireOpen()
    if (this.#reason) throw this.#reason
    requireControls(this.#driver, change)
    if (Object.keys(change).length === 0) return this.#values
    const work = this.#change.then(() => this.#reconfigure(change))
    this.#change = work.catch(() => undefined)
    return work
  }

  async startCaptureAfter(tMs: number, signal?: AbortSignal): Promise<Exposure> {
    signal?.throwIfAborted()
    this.#requireOpen()
    return this.#captures.wait(tMs, signal)
  }

  async close(): Promise<void> {
    if (this.#state !== 'closed') {
      clearInterval(this.#watch)
      if (this.#retry) clearTimeout(this.#retry)
      this.#setState('closed')
      this.#captures.rejectAll(cameraClosed())
      this.#endSession()
    }
    await this.#ending
  }

  #begin(): void {
    const clock = new SourceClock(this.#driver.hostClock)
    const nowMs = performance.now()
    const own = (): Session | null => (this.#session?.clock === clock ? this.#session : null)
    const stream = this.#driver.start(this.#values, {
      alive: () => {
        const session = own()
        if (session) session.aliveMs = performance.now()
      },
      frame: (data, stampMs) => {
        const session = own()
        if (session) this.#take(session, data, stampMs)
      },
      failed: (error) => {
        if (own()) this.#fail(error)
      },
    })
    this.#session = { stream, clock, startedMs: nowMs, aliveMs: nowMs, frames: 0, silentTicks: 0 }
    this.#lostBefore += this.#gaps.lost
    this.#gaps = new FrameGaps(this.#driver.framePeriodMs)
  }

  #take(session: Session, data: Uint8Array, stampMs: number): void {
    const arrivalMs = performance.now()
    const placed = session.clock.place(stampMs, arrivalMs)
    if (!placed) return
    session.frames++
    this.#received++
    this.#arrivalsMs.push(arrivalMs)
    while (this.#arrivalsMs[0] < arrivalMs - RATE_MS) this.#arrivalsMs.shift()
    const lost = placed.sincePreviousMs === null ? 0 : this.#gaps.step(placed.sincePreviousMs)
    this.#sequence += 1 + lost
    if (placed.stampedMs === null) return
    if (this.#state === 'disconnected') this.#connected()
    // Of a stream that runs and lost something; at its start, and beside a gap in its time, nobody can say.
    if (lost > 0) this.#noticeLost(lost)
    const exposureStartMs = placed.stampedMs - this.#lagMs()
    this.#latencyMs = arrivalMs - exposureStartMs
    if (exposureStartMs < this.#notBeforeMs || this.#reconfiguring) return
    const exposure = { sequence: this.#sequence, exposureStartMs, exposureEndMs: arrivalMs }
    this.#captures.offer(exposureStartMs, () => {
      const { widthPx, heightPx, format } = this.#driver
      const frame = { ...exposure, widthPx, heightPx, data: toRgb({ data, widthPx, heightPx, format }) }
      return { ...exposure, frame: Promise.resolve(frame) }
    })
  }

  /** Exposures that are longer than the frame period slow the camera down by as much. */
  #lagMs(): number {
    const { latencyMs, framePeriodMs } = this.#driver
    return latencyMs + Math.max(0, (this.#values.exposureMs ?? 0) - framePeriodMs)
  }

  #connected(): void {
    if (this.#reason) {
      this.#notice('reconnected', 'The camera is back')
      this.#setAgain()
    }
    this.#reason = null
    this.#retryMs = RETRY_MS[0]
    // Who has waited for it has waited enough; now it is the next frame's turn.
    this.#captures.startOver()
    this.#setState('streaming')
  }

  /** A camera that was without power has forgotten what was set while it streamed. */
  #setAgain(): void {
    const { apply } = this.#driver
    if (!apply || Object.keys(this.#changed).length === 0) return
    this.#notBeforeMs = Number.POSITIVE_INFINITY
    apply(this.#changed).then(
      () => this.#settleFromNow(),
      (error: MedullaError) => {
        if (this.#state === 'streaming') this.#fail(error)
      },
    )
  }

  #settleFromNow(): void {
    this.#notBeforeMs = performance.now() + Math.max(this.#lagMs(), FRAMES_TO_SETTLE * this.#driver.framePeriodMs)
  }

  #fail(error: MedullaError): void {
    const wasStreaming = this.#state === 'streaming'
    this.#reason = error
    if (wasStreaming && !this.#reconfiguring) {
      this.#notice('disconnected', error.message)
      // Those who come later may wait for it to come back; these have waited for this frame.
      this.#captures.rejectAll(error)
    }
    this.#setState('disconnected')
    this.#endSession()
    this.#retry = setTimeout(() => {
      this.#retry = null
      void this.#ending.then(() => {
        if (this.#state === 'disconnected' && !this.#session && !this.#reconfiguring) this.#begin()
      })
    }, this.#retryMs)
    this.#retryMs = Math.min(2 * this.#retryMs, RETRY_MS[1])
  }

  /** Whatever belongs to the session is over before the next one begins: it may still hold the camera. */
  #endSession(): void {
    const session = this.#session
    this.#session = null
    this.#arrivalsMs.length = 0
    if (session) this.#ending = Promise.all([this.#ending, session.stream.stop()]).then(() => undefined)
  }

  #tick(): void {
    const nowMs = performance.now()
    const periodMs = Math.max(this.#driver.framePeriodMs, this.#values.exposureMs ?? 0)
    const session = this.#session
    if (session && this.#state === 'streaming') {
      session.silentTicks = nowMs - session.aliveMs > Math.max(SILENT_MS, 4 * periodMs) ? session.silentTicks + 1 : 0
      if (session.silentTicks > 1) this.#fail(fellSilent(this.#driver, nowMs - session.aliveMs))
    } else if (session && nowMs - session.startedMs > START_MS + 4 * periodMs) this.#fail(this.#neverStarted())
    if (this.#reconfiguring) this.#captures.startOver()
    else if (this.#state === 'disconnected') {
      this.#captures.rejectAfter(RETURN_MS, () => this.#reason ?? this.#neverStarted())
    } else {
      this.#captures.rejectAfter(CAPTURE_MS + this.#lagMs() + 4 * periodMs, (waitedMs) =>
        noNewFrame(this.#driver, waitedMs, this.#latencyMs),
      )
    }
  }

  async #reconfigure(change: ControlChange): Promise<CameraValues> {
    this.#requireOpen()
    const before = this.#values
    const { apply } = this.#driver
    if (apply) {
      // Some of it may be set where the rest is refused.
      this.#notBeforeMs = Number.POSITIVE_INFINITY
      try {
        await apply(change)
        this.#values = { ...before, ...change }
        this.#changed = { ...this.#changed, ...change }
      } finally {
        this.#settleFromNow()
      }
      return this.#values
    }
    this.#reconfiguring = true
    try {
      await this.#restartWith({ ...before, ...change })
    } catch (error) {
      // As it was before, so that a setting that the camera refuses costs nothing but time.
      if (this.#state !== 'closed') await this.#restartWith(before).catch(() => undefined)
      throw error
    } finally {
      this.#reconfiguring = false
      // It may have failed meanwhile without anybody starting it again.
      if (this.#state === 'disconnected' && !this.#session && !this.#retry) this.#begin()
    }
    return this.#values
  }

  async #restartWith(values: CameraValues): Promise<void> {
    if (this.#retry) clearTimeout(this.#retry)
    this.#retry = null
    this.#endSession()
    await this.#ending
    this.#requireOpen()
    this.#values = values
    this.#reason = null
    this.#setState('disconnected')
    this.#begin()
    await this.#streaming()
  }

  /** Resolves when frames can be captured; rejects with the reason why not. */
  #streaming(): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = () => {
        if (this.#state === 'disconnected' && !this.#reason) return
        this.#onState.delete(look)
        if (this.#state === 'streaming') resolve()
        else reject(this.#reason ?? cameraClosed())
      }
      this.#onState.add(look)
      look()
    })
  }

  #setState(state: CameraState): void {
    this.#state = state
    for (const look of [...this.#onState]) look()
  }

  #notice(kind: CameraNotice['kind'], message: string): void {
    this.#notices.push({ atMs: performance.now(), kind, message })
    if (this.#notices.length > KEPT_NOTICES) this.#notices.shift()
  }

  /** Losses in a row are one notice, so that they do not push the others out. */
  #noticeLost(lost: number): void {
    this.#lostInRow = this.#notices.at(-1)?.kind === 'lost-frames' ? this.#lostInRow + lost : lost
    if (this.#lostInRow > lost) this.#notices.pop()
    this.#notice('lost-frames', `Frames of the camera that were lost on their way: ${this.#lostInRow}`)
  }

  #rate(): number | null {
    const [first, last] = [this.#arrivalsMs[0], this.#arrivalsMs.at(-1)]
    if (this.#state !== 'streaming' || last === undefined || last === first) return null
    return (1000 * (this.#arrivalsMs.length - 1)) / (last - first)
  }

  #requireOpen(): void {
    if (this.#state === 'closed') throw cameraClosed()
  }

  #neverStarted(): MedullaError {
    const { frames, startedMs } = this.#session ?? { frames: 0, startedMs: performance.now() }
    return neverStarted(this.#driver, frames, performance.now() - startedMs)
  }
}
