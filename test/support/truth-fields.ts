import sharp from 'sharp'
import { readImage } from '../../src/main/images/read-image.ts'
import { createWorld } from '../../src/main/microscope/simulator/create-world.ts'
import { DEFAULT_EFFECTS } from '../../src/main/microscope/simulator/effects.ts'
import type { SlideOptions } from '../../src/main/microscope/simulator/make-slide.ts'
import { Random } from '../../src/main/microscope/simulator/random.ts'
import { openLabelledCrops } from '../../src/main/reference/labelled-crops.ts'
import { labelledFields } from '../../src/main/reference/labelled-fields.ts'
import type { Detection } from '../../src/main/vision/analysis.ts'
import { type MatchRule, matchDetections, type TruthBox } from '../../src/main/vision/match.ts'
import { stageUm } from '../../src/shared/geometry.ts'
import type { RgbImage } from '../../src/shared/image.ts'

/** A field of view whose nucleated cells are known. */
export interface TruthField {
  readonly name: string
  readonly image: RgbImage
  readonly pixelSizeUm: number
  readonly cells: readonly TruthBox[]
  readonly rule: MatchRule
  /** Cells nearer to the edge than this may be cut by it: neither asked for nor held against anybody. */
  readonly edgePx: number
}

export interface Tally {
  readonly cells: number
  readonly found: number
  readonly extra: number
  /** Intersection over union of the boxes of found cells whose size is known. */
  readonly ious: readonly number[]
}

export function tallyOf(
  fields: readonly TruthField[],
  detect: (image: RgbImage, pixelSizeUm: number) => readonly Detection[],
): Tally {
  let [cells, found, extra] = [0, 0, 0]
  const ious: number[] = []
  for (const field of fields) {
    const detections = detect(field.image, field.pixelSizeUm)
    const match = matchDetections(field.cells, detections, field.rule)
    const { edgePx, image } = field
    const inside = ({ xPx, yPx }: { readonly xPx: number; readonly yPx: number }) =>
      edgePx === 0 || (xPx > edgePx && yPx > edgePx && xPx < image.widthPx - edgePx && yPx < image.heightPx - edgePx)
    const asked = field.cells.filter(inside).length
    cells += asked
    found += asked - match.missed.filter((i) => inside(field.cells[i])).length
    extra += match.extra.filter((i) => inside(detections[i])).length
    ious.push(...match.ious)
  }
  return { cells, found, extra, ious }
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** Of a labelled folder; fields without a cell are left out. Cells known by their centres are found within `radiusUm`. */
export async function labelledTruth(folder: string, pixelSizeUm: number, radiusUm = 5.5): Promise<TruthField[]> {
  const fields: TruthField[] = []
  for (const { image, cells, kind } of await labelledFields(folder)) {
    if (cells.length === 0) continue
    const rule: MatchRule = kind === 'boxes' ? { kind: 'box' } : { kind: 'radius', radiusPx: radiusUm / pixelSizeUm }
    fields.push({ name: image, image: await readImage(image), pixelSizeUm, cells, rule, edgePx: 0 })
  }
  return fields
}

/** An image with `factor` times as many pixels along each side. */
export async function resized(image: RgbImage, factor: number): Promise<RgbImage> {
  if (factor === 1) return image
  const size = { widthPx: Math.round(image.widthPx * factor), heightPx: Math.round(image.heightPx * factor) }
  const raw = { width: image.widthPx, height: image.heightPx, channels: 3 } as const
  const data = await sharp(image.data, { raw }).resize(size.widthPx, size.heightPx, { fit: 'fill' }).raw().toBuffer()
  return { data: new Uint8Array(data), ...size }
}

/** The same field with larger or smaller pixels. */
export async function resampled(field: TruthField, pixelSizeUm: number): Promise<TruthField> {
  const factor = field.pixelSizeUm / pixelSizeUm
  return {
    ...field,
    image: await resized(field.image, factor),
    pixelSizeUm,
    cells: field.cells.map((cell) => ({
      xPx: cell.xPx * factor,
      yPx: cell.yPx * factor,
      ...(cell.widthPx !== undefined && { widthPx: cell.widthPx * factor }),
      ...(cell.heightPx !== undefined && { heightPx: cell.heightPx * factor }),
    })),
    rule: field.rule.kind === 'box' ? field.rule : { kind: 'radius', radiusPx: field.rule.radiusPx * factor },
  }
}

export interface View {
  readonly pixelSizeUm: number
  readonly widthPx: number
  readonly heightPx: number
  /** Where the fields lie: how far into the countable area, 0-1. */
  readonly places: readonly number[]
}

const USUAL_VIEW: View = { pixelSizeUm: 0.092, widthPx: 2048, heightPx: 1536, places: [0.25, 0.6] }

/** Fields of a simulated smear, in focus. */
export async function simulatedTruth(options: SlideOptions, view: Partial<View> = {}): Promise<TruthField[]> {
  const { pixelSizeUm, widthPx, heightPx, places } = { ...USUAL_VIEW, ...view }
  const world = createWorld(options)
  const fields: TruthField[] = []
  for (const share of places) {
    const { origin, width, height } = world.countable
    const centre = stageUm(origin.x + width * share, origin.y + height * (1 - share))
    const corner = stageUm(centre.x - (widthPx * pixelSizeUm) / 2, centre.y - (heightPx * pixelSizeUm) / 2)
    const image = await world.render({
      centre,
      zUm: world.bestFocusUm(centre),
      widthPx,
      heightPx,
      pixelSizeUm,
      travelUm: stageUm(0, 0),
      effects: DEFAULT_EFFECTS,
      noiseSeed: options.seed,
    })
    const truth = world.truthIn({ origin: corner, width: widthPx * pixelSizeUm, height: heightPx * pixelSizeUm })
    fields.push({
      name: `${options.profile}, seed ${options.seed}, at ${share}`,
      image,
      pixelSizeUm,
      cells: truth.map(({ centre: at, widthUm, heightUm }) => ({
        xPx: (at.x - corner.x) / pixelSizeUm,
        yPx: (at.y - corner.y) / pixelSizeUm,
        widthPx: widthUm / pixelSizeUm,
        heightPx: heightUm / pixelSizeUm,
      })),
      rule: { kind: 'radius', radiusPx: 4 / pixelSizeUm },
      edgePx: 8 / pixelSizeUm,
    })
  }
  await world.close()
  return fields
}

const COLUMNS = 12
const ROWS = 8

/**
 * Fields put together from square crops of one cell each (a tar archive or a folder of class codes), as many rows and columns of
 * them: real cells in an artificial arrangement. Crops that show no cell (class ART) hold none.
 */
export async function mosaicTruth(
  path: string,
  pixelSizeUm: number,
  count: number,
  seed: number,
  takes: (code: string) => boolean = () => true,
): Promise<TruthField[]> {
  const { crops, close } = await openLabelledCrops(path)
  try {
    const random = new Random(seed)
    const left = crops.filter((crop) => takes(crop.class))
    const fields: TruthField[] = []
    for (let n = 0; n < count; n++) {
      const tiles = []
      for (let k = 0; k < COLUMNS * ROWS; k++) {
        const crop = left.splice(random.int(left.length), 1)[0]
        tiles.push({ code: crop.class, image: await crop.read() })
      }
      const side = tiles[0].image.widthPx
      const [widthPx, heightPx] = [COLUMNS * side, ROWS * side]
      const data = new Uint8Array(widthPx * heightPx * 3)
      const cells: TruthBox[] = []
      for (const [k, { code, image }] of tiles.entries()) {
        const [x, y] = [(k % COLUMNS) * side, Math.floor(k / COLUMNS) * side]
        for (let row = 0; row < side; row++) {
          data.set(image.data.subarray(row * side * 3, (row + 1) * side * 3), ((y + row) * widthPx + x) * 3)
        }
        if (code !== 'ART') cells.push({ xPx: x + side / 2, yPx: y + side / 2 })
      }
      const rule: MatchRule = { kind: 'radius', radiusPx: 5.5 / pixelSizeUm }
      fields.push({ name: `${path} ${n}`, image: { data, widthPx, heightPx }, pixelSizeUm, cells, rule, edgePx: 0 })
    }
    return fields
  } finally {
    await close()
  }
}
