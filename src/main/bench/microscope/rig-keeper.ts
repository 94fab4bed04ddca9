import { isDeepStrictEqual } from 'node:util'
import type { StageRigSettings } from '../../../shared/contract/microscope.ts'
import { MedullaError } from '../../../shared/errors.ts'
import { openRig } from '../../microscope/open-rig.ts'
import type { StageRig } from '../../microscope/rig.ts'
import type { StagePosition } from '../../microscope/stage/stage.ts'
import { Changes } from '../changes.ts'
import type { LiveView } from '../live-view.ts'
import { Hands } from './hands.ts'
import { LentStage } from './lent-stage.ts'
import type { MicroscopeLog } from './microscope-log.ts'

interface Open {
  readonly rig: StageRig
  readonly settings: StageRigSettings
  readonly rigId: string | null
  /** It was connected by hand, and stays so when a scan is done with it. */
  readonly byHand: boolean
}

/** Who has the microscope alone, in words for the window. */
interface Lent {
  readonly to: 'scan' | 'task'
  readonly activity: string | null
}

/**
 * The one owner of a microscope in this process. A person's hands, a scan and a calibration have it one after the other, never two at a
 * time: nobody asks for a position while somebody else takes images. What a person connected stays open when a scan takes it, so that
 * boards which restart when their port is opened keep their place, and goes back to the hands afterwards.
 */
export class RigKeeper {
  readonly changes = new Changes()
  readonly log: MicroscopeLog
  readonly #live: LiveView
  #open: Open | null = null
  #hands: Hands | null = null
  #lent: Lent | null = null
  #lastPosition: StagePosition | null = null
  #connecting = false
  #watchers = 0
  /** Connected by hand, and let go for a scan with another: it is connected again afterwards. */
  #waiting: Pick<Open, 'settings' | 'rigId'> | null = null
  #closing = false

  constructor(live: LiveView, log: MicroscopeLog) {
    this.#live = live
    this.log = log
  }

  get open(): Open | null {
    return this.#open
  }

  get lent(): Lent | null {
    return this.#lent
  }

  get connecting(): boolean {
    return this.#connecting
  }

  /** null: nobody connected one, or something else has it. */
  get hands(): Hands | null {
    return this.#hands
  }

  get position(): StagePosition | null {
    return this.#hands ? this.#hands.position : this.#lastPosition
  }

  /** @returns ends the watching. */
  watch(): () => void {
    this.#watchers++
    return () => {
      this.#watchers--
    }
  }

  async connect(settings: StageRigSettings, rigId: string | null): Promise<void> {
    await this.#exclusively(async () => {
      await this.#letGo()
      await this.#openByHand({ settings, rigId })
    })
  }

  async #openByHand({ settings, rigId }: Pick<Open, 'settings' | 'rigId'>): Promise<void> {
    const rig = await openRig(settings)
    this.#open = { rig, settings, rigId, byHand: true }
    this.log.say('connected', `${rig.name}: ${rig.driven?.identity ?? rig.stage.name}; ${rig.camera.name}`)
    this.#takeInHand()
  }

  async disconnect(): Promise<void> {
    await this.#exclusively(() => this.#letGo())
  }

  /** Rejects `run-active`, `device-failed` where no microscope is in hand. */
  requireHands(): Hands {
    this.#assertFree()
    if (this.#hands) return this.#hands
    throw new MedullaError('device-failed', 'No microscope is connected', {
      remedy: 'Connect one in the microscope panel first.',
      motionPossible: false,
    })
  }

  /** Ahead of everything, whoever has it. */
  async halt(): Promise<void> {
    if (this.#hands) return this.#hands.halt()
    await this.#open?.rig.stage.halt()
    this.log.say('halted', 'Halted')
    this.changes.changed()
  }

  /**
   * The rig for a scan or a task, which has it alone until it closes it. Frames it wants to have seen go to the live view by `show`.
   * Rejects `run-active`, and as opening one does.
   */
  async lend(settings: StageRigSettings, lent: Lent = { to: 'scan', activity: null }): Promise<StageRig> {
    return this.#exclusively(async () => {
      if (!this.#open || !sameDevices(this.#open.settings, settings)) await this.#openAnother(settings)
      const { rig } = this.#open!
      await this.#lendTo(lent)
      return {
        ...rig,
        stage: this.#lentStage(rig),
        close: async () => {
          await this.#giveBack()
        },
      }
    })
  }

  /** What a scan still has is not connected again when it gives it back: all is about to be closed. */
  closing(): void {
    this.#closing = true
  }

  async close(): Promise<void> {
    this.#closing = true
    await this.#letGo()
  }

  /** What is connected by hand waits until whoever the other is for has done. */
  async #openAnother(settings: StageRigSettings): Promise<void> {
    if (this.#open?.byHand) {
      const { rig, settings: own, rigId } = this.#open
      this.#waiting = { settings: own, rigId }
      this.log.say('disconnected', `${rig.name} is let go for another microscope, and connected again afterwards`)
    }
    await this.#letGo()
    try {
      this.#open = { rig: await openRig(settings), settings, rigId: null, byHand: false }
    } catch (error) {
      await this.#connectAgain()
      throw error
    }
  }

  /** Never rejects: what cannot be connected again says so, and a person connects it when it is there. */
  async #connectAgain(): Promise<void> {
    const waiting = this.#waiting
    this.#waiting = null
    if (!waiting || this.#closing) return
    try {
      await this.#openByHand(waiting)
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      this.log.say('problem', `The microscope that was connected before could not be connected again: ${why}`)
    }
  }

  #lentStage(rig: StageRig): LentStage {
    return new LentStage(rig.stage, (position) => {
      this.#lastPosition = position
      this.log.hear(rig)
      this.changes.changed()
    })
  }

  async #lendTo(lent: Lent): Promise<void> {
    this.#lastPosition = this.#hands?.position ?? null
    this.#lent = lent
    const hands = this.#hands
    this.#hands = null
    this.changes.changed()
    await hands?.end()
  }

  async #giveBack(): Promise<void> {
    if (this.#open?.byHand) {
      this.#lent = null
      this.#takeInHand()
      return
    }
    await this.#letGo()
    // Nobody takes the microscope before the one that was connected is back.
    await this.#connectAgain()
    this.#lent = null
    this.changes.changed()
  }

  #takeInHand(): void {
    const { rig } = this.#open!
    this.#hands = new Hands({
      rig,
      live: this.#live,
      log: this.log,
      watched: () => this.#watchers > 0,
      changed: () => this.changes.changed(),
    })
    this.#hands.start()
    this.changes.changed()
  }

  async #letGo(): Promise<void> {
    const hands = this.#hands
    const open = this.#open
    this.#hands = null
    this.#open = null
    this.#lastPosition = null
    await hands?.end()
    await open?.rig.close()
    this.changes.changed()
  }

  async #exclusively<T>(work: () => Promise<T>): Promise<T> {
    this.#assertFree()
    this.#connecting = true
    this.changes.changed()
    try {
      return await work()
    } catch (error) {
      this.log.say('problem', error instanceof Error ? error.message : String(error))
      throw error
    } finally {
      this.#connecting = false
      this.changes.changed()
    }
  }

  #assertFree(): void {
    if (!this.#lent && !this.#connecting) return
    const who =
      this.#lent?.to === 'scan' ? 'A scan' : this.#lent ? `Something else (${this.#lent.activity})` : 'Somebody else'
    throw new MedullaError('run-active', `${who} has the microscope.`, {
      remedy: this.#connecting ? 'Wait until it is connected.' : 'Wait for its end, or stop it.',
    })
  }
}

/** Whatever objective is said to be in place. */
function sameDevices(a: StageRigSettings, b: StageRigSettings): boolean {
  return isDeepStrictEqual({ ...a, objective: null }, { ...b, objective: null })
}
