import { type Rect, type StageUm, stageUm } from '../../../shared/geometry.ts'
import type { RgbImage } from '../../../shared/image.ts'
import { USUAL_COUNTED } from '../../../shared/overview/expect.ts'
import type { OverviewPlace } from '../../../shared/overview/place.ts'
import { proposeAreas } from '../../../shared/overview/propose.ts'
import { smearMap } from '../../../shared/overview/smear-map.ts'
import { DEFAULT_TARGET_CELLS } from '../../../shared/taxonomy.ts'
import { type FocusMap, fitFocusMap } from '../../microscope/focus/focus-map.ts'
import type { FocusPoint } from '../../microscope/focus/focus-plane.ts'
import type { StageRig } from '../../microscope/rig.ts'
import type { StagePosition } from '../../microscope/stage/stage.ts'
import type { Analyser } from '../../vision/analysis.ts'
import { expose, exposeNew, repeatsItself } from '../expose.ts'
import { GivenImages } from '../given-images.ts'
import { goTo } from '../go-to.ts'
import { fieldStep } from '../stage-plan.ts'
import { cautiousHeight, firstFocus, focusAt, nothingInFocus } from './overview-focus.ts'
import { nearestInTurn, overviewRaster, spreadOut } from './raster.ts'
import { sharpnessOf } from './sharpness.ts'

/** Places at which focus is searched, besides the first. */
const FOCUS_PLACES = 8
/** What shows less stain than this, a share of the field, is no place to focus on. */
const CONTENT_SHARE = 0.05
/** Exposed while earlier places are still being looked at: about 10 MB each. */
const IN_WORK = 4
/** The best areas are looked at more closely: so many of them, so many places along each side. */
const CLOSER_AREAS = 3
const CLOSER_SIDE = 3
/** Fewer say little of how long one takes. */
const PACE_PLACES = 6
/** A place so near to one that was looked at, as a share of the pitch, tells nothing new. */
const SAME_PLACE = 0.25
/** A camera that repeats itself for so many places in a row hangs. */
const MOST_REPEATED = 4

export interface LookOverParts {
  readonly rig: StageRig
  readonly pixelSizeUm: number
  readonly analyser: Pick<Analyser, 'spread'>
  readonly extent: Rect<StageUm>
  readonly pitchUm: number
  readonly signal: AbortSignal
  /** `planned`: places in all, as far as is known. */
  readonly say: (activity: string, planned: number) => void
  /** In order. */
  readonly onPlace: (place: OverviewPlace) => void
  readonly onFrame: (frame: RgbImage) => void
}

export interface LookedOver {
  /** Where focus was found. */
  readonly points: readonly FocusPoint[]
  readonly focus: FocusMap
  readonly pace: OverviewPace
}

/** How long the overview's own steps took, milliseconds. */
export interface OverviewPace {
  /** A move of a few fields, its exposure, and what is measured of it. */
  readonly placeMs: number
  /** A search for focus from a height near to it, as where a run searches. */
  readonly focusMs: number
}

/**
 * Looks over a smear: a raster of single exposures with the run's own objective. Focus is searched first where there is something to
 * focus on, and followed from there; the best areas are then looked at more closely. What it learns, it learns from exposures alone. The
 * objective is out of the way whenever the stage makes a long move; at the end, and when it fails or is stopped, too.
 */
export async function lookOver(parts: LookOverParts): Promise<LookedOver> {
  try {
    return await new LookOver(parts).run()
  } finally {
    await rest(parts.rig)
  }
}

class LookOver {
  readonly #parts: LookOverParts
  readonly #places: OverviewPlace[] = []
  readonly #given = new GivenImages()
  /** Places in a row for which the camera gave another's image. */
  #repeated = 0
  #planned: number

  constructor(parts: LookOverParts) {
    this.#parts = parts
    this.#planned = overviewRaster(parts.extent, parts.pitchUm).length
  }

  async run(): Promise<LookedOver> {
    const { rig, extent, pitchUm, signal } = this.#parts
    const raster = overviewRaster(extent, pitchUm)
    this.#say('searching for focus')
    await this.#exposeNew()
    const first = await firstFocus(rig, extent, (image) => this.#showsSmear(image), signal)
    if (!first) {
      // Of a camera that hangs nothing gets sharper anywhere.
      await this.#exposeNew()
      throw nothingInFocus()
    }
    const content = await this.#scout(
      raster.filter(({ scout }) => scout).map(({ at }) => at),
      first.zUm,
    )
    if (!first.onSmear && content.length === 0) throw nothingInFocus()
    const where = nearestInTurn(spreadOut([stageUm(first.x, first.y), ...content], FOCUS_PLACES + 1).slice(1), first)
    const { points, searchMs } = await focusAt(
      rig,
      where,
      first,
      (done) => this.#say(`focusing ${done + 1} of ${where.length}`),
      signal,
    )
    const heightAt = cautiousHeight(points)
    await this.#retract()
    const far = raster.map(({ at }) => at)
    const farMs = await this.#look(far, heightAt, 'looking over the smear')
    const closer = this.#closerPlaces()
    this.#planned += closer.length
    await this.#retract()
    const nearMs = await this.#look(closer, heightAt, 'looking closer')
    // Places close to one another are reached as a run's fields are.
    const placeMs = closer.length >= PACE_PLACES ? nearMs : farMs
    return { points, focus: fitFocusMap(points), pace: { placeMs, focusMs: nearSearchMs(searchMs) } }
  }

  /** Which of the places show anything, seen at a height that may be some micrometres off. */
  async #scout(places: readonly StageUm[], zUm: number): Promise<StageUm[]> {
    const content: StageUm[] = []
    await this.#retract()
    await this.#visit(
      places,
      () => zUm,
      'looking where the smear lies',
      async (at, _position, image) => {
        const shows = await this.#showsSmear(image)
        return () => {
          if (shows) content.push(at)
        }
      },
    )
    return content
  }

  async #showsSmear(image: RgbImage): Promise<boolean> {
    const { redShare, cellShare } = await this.#parts.analyser.spread(image, this.#parts.pixelSizeUm)
    return redShare + cellShare >= CONTENT_SHARE
  }

  /** @returns milliseconds a place took, looking at it included. */
  async #look(places: readonly StageUm[], heightAt: (at: StageUm) => number, activity: string): Promise<number> {
    const { analyser, pixelSizeUm, onPlace } = this.#parts
    const startedMs = performance.now()
    await this.#visit(places, heightAt, activity, async (_at, position, image) => {
      const spread = await analyser.spread(image, pixelSizeUm)
      const sharpness = sharpnessOf(image)
      return () => {
        const place = { index: this.#places.length, ...position, spread, sharpness }
        this.#places.push(place)
        onPlace(place)
      }
    })
    return (performance.now() - startedMs) / Math.max(1, places.length)
  }

  /** Visits the places in turn; what is seen of each is worked on while the stage goes on, and taken in the order of the places. */
  async #visit(
    places: readonly StageUm[],
    heightAt: (at: StageUm) => number,
    activity: string,
    see: (at: StageUm, position: StagePosition, image: RgbImage) => Promise<() => void>,
  ): Promise<void> {
    const { rig, signal, onFrame } = this.#parts
    const seen: Promise<() => void>[] = []
    let here = await rig.stage.position()
    try {
      for (const at of places) {
        this.#say(activity)
        const zUm = heightAt(at) + rig.focusOffsetUm
        const position = await goTo(rig.stage, { xUm: at.x, yUm: at.y, zUm }, here, signal)
        here = position
        const exposure = await expose(rig.camera, () => this.#say('waiting for the camera'), signal)
        const work = exposure.frame.then(async (image) => {
          onFrame(image)
          // Nothing is counted here: such a place is left out, as one between the raster's.
          return this.#isRepeated(image, position) ? () => undefined : see(at, position, image)
        })
        // Its failure is met when its turn comes.
        work.catch(() => undefined)
        seen.push(work)
        if (seen.length >= IN_WORK) (await seen.shift()!)()
      }
    } finally {
      // What was exposed is kept, also where the next place could not be reached.
      for (const work of seen) (await work.catch(() => () => undefined))()
    }
  }

  /** Where the stage stands. */
  async #exposeNew(): Promise<RgbImage> {
    const { rig, signal } = this.#parts
    const at = await rig.stage.position()
    return exposeNew(rig.camera, this.#given, at, () => this.#say('waiting for the camera'), signal)
  }

  /** @throws MedullaError `device-failed` where the camera hangs. */
  #isRepeated(image: RgbImage, position: StagePosition): boolean {
    const repeated = this.#given.isRepeated(image, position)
    this.#repeated = repeated ? this.#repeated + 1 : 0
    if (this.#repeated === MOST_REPEATED) throw repeatsItself(this.#parts.rig.camera)
    return repeated
  }

  /** Inside the areas that look best so far. */
  #closerPlaces(): StageUm[] {
    const { rig, pixelSizeUm, pitchUm } = this.#parts
    const map = smearMap(this.#places, pitchUm)
    const step = fieldStep({
      ...rig.camera,
      widthPx: rig.camera.widthPx,
      heightPx: rig.camera.heightPx,
      pixelSizeUm,
      placeErrorUm: rig.placeErrorUm,
    })
    const areas = proposeAreas(map, {
      step,
      targetCells: DEFAULT_TARGET_CELLS,
      excluded: [],
      counted: USUAL_COUNTED,
      pace: null,
      most: CLOSER_AREAS,
    })
    const looked = this.#places.map(({ xUm, yUm }) => stageUm(xUm, yUm))
    const near = (at: StageUm) =>
      looked.some((other) => Math.hypot(other.x - at.x, other.y - at.y) < SAME_PLACE * pitchUm)
    const shares = Array.from({ length: CLOSER_SIDE }, (_, i) => (i + 0.5) / CLOSER_SIDE)
    return areas.flatMap(({ rects }) =>
      rects.flatMap((rect) =>
        shares.flatMap((down, line) =>
          (line % 2 === 0 ? shares : shares.toReversed())
            .map((across) => stageUm(rect.xUm + across * rect.widthUm, rect.yUm + down * rect.heightUm))
            .filter((at) => !near(at)),
        ),
      ),
    )
  }

  async #retract(): Promise<void> {
    const { stage } = this.#parts.rig
    await stage.moveTo({ zUm: stage.retractedZUm }, this.#parts.signal)
  }

  #say(activity: string): void {
    this.#parts.say(activity, this.#planned)
  }
}

/**
 * Places of an overview lie millimetres apart, and some of its searches go through the whole range of heights, which a run's do not: the quicker
 * ones tell. 0: there was none.
 */
function nearSearchMs(searchMs: readonly number[]): number {
  return searchMs.toSorted((a, b) => a - b)[Math.floor(searchMs.length / 4)] ?? 0
}

async function rest({ stage }: StageRig): Promise<void> {
  try {
    await stage.halt()
    await stage.moveTo({ zUm: stage.retractedZUm })
  } catch {
    // The controller is why it ended, and that is being said; there is nothing to retract with.
  }
}
