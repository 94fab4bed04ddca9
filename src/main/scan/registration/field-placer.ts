import type { LeftOut, LeftOutReason, PlaceFlag } from '../../../shared/contract/quality.ts'
import { type FieldPx, type Rect, type SlidePx, slidePx } from '../../../shared/geometry.ts'
import type { RgbImage } from '../../../shared/image.ts'
import type { Casebook, NewPlacing, SolvedPlaces } from '../../casebook/casebook.ts'
import type { Binning } from '../../slide/slide.ts'
import type { CapturedField, StagePlacing } from '../field-source.ts'
import { ownedPart } from '../ownership.ts'
import { comparedScale } from './compared-scale.ts'
import { type ComparedField, type Doubt, doubtfulPlace } from './doubtful-place.ts'
import { expectedError, type PlacedField } from './expected-error.ts'
import { NO_MATCH } from './match.ts'
import { overlapParts } from './overlap-parts.ts'
import { placeField } from './place-field.ts'
import type { Registrar } from './registrar.ts'
import type { StagePlace } from './solve-places.ts'
import { type StageErrorModel, stageErrorModel } from './stage-error-model.ts'
import { areTied } from './tied-fields.ts'

export interface PlacerParts {
  readonly runId: number
  readonly casebook: Casebook
  readonly registrar: Registrar
  /** null: no stage, fields stay where they are put. */
  readonly placing: StagePlacing | null
  /** A part of a committed field as it is kept: see `Slide.part`. */
  readonly keptPart: (index: number, rect: Rect<FieldPx>, binning: Binning) => Promise<RgbImage>
}

/** A field where it belongs. */
export interface Placed {
  /** Upper left corner on the slide, whole pixels. */
  readonly origin: SlidePx
  readonly owned: Rect<SlidePx>
  /** What fields committed before own in it and beside it, where they lie now. */
  readonly earlier: readonly Rect<SlidePx>[]
  /** null: no stage. */
  readonly placing: NewPlacing | null
  /** Why it does not count though its image may be good: its neighbours contradict its place. null: they do not. */
  readonly leftOut: LeftOut | null
  /** What a person should know of the run by this field. slip: see `Doubt`; misfit: fields fit nothing, one after the other. null: nothing. */
  readonly flag: PlaceFlag | null
}

interface KnownField extends PlacedField {
  readonly index: number
  readonly widthPx: number
  readonly heightPx: number
  /** Whole pixels: the place in force. */
  readonly origin: SlidePx
  readonly owned: Rect<SlidePx>
  /** Why the gate left it out, whatever people decided since: when they do depends on no casebook. null: it counts. */
  readonly gateReason: LeftOutReason | null
}

type Compared = ComparedField & Pick<KnownField, 'index'>

/** Neighbours are thought to be off by so much more than the rig says of its stage. */
const REACH = 1.5
/**
 * They are looked for so far away, however good the stage is said to be, micrometres: backlash that nobody measured, or a camera that is turned by
 * degrees, puts them there; of what two fields share, a part is left then.
 */
const LEAST_REACH_UM = 12
/** Of so many fields one after the other so many fit nothing: no single fault, but how the microscope is put together or described. */
const LAST_FIELDS = 6
const MISFITS = 4
/** Farther apart than this nothing on a seam is shared, whatever the pixel size. */
const NEAR_PX = 300
/** A field stays on its whole pixels until it is off them by more than this: one that lies between two would go to and fro. */
const STAYS_PX = 0.75

/**
 * Places the fields of a run as they are committed, each against those before it, and all of them anew from time to time. What it does next
 * depends on the casebook alone: a run that was killed and resumed goes on as if it had not been.
 */
export class FieldPlacer {
  readonly #parts: PlacerParts
  #fields: KnownField[]
  #model: StageErrorModel | null
  /** Fields there were when all places were last solved. */
  #solvedAt: number

  constructor(parts: PlacerParts) {
    const { casebook, runId, placing } = parts
    this.#parts = parts
    const exact = new Map(casebook.exactPlaces(runId).map((place) => [place.index, place]))
    const gateReasons = casebook.gateReasons(runId)
    this.#fields = casebook.fields(runId).map((field) => {
      const place = exact.get(field.index) ?? { xPx: field.slideX, yPx: field.slideY }
      return {
        index: field.index,
        widthPx: field.widthPx,
        heightPx: field.heightPx,
        stage: placing && field.stage ? placing.placeAt(field.stage) : place,
        place: { xPx: place.xPx, yPx: place.yPx },
        origin: slidePx(field.slideX, field.slideY),
        owned: {
          origin: slidePx(field.owned.x, field.owned.y),
          width: field.owned.width,
          height: field.owned.height,
        },
        gateReason: gateReasons.get(field.index) ?? null,
      }
    })
    const learned = casebook.stageError(runId)
    this.#model = learned && stageErrorModel.parse(JSON.parse(learned.model))
    this.#solvedAt = learned?.fields ?? 0
  }

  /** The next field in order. Writes where it is time to solve all places: rejects as `Casebook.movePlaces`. */
  async place(captured: CapturedField): Promise<Placed> {
    const { placing } = this.#parts
    if (placing === null || captured.stagePlace === null) return this.#placedAt(captured, captured.origin, null, null)
    if (isDue(this.#fields.length)) await this.solve()
    const stage = captured.stagePlace
    const off = expectedError(stage, this.#fields, this.#model, placing.pixelSizeUm, placing.errorPx)
    const expected = { xPx: stage.xPx + off.xPx, yPx: stage.yPx + off.yPx }
    const compared = this.#fields.filter(
      (field) =>
        overlapParts(field, captured.image, comparedScale(placing.pixelSizeUm), between(field.place, expected), 0) !==
        null,
    )
    const neighbours = await Promise.all(
      compared.map(async (field) => ({
        index: field.index,
        place: field.place,
        gateReason: field.gateReason,
        match: await this.#match(field, captured, placing, expected),
      })),
    )
    const place = placeField(expected, off.errorPx, neighbours)
    const stitches = neighbours.map(({ index, match }) => ({ from: index, ...match }))
    const doubt = doubtfulPlace(
      place,
      neighbours,
      (one, other) => this.#areTied(one, other, placing),
      placing.pixelSizeUm,
    )
    const origin = slidePx(Math.round(place.xPx), Math.round(place.yPx))
    return this.#placedAt(captured, origin, { ...place, stitches }, doubt)
  }

  /** To be told once the field is in the casebook. @param gateReason why it was left out there; null: it counts. */
  committed(
    { index, image, stagePlace }: CapturedField,
    { origin, owned, placing }: Placed,
    gateReason: LeftOutReason | null,
  ): void {
    const place = placing ?? { xPx: origin.x, yPx: origin.y }
    this.#fields.push({
      index,
      widthPx: image.widthPx,
      heightPx: image.heightPx,
      stage: stagePlace ?? place,
      place: { xPx: place.xPx, yPx: place.yPx },
      origin,
      owned,
      gateReason,
    })
  }

  /** All places anew, from everything images said: once a run has ended, and while it goes on whenever that is due. */
  async solve(): Promise<void> {
    const { casebook, runId, placing, registrar } = this.#parts
    if (placing === null || this.#fields.length < 2 || this.#solvedAt === this.#fields.length) return
    const at = new Map(this.#fields.map((field, i) => [field.index, i]))
    const edges = casebook.stitches(runId).flatMap(({ from, to, offset, errorPx }) => {
      const [a, b] = [at.get(from), at.get(to)]
      return offset && errorPx !== null && a !== undefined && b !== undefined
        ? [{ from: a, to: b, offset, errorPx }]
        : []
    })
    const solution = await registrar.solve(
      this.#fields.map((field) => field.stage),
      edges,
      placing.pixelSizeUm,
    )
    // Nothing tells what all have in common: as a whole they stay where they were.
    const shift = {
      xPx: median(this.#fields.map((field, i) => field.place.xPx - solution.places[i]!.xPx)),
      yPx: median(this.#fields.map((field, i) => field.place.yPx - solution.places[i]!.yPx)),
    }
    const model = shifted(solution.model, shift)
    const moved = this.#fields.map((field, i) => moveTo(field, add(solution.places[i]!, shift)))
    const places: SolvedPlaces['places'] = moved.map(({ index, place, origin }) => ({
      index,
      ...place,
      slideX: origin.x,
      slideY: origin.y,
    }))
    casebook.movePlaces(runId, { places, stageError: JSON.stringify(model) })
    this.#fields = moved
    this.#model = model
    this.#solvedAt = moved.length
  }

  #areTied(one: Compared, other: Compared, { pixelSizeUm }: StagePlacing): boolean {
    const { casebook, runId } = this.#parts
    const places = new Map(this.#fields.map((field) => [field.index, field.place]))
    return areTied(one.index, other.index, casebook.stitches(runId), (index) => places.get(index), pixelSizeUm)
  }

  async #match(field: KnownField, { image }: CapturedField, { pixelSizeUm, errorPx }: StagePlacing, at: StagePlace) {
    const { registrar, keptPart } = this.#parts
    const reachPx = Math.max(REACH * errorPx, LEAST_REACH_UM / pixelSizeUm)
    const expected = between(field.place, at)
    const scale = comparedScale(pixelSizeUm)
    const parts = overlapParts(field, image, scale, expected, reachPx)
    if (parts === null) return NO_MATCH
    const { binning } = scale
    const from = { image: await keptPart(field.index, parts.from, binning), corner: parts.from.origin, binning }
    return registrar.match({ from, fromSize: field, to: image, pixelSizeUm, expected, reachPx })
  }

  #placedAt(
    { origin: before, seen }: CapturedField,
    origin: SlidePx,
    placing: NewPlacing | null,
    doubt: Doubt | null,
  ): Placed {
    const corner = slidePx(seen.origin.x + origin.x - before.x, seen.origin.y + origin.y - before.y)
    const placed = { ...seen, origin: corner }
    const earlier = this.#fields.map((field) => field.owned).filter((owned) => isNear(owned, placed))
    const leftOut = doubt && { reason: doubt.reason, words: doubt.words, reader: null }
    return { origin, owned: ownedPart(placed, earlier), earlier, placing, leftOut, flag: this.#flagOf(doubt) }
  }

  #flagOf(doubt: Doubt | null): Placed['flag'] {
    if (doubt?.slipped) return 'slip'
    if (!doubt?.alone) return null
    const { casebook, runId } = this.#parts
    const matched = new Set(casebook.stitches(runId).flatMap(({ to, offset }) => (offset === null ? [] : [to])))
    const alone = this.#fields
      .slice(1 - LAST_FIELDS)
      .filter(({ index, gateReason }) => gateReason === 'stitch' && !matched.has(index))
    return 1 + alone.length >= MISFITS ? 'misfit' : null
  }
}

/** Near enough for a seam between the two, or for a cell that both see. */
function isNear(a: Rect<SlidePx>, b: Rect<SlidePx>): boolean {
  const apart = (from: number, length: number, other: number, otherLength: number) =>
    Math.max(other - (from + length), from - (other + otherLength))
  return (
    apart(a.origin.x, a.width, b.origin.x, b.width) < NEAR_PX &&
    apart(a.origin.y, a.height, b.origin.y, b.height) < NEAR_PX
  )
}

/** Eight fields tell something of the stage, and the more there are the less each changes. */
function isDue(fields: number): boolean {
  const every = fields < 96 ? 8 : fields < 480 ? 48 : 120
  return fields > 0 && fields % every === 0
}

function moveTo(field: KnownField, place: StagePlace): KnownField {
  const whole = (exact: number, now: number) => (Math.abs(exact - now) > STAYS_PX ? Math.round(exact) : now)
  const origin = slidePx(whole(place.xPx, field.origin.x), whole(place.yPx, field.origin.y))
  const corner = slidePx(
    field.owned.origin.x + origin.x - field.origin.x,
    field.owned.origin.y + origin.y - field.origin.y,
  )
  return { ...field, place, origin, owned: { ...field.owned, origin: corner } }
}

const between = (from: StagePlace, to: StagePlace): StagePlace => ({ xPx: to.xPx - from.xPx, yPx: to.yPx - from.yPx })
const add = (a: StagePlace, b: StagePlace): StagePlace => ({ xPx: a.xPx + b.xPx, yPx: a.yPx + b.yPx })

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!
}

function shifted(model: StageErrorModel, by: StagePlace): StageErrorModel {
  return {
    ...model,
    x: { ...model.x, along: model.x.along.map((off) => off + by.xPx) },
    y: { ...model.y, along: model.y.along.map((off) => off + by.yPx) },
  }
}
