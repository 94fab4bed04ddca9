import { setTimeout as sleep } from 'node:timers/promises'
import { DRIVE_LEASE_MS } from '../../../shared/contract/microscope.ts'
import { MedullaError } from '../../../shared/errors.ts'
import { captureAfter } from '../../microscope/camera/camera.ts'
import type { StageRig } from '../../microscope/rig.ts'
import type { MoveManner, StagePosition } from '../../microscope/stage/stage.ts'
import type { LiveView } from '../live-view.ts'
import type { MicroscopeLog } from './microscope-log.ts'

/** Between two readings of the position while nothing is moved from here. */
const POLL_MS = 400
/** After something failed. */
const TRY_AGAIN_MS = 1500
/** Between two pictures: an eye sees it move, and a processor has room for more. */
const PICTURE_MS = 120
/** By hand the image follows at once: vibration and backlash do no harm to the eye. */
const BY_HAND: MoveManner = { straight: true, unsettled: true }

export interface Drive {
  readonly x: number
  readonly y: number
  readonly z: number
  readonly stepXyUm: number
  readonly stepZUm: number
}

export interface HandsParts {
  readonly rig: StageRig
  readonly live: LiveView
  readonly log: MicroscopeLog
  /** Somebody looks: position and pictures are kept up to date. */
  readonly watched: () => boolean
  readonly changed: () => void
}

type Problem = Pick<MedullaError, 'message'> & { readonly remedy: string }

/** A person's hands on a microscope: one motion at a time, halted by release, by a halt, and by being let go. */
export class Hands {
  readonly #parts: HandsParts
  readonly #ended = new AbortController()
  #loops: Promise<unknown> | null = null
  #drive: { wanted: Drive; untilMs: number } | null = null
  #driving: Promise<void> | null = null
  #activity: string | null = null
  position: StagePosition | null = null
  problem: Problem | null = null

  constructor(parts: HandsParts) {
    this.#parts = parts
  }

  /** What is under way, in words; null: nothing. */
  get activity(): string | null {
    return this.#activity
  }

  start(): void {
    this.#loops ??= Promise.all([this.#look(), this.#watch()])
  }

  /** Halts what moves, and resolves when nothing of it is left. */
  async end(): Promise<void> {
    this.#ended.abort()
    if (this.#driving || this.#activity !== null) await this.halt().catch(() => undefined)
    await this.#driving
    await this.#loops
  }

  goTo(target: Partial<StagePosition>): Promise<StagePosition> {
    return this.#move(`moving to ${wordsOf(target)}`, () => this.#parts.rig.stage.moveTo(target, this.#ended.signal))
  }

  retract(): Promise<StagePosition> {
    const { stage } = this.#parts.rig
    return this.#move('taking the objective out of the way', () =>
      stage.moveTo({ zUm: stage.retractedZUm }, this.#ended.signal),
    )
  }

  home(): Promise<StagePosition> {
    const { driven } = this.#parts.rig
    if (!driven) {
      throw new MedullaError('device-failed', 'This stage has no reference to run to', {
        remedy: 'Go on without: it knows where it is.',
        motionPossible: false,
      })
    }
    return this.#move('homing', () => driven.home(this.#ended.signal))
  }

  /** Ends at the limits. */
  async step(by: StagePosition): Promise<StagePosition> {
    const { stage } = this.#parts.rig
    return this.#move('stepping', async () => {
      const from = await stage.position()
      return stage.moveTo(this.#within(from, by), this.#ended.signal, BY_HAND)
    })
  }

  /** Where the stage stands, read back now. Rejects `device-failed` while it moves. */
  async here(): Promise<StagePosition> {
    this.#assertFree()
    const position = await this.#parts.rig.stage.position()
    this.#assertFree()
    this.position = position
    return position
  }

  /** @returns whether it drives now. */
  async drive(wanted: Drive): Promise<boolean> {
    if (wanted.x === 0 && wanted.y === 0 && wanted.z === 0) {
      const driving = this.#driving
      this.#drive = null
      if (!driving) return false
      await this.#parts.rig.stage.halt()
      await driving
      return false
    }
    const untilMs = performance.now() + DRIVE_LEASE_MS
    if (this.#drive) {
      this.#drive = { wanted, untilMs }
      return true
    }
    this.#assertFree()
    this.#drive = { wanted, untilMs }
    this.#driving = this.#driveOn().finally(() => {
      this.#drive = null
      this.#driving = null
      this.#activity = null
      this.#parts.changed()
    })
    return true
  }

  async halt(): Promise<void> {
    this.#drive = null
    const { rig, log, changed } = this.#parts
    await rig.stage.halt()
    await this.#driving
    log.say('halted', 'Halted')
    changed()
  }

  async #driveOn(): Promise<void> {
    const { rig, changed } = this.#parts
    this.#activity = 'driving'
    changed()
    try {
      let here = await rig.stage.position()
      for (let drive = this.#drive; drive && performance.now() < drive.untilMs; drive = this.#drive) {
        const { x, y, z, stepXyUm, stepZUm } = drive.wanted
        const to = this.#within(here, { xUm: x * stepXyUm, yUm: y * stepXyUm, zUm: z * stepZUm })
        // At the limit.
        if (Object.keys(to).length === 0) break
        here = await rig.stage.moveTo(to, this.#ended.signal, BY_HAND)
        this.position = here
        this.problem = null
        changed()
      }
    } catch (error) {
      if (!isHalt(error)) return this.#failed(error)
    }
    await this.#readAtRest()
  }

  /** Where it came to rest, before it is said to be still. */
  async #readAtRest(): Promise<void> {
    try {
      this.position = await this.#parts.rig.stage.position()
    } catch (error) {
      this.#failed(error)
    }
  }

  async #move(activity: string, work: () => Promise<StagePosition>): Promise<StagePosition> {
    this.#assertFree()
    const { log, changed } = this.#parts
    this.#activity = activity
    changed()
    try {
      this.position = await work()
      this.problem = null
      if (activity !== 'stepping') log.say('moved', `At ${wordsOf(this.position)}`)
      return this.position
    } catch (error) {
      if (isHalt(error)) {
        await this.#readAtRest()
        throw new MedullaError('device-failed', 'The stage was halted', {
          remedy: 'Start the move again if it is still wanted.',
          motionPossible: true,
        })
      }
      this.#failed(error)
      throw error
    } finally {
      this.#activity = null
      changed()
    }
  }

  #assertFree(): void {
    if (this.#activity === null && !this.#drive) return
    throw new MedullaError('device-failed', `The stage is busy: ${this.#activity ?? 'driving'}`, {
      remedy: 'Wait until it has arrived, or halt it first.',
      motionPossible: true,
    })
  }

  /** Targets of the axes that change, no further than the limits. */
  #within(from: StagePosition, by: StagePosition): Partial<StagePosition> {
    const { limits } = this.#parts.rig.stage
    return Object.fromEntries(
      (['x', 'y', 'z'] as const).flatMap((axis) => {
        const { minUm, maxUm } = limits[axis]
        const here = from[`${axis}Um`]
        const to = Math.min(Math.max(here + by[`${axis}Um`], Math.min(minUm, here)), Math.max(maxUm, here))
        return to === here ? [] : [[`${axis}Um`, to]]
      }),
    )
  }

  /** Where the stage is, as often as an eye needs it; a joystick at the microscope moves it too. */
  async #watch(): Promise<void> {
    const { rig, log, watched, changed } = this.#parts
    while (!this.#ended.signal.aborted) {
      let pauseMs = POLL_MS
      if (watched() && rig.driven?.state !== 'homing' && !this.#driving) {
        try {
          const position = await rig.stage.position()
          if (!same(position, this.position)) changed()
          this.position = position
          this.problem = null
        } catch (error) {
          // A motion tells of its own failures.
          if (this.#activity === null && !isHalt(error)) this.#failed(error)
          pauseMs = TRY_AGAIN_MS
        }
        log.hear(rig)
      }
      await this.#pause(pauseMs)
    }
  }

  /** What the camera sees, picture after picture. */
  async #look(): Promise<void> {
    const { rig, live, log, watched, changed } = this.#parts
    while (!this.#ended.signal.aborted) {
      let pauseMs = PICTURE_MS
      if (watched()) {
        try {
          live.show(await captureAfter(rig.camera, performance.now(), this.#ended.signal))
        } catch {
          // The camera's state and notices say what is wrong.
          pauseMs = TRY_AGAIN_MS
        }
        log.hear(rig)
        changed()
      }
      await this.#pause(pauseMs)
    }
  }

  #failed(error: unknown): void {
    const { log, changed } = this.#parts
    const remedy = error instanceof MedullaError ? error.detail.remedy : 'Connect the microscope again.'
    const message = error instanceof Error ? error.message : String(error)
    if (this.problem?.message !== message) log.say('problem', message)
    this.problem = { message, remedy }
    if (error instanceof MedullaError && error.code !== 'position-out-of-limits') this.position = null
    changed()
  }

  #pause(ms: number): Promise<void> {
    return sleep(ms, undefined, { signal: this.#ended.signal }).catch(() => undefined)
  }
}

function isHalt(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'AbortError'
}

function same(a: StagePosition, b: StagePosition | null): boolean {
  return b !== null && a.xUm === b.xUm && a.yUm === b.yUm && a.zUm === b.zUm
}

function wordsOf({ xUm, yUm, zUm }: Partial<StagePosition>): string {
  const mm = (um: number) => `${(um / 1000).toFixed(3)} mm`
  const words = [
    ...(xUm === undefined ? [] : [`x ${mm(xUm)}`]),
    ...(yUm === undefined ? [] : [`y ${mm(yUm)}`]),
    ...(zUm === undefined ? [] : [`z ${zUm.toFixed(1)} µm`]),
  ]
  return words.join(', ')
}
