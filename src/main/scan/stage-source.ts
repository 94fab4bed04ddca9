import type { Field } from '../../shared/contract/slide.ts'
import { MedullaError } from '../../shared/errors.ts'
import { slidePx, stageUm } from '../../shared/geometry.ts'
import type { RgbImage } from '../../shared/image.ts'
import type { Exposure, Frame } from '../microscope/camera/camera.ts'
import { findFocus, findFocusNear } from '../microscope/focus/find-focus.ts'
import { type FocusMap, fitFocusMap, predictFocus } from '../microscope/focus/focus-map.ts'
import type { FocusPoint } from '../microscope/focus/focus-plane.ts'
import type { StageRig } from '../microscope/rig.ts'
import type { StagePosition } from '../microscope/stage/stage.ts'
import { edgeWidths } from '../vision/quality/edge-width.ts'
import { expose, exposeNew } from './expose.ts'
import type { CapturedField, FieldSource, Patiently, PendingField, StagePlacing } from './field-source.ts'
import { ExposedField, type Flaw } from './focus/exposed-field.ts'
import { FocusKeeper } from './focus/focus-keeper.ts'
import { type Plane, planeOf, refocus, type SeenThrough } from './focus/refocus.ts'
import { GivenImages } from './given-images.ts'
import { goTo } from './go-to.ts'
import { type LastFieldMatch, matchLastField, shifted, unshifted } from './last-field.ts'
import type { Registrar } from './registration/registrar.ts'
import {
  fieldCount,
  fieldNear,
  fieldPlace,
  type PlannedField,
  plannedField,
  type StagePlan,
  seenAt,
} from './stage-plan.ts'

/** Fields are looked for at least so far from where the stage puts them, however good it says it is, micrometres. */
const LEAST_PLACE_UM = 2

export interface StageSourceParts {
  readonly rig: StageRig
  readonly plan: StagePlan
  /** Of the run, committed: it goes on after them. */
  readonly fields: readonly Field[]
  /** The image that was kept of a field. */
  readonly kept: (index: number) => Promise<RgbImage>
  readonly registrar: Registrar
  /** Whether the last field has to look as it did before the run goes on. */
  readonly compare: boolean
  /** Keeps the plan once the slide's heights of focus are known, so that a resumed run sees the same images, and where the slide was found to lie elsewhere. */
  readonly savePlan: (plan: StagePlan) => void
  readonly onActivity: () => void
  /** What the comparison with the last field came to. */
  readonly onMatch: (match: LastFieldMatch) => void
}

/** A driven microscope that visits the fields of a plan. */
export class StageSource implements FieldSource {
  readonly fieldOrigin = 'one-slide'
  readonly #parts: StageSourceParts
  readonly #rig: StageRig
  readonly #given = new GivenImages()
  #plan: StagePlan
  #nextIndex: number
  /** null: the slide is not focused yet. */
  #keeper: FocusKeeper | null = null
  /** The newest field, until it is known whether its exposure will do. */
  #previous: ExposedField | null = null
  #stage: StagePosition | null = null
  #activity = 'starting'

  constructor(parts: StageSourceParts) {
    this.#parts = parts
    this.#rig = parts.rig
    this.#plan = parts.plan
    this.#nextIndex = parts.fields.length
  }

  get sharpUm(): number | null {
    return this.#checksFocus ? this.#plan.sharpUm : null
  }

  /** Images that are wanted beside the focus are not held against the sharpest. */
  get #checksFocus(): boolean {
    return this.#rig.focusOffsetUm === 0
  }

  get plannedFields(): number {
    return fieldCount(this.#plan)
  }

  get placing(): StagePlacing {
    const { pixelSizeUm, slackPx } = this.#plan
    return {
      pixelSizeUm,
      errorPx: Math.max(slackPx, LEAST_PLACE_UM / pixelSizeUm),
      placeAt: ({ xUm, yUm }) => fieldPlace(this.#plan, stageUm(xUm, yUm)),
    }
  }

  get activity(): string {
    return this.#activity
  }

  get stage(): StagePosition | null {
    return this.#stage
  }

  /**
   * Z first: the objective retracts before anything moves sideways. Then the slide's heights of focus are found, if they are not known; of a run that has
   * fields, the last one is compared with what was kept of it. Rejects `slide-changed`.
   */
  async prepare(signal: AbortSignal, patiently: Patiently): Promise<void> {
    const { stage } = this.#rig
    this.#say('retracting the objective')
    this.#stage = await stage.moveTo({ zUm: stage.retractedZUm }, signal)
    // A camera that hangs gives now what it will give on the slide, and is told by that before anything is compared or counted.
    await this.#exposeNew(this.#stage, signal)
    if (!this.#plan.focus) {
      this.#plan = { ...this.#plan, ...(await this.#focusSlide(signal)) }
      await this.#save(patiently)
      this.#stage = await stage.moveTo({ zUm: stage.retractedZUm }, signal)
    }
    this.#keeper = this.#keeperOf(this.#plan)
    const { fields, compare } = this.#parts
    if (compare && fields.length > 0) return this.#compareLastField(signal, patiently)
    const first = plannedField(this.#plan, Math.min(this.#nextIndex, fieldCount(this.#plan) - 1))
    this.#say('moving to the first field')
    const { slideShift } = this.#plan
    const at = { xUm: first.centre.x + slideShift.xUm, yUm: first.centre.y + slideShift.yUm }
    this.#stage = await stage.moveTo(at, signal)
  }

  async #compareLastField(signal: AbortSignal, patiently: Patiently): Promise<void> {
    const { rig, fields, kept, registrar, onMatch } = this.#parts
    const { stage } = rig
    const target = (field: Field) => this.#target(field.index, field.stage?.zUm ?? null)
    const { xUm, yUm } = shifted(target(fields.at(-1)!), this.#plan.slideShift)
    this.#say('moving to the last field')
    this.#stage = await stage.moveTo({ xUm, yUm }, signal)
    this.#say('comparing the last field with what was kept of it')
    const { pixelSizeUm, slideShift: shift } = this.#plan
    const match = await matchLastField(
      { rig, given: this.#given, pixelSizeUm, fields, kept, registrar, target, shift },
      signal,
    )
    if (match.kind === 'shifted') {
      this.#plan = { ...this.#plan, slideShift: match.shift }
      await this.#save(patiently)
    }
    onMatch(match)
  }

  async #save(patiently: Patiently): Promise<void> {
    const plan = this.#plan
    await patiently(() => this.#parts.savePlan(plan))
  }

  /** Where a field lies, as if the slide lay as it did when the run began. @param zUm null: by the focus map. */
  #target(index: number, zUm: number | null): StagePosition {
    const { centre } = plannedField(this.#plan, index)
    const predicted = predictFocus(this.#plan.focus!, centre) + this.#rig.focusOffsetUm
    return { xUm: centre.x, yUm: centre.y, zUm: zUm ?? predicted }
  }

  async next(signal: AbortSignal): Promise<PendingField | null> {
    const keeper = this.#keeper
    if (!keeper || this.#nextIndex >= fieldCount(this.#plan)) {
      await this.seeThrough(signal)
      return null
    }
    const planned = plannedField(this.#plan, this.#nextIndex)
    let position = await this.#goTo(planned, keeper.predict(planned.index, planned.centre), signal)
    // On its way the stage outruns the pixels of the field before; before the next exposure it is known whether they will do.
    if (await this.#seePrevious(signal))
      position = await this.#goTo(planned, keeper.predict(planned.index, planned.centre), signal)
    const exposure = await this.#expose(signal)
    const at = this.#stage!
    this.#nextIndex++
    const previous = new ExposedField(
      planned,
      exposure.frame,
      (image) => (this.#given.isRepeated(image, at) ? null : planeOf(image, position, this.#plan.pixelSizeUm)),
      (edgeWidthUm) => this.#checksFocus && keeper.isBlurred(edgeWidthUm),
      signal,
    )
    this.#previous = previous
    return { index: planned.index, captured: previous.seenThrough.then((seen) => this.#captured(planned, seen)) }
  }

  async seeThrough(signal: AbortSignal): Promise<void> {
    await this.#seePrevious(signal)
  }

  async rest(): Promise<void> {
    try {
      await this.#rig.stage.halt()
      this.#stage = await this.#rig.stage.moveTo({ zUm: this.#rig.stage.retractedZUm })
    } catch {
      // The controller is why the run ended, and that has been said; there is nothing to retract with.
    }
    this.#activity = 'idle'
  }

  /** The field before is exposed and focused anew if it has to be, and learned from. True: the stage is not where it was. */
  async #seePrevious(signal: AbortSignal): Promise<boolean> {
    const previous = this.#previous
    const keeper = this.#keeper
    if (!previous || !keeper) return false
    const { planned } = previous
    const flaw = await previous.flaw()
    if (flaw) {
      try {
        previous.settle(await this.#anew(planned, flaw, keeper, signal))
      } catch (error) {
        previous.fail(error)
        throw error
      }
    }
    this.#previous = null
    // Where it did not arrive, the scan ends with its failure.
    const seen = await previous.seenThrough.catch(() => null)
    if (seen && this.#checksFocus) {
      const { plane, focus } = seen
      keeper.learn({ index: planned.index, stage: plane.stage, edgeWidthUm: plane.edgeWidthUm, focus })
    }
    return flaw !== null
  }

  async #anew(planned: PlannedField, flaw: Flaw, keeper: FocusKeeper, signal: AbortSignal): Promise<SeenThrough> {
    const zUm = keeper.predict(planned.index, planned.centre)
    const first = flaw.plane ?? (await this.#planeAt(planned, zUm, signal, 'exposing anew'))
    if (!this.#checksFocus || !keeper.isBlurred(first.edgeWidthUm)) return { plane: first, focus: null }
    return this.#refocus(planned, first, keeper, signal)
  }

  #refocus(planned: PlannedField, first: Plane, keeper: FocusKeeper, signal: AbortSignal): Promise<SeenThrough> {
    const { pixelSizeUm } = this.#plan
    const { minUm, maxUm } = this.#rig.stage.limits.z
    return refocus(first, {
      planeAt: (zUm) => this.#planeAt(planned, zUm, signal, 'focusing anew'),
      isSharp: (edgeWidthUm) => keeper.isSharp(edgeWidthUm),
      likelierUp: keeper.likelierUp,
      pixelSizeUm,
      minZUm: minUm,
      maxZUm: maxUm,
    })
  }

  async #planeAt(planned: PlannedField, zUm: number, signal: AbortSignal, doing: string): Promise<Plane> {
    const position = await this.#goTo(planned, zUm, signal, doing)
    return planeOf(await this.#exposeNew(this.#stage!, signal), position, this.#plan.pixelSizeUm)
  }

  /** Where it then stands, as if the slide lay as it did when the run began. */
  async #goTo({ centre }: PlannedField, zUm: number, signal: AbortSignal, doing = 'moving'): Promise<StagePosition> {
    this.#say(doing)
    const { stage, focusOffsetUm } = this.#rig
    const { slideShift } = this.#plan
    const target = { xUm: centre.x, yUm: centre.y, zUm: zUm + focusOffsetUm }
    this.#stage = await goTo(stage, shifted(target, slideShift), this.#stage, signal)
    return unshifted(this.#stage, slideShift)
  }

  #expose(signal: AbortSignal): Promise<Exposure> {
    this.#say('exposing')
    return expose(this.#rig.camera, () => this.#say('waiting for the camera'), signal)
  }

  /** @param at where the stage stands. */
  #exposeNew(at: StagePosition, signal: AbortSignal): Promise<Frame> {
    this.#say('exposing')
    return exposeNew(this.#rig.camera, this.#given, at, () => this.#say('waiting for the camera'), signal)
  }

  #captured({ index }: PlannedField, { plane, focus }: SeenThrough): CapturedField {
    const { stage, image } = plane
    const stagePlace = fieldPlace(this.#plan, stageUm(stage.xUm, stage.yUm))
    const origin = slidePx(Math.round(stagePlace.xPx), Math.round(stagePlace.yPx))
    return {
      index,
      image,
      pixelSizeUm: this.#plan.pixelSizeUm,
      origin,
      seen: seenAt(this.#plan, origin),
      stagePlace,
      stage,
      imageName: null,
      copyOf: null,
      focus,
    }
  }

  /** Best focus at nine places over the planned area, the map through them, and how wide edges are there. */
  async #focusSlide(signal: AbortSignal): Promise<{ focus: FocusMap; sharpUm: number | null }> {
    const { stage, camera, workingZUm } = this.#rig
    const places = focusPlaces(this.#plan)
    const points: FocusPoint[] = []
    const widths: number[] = []
    for (const [i, place] of places.entries()) {
      this.#say(`focusing ${i + 1} of ${places.length}`)
      this.#stage = await stage.moveTo({ xUm: place.x, yUm: place.y }, signal)
      const { focusPrior } = this.#plan
      const known = points.at(-1)?.zUm ?? (focusPrior && predictFocus(focusPrior, place)) ?? undefined
      const found =
        known === undefined
          ? await findFocus(stage, camera, { aroundZUm: workingZUm }, signal)
          : await findFocusNear(stage, camera, known, signal)
      // Of a camera that hangs nothing gets sharper: told now, rather than taken for a place without cells.
      const image = await this.#exposeNew({ ...this.#stage, zUm: found.zUm }, signal)
      // Such a place says nothing of the slide's height.
      if (!found.found) continue
      points.push({ x: place.x, y: place.y, zUm: found.zUm })
      const { edgeWidthUm } = edgeWidths(image, this.#plan.pixelSizeUm)
      if (edgeWidthUm !== null) widths.push(edgeWidthUm)
    }
    if (points.length === 0) {
      throw new MedullaError('device-failed', 'Nothing on the slide came into focus.', {
        remedy:
          'Check that a smear lies under the objective with its stained side up, and the lamp is on; then resume the run.',
        motionPossible: true,
      })
    }
    return { focus: fitFocusMap(points), sharpUm: widths.length === 0 ? null : middleOf(widths) }
  }

  #keeperOf({ focus, sharpUm }: StagePlan): FocusKeeper | null {
    const records = this.#parts.fields.flatMap(({ index, stage, quality, focus }) =>
      stage && this.#checksFocus ? [{ index, stage, edgeWidthUm: quality?.edgeWidthUm ?? null, focus }] : [],
    )
    return focus && new FocusKeeper(focus, sharpUm, records)
  }

  #say(activity: string): void {
    this.#activity = activity
    this.#parts.onActivity()
  }
}

/** Near the rims and in the middle. */
const FOCUS_SHARES = [0.05, 0.5, 0.95]

function focusPlaces(plan: StagePlan): { x: number; y: number }[] {
  const at = (across: number, down: number) => fieldNear(plan, across, down).centre
  // A serpentine: each place is near the last, whose focus is where the search begins.
  const all = FOCUS_SHARES.flatMap((down, i) =>
    (i % 2 === 0 ? FOCUS_SHARES : FOCUS_SHARES.toReversed()).map((across) => at(across, down)),
  )
  return [...new Map(all.map((place) => [`${place.x},${place.y}`, { x: place.x, y: place.y }])).values()]
}

function middleOf(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]
}
