import { z } from 'zod'
import { slideShift } from '../../shared/contract/runs.ts'
import {
  type Rect,
  type SlideFrame,
  type SlidePx,
  type StageUm,
  slidePx,
  stageToSlide,
  stageUm,
} from '../../shared/geometry.ts'
import type { FocusMap } from '../microscope/focus/focus-map.ts'
import { NO_SHIFT } from './last-field.ts'
import type { StagePlace } from './registration/solve-places.ts'
import { bandIndex, bandPlace, type GridPlace, nearestPlace } from './scan-order.ts'

/**
 * Every field keeps this much of its rim to its neighbours, so that a cell whose centre it owns is whole in its image:
 * half the largest cell of the taxonomy, micrometres.
 */
export const OWNED_MARGIN_UM = 10

/** 500 cells at about 20 a field then lie in a block of five fields by five. */
const BAND_COLUMNS = 5

/** Room round the planned fields on the slide image for the stage's position error, micrometres. */
const SLIDE_RIM_UM = 20

export const focusMap: z.ZodType<FocusMap> = z.object({
  middle: z.object({ x: z.number(), y: z.number() }),
  zUm: z.number(),
  slopeX: z.number(),
  slopeY: z.number(),
  points: z.number().int(),
  residualUm: z.number(),
  // Runs from before there were bends have the plane alone.
  bends: z.array(z.object({ x: z.number(), y: z.number(), liftUm: z.number() })).default([]),
  reachUm: z.number().positive().default(1),
})

/** All a run needs to go on where it stopped; stored with the run as JSON. */
export const stagePlan = z.object({
  kind: z.literal('stage'),
  /** Upper left corner of the area the fields own together. */
  startUm: z.object({ x: z.number(), y: z.number() }),
  columns: z.number().int().positive(),
  rows: z.number().int().positive(),
  /** Columns scanned together, see `bandPlace`. */
  bandColumns: z.number().int().positive(),
  /**
   * Places of the grid in the order of the scan, row x columns + column: what is not among them is not scanned. null: all of them, in bands, as
   * every run from before there were areas.
   */
  visits: z.array(z.number().int().min(0)).min(1).nullable().default(null),
  fieldWidthPx: z.number().int().positive(),
  fieldHeightPx: z.number().int().positive(),
  marginPx: z.number().int().min(0),
  /** By so much more than their rims fields overlap, for a stage that is not where it says; runs from before that was asked have none. */
  slackPx: z.number().int().min(0).default(0),
  pixelSizeUm: z.number().positive(),
  /** null: not focused yet. */
  focus: focusMap.nullable(),
  /** Heights known beforehand, from an overview: where searches for focus begin. */
  focusPrior: focusMap.nullable().default(null),
  /**
   * How far the slide lies from where it lay when the run began, on the stage's axes, as it was found when the run was resumed. Everything the run
   * says of places is as it was in the beginning.
   */
  slideShift: slideShift.default({ xUm: 0, yUm: 0, zUm: 0 }),
  /** How wide edges are at best focus, micrometres, as found when the slide was focused; null: not known. */
  sharpUm: z.number().positive().nullable().default(null),
  /** What the microscope was calibrated by, as the casebook numbers it. */
  calibrations: z.array(z.number().int()).default([]),
})
export type StagePlan = z.infer<typeof stagePlan>

export interface PlannedField {
  readonly index: number
  readonly centre: StageUm
  /** Its part of the plan. Those of all fields tile the region without gap or overlap; what it counts is settled once its place is known. */
  readonly owned: Rect<SlidePx>
}

/** What a plan has to know of the microscope. */
export interface PlannedCamera {
  readonly widthPx: number
  readonly heightPx: number
  readonly pixelSizeUm: number
  /** See `StageRig`. */
  readonly placeErrorUm: number
}

/** From one field to the next, micrometres: fields side by side tile an area by it. @throws RangeError where the camera sees no whole cell. */
export function fieldStep({ widthPx, heightPx, pixelSizeUm, placeErrorUm }: PlannedCamera): {
  readonly widthUm: number
  readonly heightUm: number
} {
  const rimPx = 2 * Math.ceil(OWNED_MARGIN_UM / pixelSizeUm) + Math.ceil(placeErrorUm / pixelSizeUm)
  const widthUm = (widthPx - rimPx) * pixelSizeUm
  const heightUm = (heightPx - rimPx) * pixelSizeUm
  if (widthUm <= 0 || heightUm <= 0) {
    throw new RangeError(`A field of ${widthPx} x ${heightPx} px holds no whole cell at ${pixelSizeUm} um/px.`)
  }
  return { widthUm, heightUm }
}

/** Fields that together own at least `region`, in whole fields from its upper left corner, in bands. */
export function planStage(region: Rect<StageUm>, camera: PlannedCamera): StagePlan {
  const { pixelSizeUm } = camera
  const marginPx = Math.ceil(OWNED_MARGIN_UM / pixelSizeUm)
  const slackPx = Math.ceil(camera.placeErrorUm / pixelSizeUm)
  const step = fieldStep(camera)
  return {
    kind: 'stage',
    startUm: { x: region.origin.x, y: region.origin.y },
    columns: wholeFields(region.width, step.widthUm),
    rows: wholeFields(region.height, step.heightUm),
    bandColumns: BAND_COLUMNS,
    visits: null,
    fieldWidthPx: camera.widthPx,
    fieldHeightPx: camera.heightPx,
    marginPx,
    slackPx,
    pixelSizeUm,
    focus: null,
    focusPrior: null,
    slideShift: NO_SHIFT,
    sharpUm: null,
    calibrations: [],
  }
}

/** A side that is a whole number of fields but for rounding needs no more of them. */
const wholeFields = (lengthUm: number, fieldUm: number): number => Math.max(1, Math.ceil(lengthUm / fieldUm - 1e-6))

export function fieldCount(plan: StagePlan): number {
  return plan.visits?.length ?? plan.columns * plan.rows
}

/** From one column to the next, and from one row to the next. */
export const ownedWidthPx = (plan: StagePlan): number => plan.fieldWidthPx - 2 * plan.marginPx - plan.slackPx
export const ownedHeightPx = (plan: StagePlan): number => plan.fieldHeightPx - 2 * plan.marginPx - plan.slackPx
const rimPx = (plan: StagePlan) => Math.ceil(SLIDE_RIM_UM / plan.pixelSizeUm) + plan.marginPx

/** The slide image's frame: the owned area starts one rim inside it. */
export function slideFrame(plan: StagePlan): SlideFrame {
  const rimUm = rimPx(plan) * plan.pixelSizeUm
  return { originUm: stageUm(plan.startUm.x - rimUm, plan.startUm.y - rimUm), pixelSizeUm: plan.pixelSizeUm }
}

export function slideSizePx(plan: StagePlan): { readonly widthPx: number; readonly heightPx: number } {
  return {
    widthPx: plan.columns * ownedWidthPx(plan) + 2 * rimPx(plan),
    heightPx: plan.rows * ownedHeightPx(plan) + 2 * rimPx(plan),
  }
}

/** The field by its place in the order of the scan. */
export function plannedField(plan: StagePlan, index: number): PlannedField {
  const { column, row } = placeOf(plan, index)
  const width = ownedWidthPx(plan)
  const height = ownedHeightPx(plan)
  return {
    index,
    centre: stageUm(
      plan.startUm.x + (column + 0.5) * width * plan.pixelSizeUm,
      plan.startUm.y + (row + 0.5) * height * plan.pixelSizeUm,
    ),
    owned: { origin: slidePx(rimPx(plan) + column * width, rimPx(plan) + row * height), width, height },
  }
}

function placeOf(plan: StagePlan, index: number): GridPlace {
  if (plan.visits === null) return bandPlace(plan, index)
  const place = plan.visits[index]
  if (place === undefined) throw new RangeError(`field ${index} of a plan of ${plan.visits.length}`)
  return { column: place % plan.columns, row: Math.floor(place / plan.columns) }
}

/** The index of the field in a column and row of the grid; null: none is planned there. */
export function indexAt(plan: StagePlan, column: number, row: number): number | null {
  if (column < 0 || row < 0 || column >= plan.columns || row >= plan.rows) return null
  if (plan.visits === null) return bandIndex(plan, { column, row })
  return indicesOf(plan.visits).get(row * plan.columns + column) ?? null
}

const indices = new WeakMap<readonly number[], ReadonlyMap<number, number>>()

function indicesOf(visits: readonly number[]): ReadonlyMap<number, number> {
  let known = indices.get(visits)
  if (!known) {
    known = new Map(visits.map((place, index) => [place, index]))
    indices.set(visits, known)
  }
  return known
}

/** Planned fields that share a side with a field: the ones its image overlaps. */
export function neighbours(plan: StagePlan, index: number): number[] {
  const { column, row } = placeOf(plan, index)
  return [
    indexAt(plan, column - 1, row),
    indexAt(plan, column + 1, row),
    indexAt(plan, column, row - 1),
    indexAt(plan, column, row + 1),
  ].filter((each) => each !== null)
}

/** The planned field nearest to a share of the plan's width and height, 0-1 each. */
export function fieldNear(plan: StagePlan, across: number, down: number): PlannedField {
  const column = Math.min(plan.columns - 1, Math.floor(across * plan.columns))
  const row = Math.min(plan.rows - 1, Math.floor(down * plan.rows))
  const there = indexAt(plan, column, row)
  if (there !== null) return plannedField(plan, there)
  const nearest = nearestPlace(plan, { column, row }, { column, row }, new Set(plan.visits))
  return plannedField(plan, indicesOf(plan.visits!).get(nearest)!)
}

/** Where the upper left corner of a field's image lies by the stage position read back (the image's middle), parts of a pixel kept. */
export function fieldPlace(plan: StagePlan, centre: StageUm): StagePlace {
  const middle = stageToSlide(centre, slideFrame(plan))
  return { xPx: middle.x - plan.fieldWidthPx / 2, yPx: middle.y - plan.fieldHeightPx / 2 }
}

/** The same in whole pixels. */
export function fieldOrigin(plan: StagePlan, centre: StageUm): SlidePx {
  const { xPx, yPx } = fieldPlace(plan, centre)
  return slidePx(Math.round(xPx), Math.round(yPx))
}

/** What a field sees whole whose image's upper left corner is at a point. */
export function seenAt(plan: StagePlan, origin: SlidePx): Rect<SlidePx> {
  const { marginPx } = plan
  return {
    origin: slidePx(origin.x + marginPx, origin.y + marginPx),
    width: plan.fieldWidthPx - 2 * marginPx,
    height: plan.fieldHeightPx - 2 * marginPx,
  }
}
