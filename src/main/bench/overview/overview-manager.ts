import type { Logger } from 'pino'
import type { StageRect } from '../../../shared/contract/area.ts'
import type { StageRigSettings } from '../../../shared/contract/microscope.ts'
import type { OverviewEvent, OverviewSummary } from '../../../shared/contract/overview.ts'
import { MedullaError } from '../../../shared/errors.ts'
import { type Rect, type StageUm, stageUm } from '../../../shared/geometry.ts'
import { acquireBenchLock } from '../../casebook/bench-lock.ts'
import type { Casebook } from '../../casebook/casebook.ts'
import type { StageRig } from '../../microscope/rig.ts'
import { lookOver } from '../../scan/overview/look-over.ts'
import { overviewRaster, usualPitchUm } from '../../scan/overview/raster.ts'
import { fieldStep } from '../../scan/stage-plan.ts'
import type { Analyser } from '../../vision/analysis.ts'
import { asMedullaError } from '../boundary-errors.ts'
import { Changes } from '../changes.ts'
import type { LiveView } from '../live-view.ts'
import type { RigKeeper } from '../microscope/rig-keeper.ts'
import { openCalibrated, pixelSizeOf } from '../open-calibrated.ts'

export interface OverviewParts {
  readonly dataFolder: string
  readonly casebook: Casebook
  readonly analyser: () => Analyser
  readonly keeper: Pick<RigKeeper, 'lend'>
  readonly live: Pick<LiveView, 'show'>
  readonly log: Logger
}

export interface OverviewRequest {
  readonly rig: StageRigSettings
  readonly extent: StageRect | null
  readonly pitchUm: number | null
  readonly caseId: number | null
}

interface Active {
  readonly overviewId: number
  readonly abort: AbortController
  readonly done: Promise<void>
  /** When its first place had been looked at; null: not yet. */
  firstPlaceMs: number | null
  activity: string
}

/** More places than this are a scan, not an overview. */
const MOST_PLACES = 4000
/** Event streams have no back-pressure: a reader gets what is new, at most this often. */
const MIN_INTERVAL_MS = 100

/** The one overview that may go on at a time. It goes on without anybody watching, as a run does. */
export class OverviewManager {
  readonly #parts: OverviewParts
  readonly #changes = new Changes()
  #active: Active | null = null
  #starting = false

  constructor(parts: OverviewParts) {
    this.#parts = parts
  }

  async start({ rig: settings, extent, pitchUm, caseId }: OverviewRequest): Promise<OverviewSummary> {
    if (this.#active || this.#starting) {
      throw new MedullaError('run-active', 'A smear is being looked over already.', {
        remedy: 'Stop it, or wait until it is over.',
      })
    }
    this.#starting = true
    const { dataFolder, casebook, keeper } = this.#parts
    try {
      const lock = acquireBenchLock(dataFolder)
      let rig: StageRig | null = null
      try {
        rig = (await openCalibrated(settings, casebook, (asked) => keeper.lend(asked, LENT))).rig
        const made = this.#make(settings, rig, extent, pitchUm, caseId)
        this.#begin(made, rig, lock)
        return made
      } catch (error) {
        await rig?.close()
        lock.release()
        throw error
      }
    } finally {
      this.#starting = false
    }
  }

  async abort(overviewId: number): Promise<OverviewSummary> {
    const { casebook } = this.#parts
    casebook.overview(overviewId)
    if (this.#active?.overviewId !== overviewId) {
      throw new MedullaError('run-not-active', `Overview ${overviewId} is not going on here.`, {
        remedy: 'What it saw is there; look at it, or start another.',
      })
    }
    this.#active.abort.abort(new DOMException('The overview was stopped.', 'AbortError'))
    await this.#active.done
    return casebook.overview(overviewId)
  }

  async *events(overviewId: number, after: number, signal?: AbortSignal): AsyncGenerator<OverviewEvent, void> {
    const { casebook } = this.#parts
    let told = after
    while (!signal?.aborted) {
      // Listening starts before reading, so a change in between is not missed.
      const change = this.#changes.next(signal)
      const overview = casebook.overview(overviewId)
      const places = casebook.overviewPlaces(overviewId, told)
      told += places.length
      const active = this.#active?.overviewId === overviewId ? this.#active : null
      yield {
        overview,
        places,
        activity: active?.activity ?? overview.state,
        secondsLeft: secondsLeft(overview, active),
      }
      if (overview.state !== 'looking') return
      await change
      await new Promise((resolve) => setTimeout(resolve, MIN_INTERVAL_MS))
    }
  }

  /** What it saw stays: it counts as stopped. */
  async close(): Promise<void> {
    this.#active?.abort.abort(new DOMException('The bench is closing.', 'AbortError'))
    await this.#active?.done
  }

  #make(
    settings: StageRigSettings,
    rig: StageRig,
    asked: StageRect | null,
    askedPitchUm: number | null,
    caseId: number | null,
  ): OverviewSummary {
    const { widthPx, heightPx } = rig.camera
    const pixelSizeUm = pixelSizeOf(rig)
    const extent = asked ?? usualExtent(settings, rig)
    requireReach(extent, rig)
    const pitchUm = askedPitchUm ?? usualPitchUm(rectOf(extent))
    const plannedPlaces = overviewRaster(rectOf(extent), pitchUm).length
    if (plannedPlaces > MOST_PLACES) {
      throw new MedullaError('invalid-input', `${plannedPlaces} places are too many for an overview.`, {
        remedy: `Choose a smaller area or places farther apart; at most ${MOST_PLACES} are looked at.`,
      })
    }
    const step = fieldStep({ widthPx, heightPx, pixelSizeUm, placeErrorUm: rig.placeErrorUm })
    return this.#parts.casebook.createOverview({
      caseId,
      rig: settings,
      extent,
      pitchUm,
      pixelSizeUm,
      step,
      plannedPlaces,
    })
  }

  #begin(made: OverviewSummary, rig: StageRig, lock: { release(): void }): void {
    const { casebook, analyser, live, log } = this.#parts
    const { overviewId, extent, pitchUm, pixelSizeUm } = made
    const abort = new AbortController()
    let planned = made.plannedPlaces
    const looking = lookOver({
      rig,
      pixelSizeUm,
      analyser: analyser(),
      extent: rectOf(extent),
      pitchUm,
      signal: abort.signal,
      say: (activity, places) => {
        if (this.#active) this.#active.activity = activity
        if (places !== planned) casebook.setPlannedPlaces(overviewId, places)
        planned = places
        this.#changes.changed()
      },
      onPlace: (place) => {
        if (this.#active) this.#active.firstPlaceMs ??= performance.now()
        casebook.addOverviewPlace(overviewId, place)
        this.#changes.changed()
      },
      onFrame: (frame) => live.show(frame),
    })
    const ended = looking.then(
      ({ focus, pace }) =>
        () =>
          casebook.endOverview(overviewId, 'done', { focus: JSON.stringify(focus), pace }),
      (error: unknown) => () => {
        if (abort.signal.aborted) return casebook.endOverview(overviewId, 'stopped')
        const { code, message, detail } = asMedullaError(error, log)
        return casebook.endOverview(overviewId, 'failed', { failure: { code, message, remedy: detail.remedy } })
      },
    )
    const done = ended
      .then(async (record) => {
        // The end is recorded last: whoever sees it finds the microscope free.
        await rig.close()
        record()
      })
      .catch((error: unknown) => log.error({ overviewId, err: error }, 'the end of the overview could not be recorded'))
      .finally(() => {
        lock.release()
        this.#active = null
        this.#changes.changed()
      })
    this.#active = { overviewId, abort, done, firstPlaceMs: null, activity: 'starting' }
  }
}

const LENT = { to: 'task', activity: 'looking over the smear' } as const

/** What a person wrote into the rig file, else all that the stage reaches: where the smear lies is for the overview to find. */
function usualExtent(settings: StageRigSettings, { stage, area }: StageRig): StageRect {
  if (settings.kind === 'microscope' && settings.rig.area && area)
    return { xUm: area.origin.x, yUm: area.origin.y, widthUm: area.width, heightUm: area.height }
  const { x, y } = stage.limits
  return { xUm: x.minUm, yUm: y.minUm, widthUm: x.maxUm - x.minUm, heightUm: y.maxUm - y.minUm }
}

function requireReach({ xUm, yUm, widthUm, heightUm }: StageRect, { stage }: StageRig): void {
  const { x, y } = stage.limits
  if (xUm >= x.minUm && yUm >= y.minUm && xUm + widthUm <= x.maxUm && yUm + heightUm <= y.maxUm) return
  throw new MedullaError('position-out-of-limits', 'The area reaches beyond the limits of the stage.', {
    remedy: `Keep x between ${x.minUm} and ${x.maxUm} µm, y between ${y.minUm} and ${y.maxUm} µm.`,
    motionPossible: false,
  })
}

const rectOf = ({ xUm, yUm, widthUm, heightUm }: StageRect): Rect<StageUm> => ({
  origin: stageUm(xUm, yUm),
  width: widthUm,
  height: heightUm,
})

/** By the pace since the first place. */
function secondsLeft({ places, plannedPlaces }: OverviewSummary, active: Active | null): number | null {
  if (!active || active.firstPlaceMs === null || places < 5) return null
  return (((performance.now() - active.firstPlaceMs) / (places - 1)) * (plannedPlaces - places)) / 1000
}
