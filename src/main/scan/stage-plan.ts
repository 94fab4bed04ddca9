import { z } from 'zod'
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

/**
 * Every field keeps this much of its rim to its neighbours, so that a cell whose centre it owns is whole in its image:
 * half the largest cell of the taxonomy, micrometres.
 */
export const OWNED_MARGIN_UM = 10

/** 500 cells at about 20 a field then lie in a block of five fields by five. */
const BAND_COLUMNS = 5

/** Room round the planned fields on the slide image for the stage's position error, micrometres. */
const SLIDE_RIM_UM = 20

const focusMap: z.ZodType<FocusMap> = z.object({
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
  /** Columns scanned together, see `placeOf`. */
  bandColumns: z.number().int().positive(),
  fieldWidthPx: z.number().int().positive(),
  fieldHeightPx: z.number().int().positive(),
  marginPx: z.number().int().min(0),
  pixelSizeUm: z.number().positive(),
  /** null: not focused yet. */
  focus: focusMap.nullable(),
  /** What the microscope was calibrated by, as the casebook numbers it. */
  calibrations: z.array(z.number().int()).default([]),
})
export type StagePlan = z.infer<typeof stagePlan>

export interface PlannedField {
  readonly index: number
  readonly centre: StageUm
  /** What it counts. The owned rectangles of all fields tile the region without gap or overlap. */
  readonly owned: Rect<SlidePx>
}

/** Fields that together own at least `region`, in whole fields from its upper left corner. */
export function planStage(
  region: Rect<StageUm>,
  camera: { readonly widthPx: number; readonly heightPx: number; readonly pixelSizeUm: number },
): StagePlan {
  const { pixelSizeUm } = camera
  const marginPx = Math.ceil(OWNED_MARGIN_UM / pixelSizeUm)
  const ownedWidthUm = (camera.widthPx - 2 * marginPx) * pixelSizeUm
  const ownedHeightUm = (camera.heightPx - 2 * marginPx) * pixelSizeUm
  if (ownedWidthUm <= 0 || ownedHeightUm <= 0) {
    throw new RangeError(
      `A field of ${camera.widthPx} x ${camera.heightPx} px holds no whole cell at ${pixelSizeUm} um/px.`,
    )
  }
  return {
    kind: 'stage',
    startUm: { x: region.origin.x, y: region.origin.y },
    columns: Math.max(1, Math.ceil(region.width / ownedWidthUm)),
    rows: Math.max(1, Math.ceil(region.height / ownedHeightUm)),
    bandColumns: BAND_COLUMNS,
    fieldWidthPx: camera.widthPx,
    fieldHeightPx: camera.heightPx,
    marginPx,
    pixelSizeUm,
    focus: null,
    calibrations: [],
  }
}

export function fieldCount(plan: StagePlan): number {
  return plan.columns * plan.rows
}

const ownedWidthPx = (plan: StagePlan) => plan.fieldWidthPx - 2 * plan.marginPx
const ownedHeightPx = (plan: StagePlan) => plan.fieldHeightPx - 2 * plan.marginPx
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

/** Index of the field that owns a point of the slide; null: none does. */
export function ownerOf(plan: StagePlan, point: SlidePx): number | null {
  const column = Math.floor((point.x - rimPx(plan)) / ownedWidthPx(plan))
  const row = Math.floor((point.y - rimPx(plan)) / ownedHeightPx(plan))
  if (column < 0 || row < 0 || column >= plan.columns || row >= plan.rows) return null
  return indexAt(plan, column, row)
}

/**
 * The order of the scan: bands of a few columns, one after the other, down and up in turn; within a band a serpentine, row by
 * row. A count that ends early has then looked at one compact area, not at a strip across the smear.
 */
function placeOf(plan: StagePlan, index: number): { readonly column: number; readonly row: number } {
  const band = Math.floor(index / (plan.rows * plan.bandColumns))
  const inBand = index - band * plan.rows * plan.bandColumns
  const width = bandWidth(plan, band)
  const line = Math.floor(inBand / width)
  const along = inBand % width
  return {
    column: band * plan.bandColumns + (line % 2 === 0 ? along : width - 1 - along),
    row: band % 2 === 0 ? line : plan.rows - 1 - line,
  }
}

/** The other way round: the index of the field in a column and row of the region. */
export function indexAt(plan: StagePlan, column: number, row: number): number {
  const band = Math.floor(column / plan.bandColumns)
  const width = bandWidth(plan, band)
  const line = band % 2 === 0 ? row : plan.rows - 1 - row
  const inBand = column - band * plan.bandColumns
  return band * plan.rows * plan.bandColumns + line * width + (line % 2 === 0 ? inBand : width - 1 - inBand)
}

function bandWidth(plan: StagePlan, band: number): number {
  return Math.min(plan.bandColumns, plan.columns - band * plan.bandColumns)
}

/** Where the upper left corner of a field's image lies, from the stage position read back (the image's middle). */
export function fieldOrigin(plan: StagePlan, centre: StageUm): SlidePx {
  const middle = stageToSlide(centre, slideFrame(plan))
  return slidePx(Math.round(middle.x - plan.fieldWidthPx / 2), Math.round(middle.y - plan.fieldHeightPx / 2))
}
