import { linkSync } from 'node:fs'
import { join } from 'node:path'
import type { Casebook } from '../../src/main/casebook/casebook.ts'
import { openCasebook } from '../../src/main/casebook/open-casebook.ts'
import { bundledModelFolder } from '../../src/main/inference/bundled.ts'
import { describedModel } from '../../src/main/inference/model-info.ts'
import { readDescription } from '../../src/main/inference/package.ts'
import { openSlide } from '../../src/main/slide/open-slide.ts'
import type { FieldQuality } from '../../src/shared/contract/quality.ts'
import { type RgbImage, rgbMemory } from '../../src/shared/image.ts'
import { CASE, newCell, newField, newRun } from './casebook-rows.ts'

const WIDTH_PX = 2048
const HEIGHT_PX = 1536
const PICTURE_BYTES = 6000
/** Every so manieth field is left out by the gate. */
const LEFT_OUT_EVERY = 40

const QUALITY: FieldQuality = {
  edgeWidthUm: 0.21,
  bluntestEdgeWidthUm: 0.23,
  saturatedShare: 0.001,
  blackShare: 0,
  glass: { red: 231, green: 229, blue: 233 },
  unevenness: 0.06,
  coveredShare: 0.42,
  nuclearShare: 0.04,
  filmDensity: 0.21,
  nuclearDensity: 0.78,
}

export interface LongRun {
  readonly runId: number
  readonly cells: number
  readonly cellsLeftOut: number
  /** In the denominator. */
  readonly counted: number
}

/**
 * A finished run as a scan of a whole smear leaves it, without the hours that takes: fields in a serpentine that overlap by a tenth, each compared with
 * two neighbours, named by the bundled model's classes; one field's image stands for all (links to its file).
 */
export async function makeLongRun(dataFolder: string, fields: number, cellsPerField: number): Promise<LongRun> {
  const info = describedModel(await readDescription(bundledModelFolder()))
  const columns = Math.max(1, Math.ceil(Math.sqrt((fields * HEIGHT_PX) / WIDTH_PX)))
  const size = {
    slideWidthPx: Math.ceil(columns * WIDTH_PX * 0.9) + WIDTH_PX,
    slideHeightPx: Math.ceil((fields / columns) * HEIGHT_PX * 0.9) + 2 * HEIGHT_PX,
  }
  const casebook = openCasebook(dataFolder)
  try {
    const { caseId } = casebook.createCase({ ...CASE, accession: `26-${fields}` })
    const { runId } = casebook.createRun(
      newRun(caseId, { ...size, plannedFields: fields, targetCells: null, model: { info, provider: 'cpu' } }),
    )
    for (let index = 0; index < fields; index++) commitField(casebook, runId, index, columns, cellsPerField)
    const { cells, cellsLeftOut, counted } = casebook.setRunState(runId, 'finished', { stopped: 'region' })
    await keepImages(join(dataFolder, 'slides', String(runId)), fields, size)
    return { runId, cells, cellsLeftOut, counted }
  } finally {
    casebook.close()
  }
}

function commitField(casebook: Casebook, runId: number, index: number, columns: number, cellsPerField: number): void {
  const row = Math.floor(index / columns)
  const column = row % 2 === 0 ? index % columns : columns - 1 - (index % columns)
  const at = { x: Math.round(column * WIDTH_PX * 0.9) + 10, y: Math.round(row * HEIGHT_PX * 0.9) + 10 }
  const cells = Array.from({ length: cellsPerField }, (_, i) => ({
    ...newCell((i + index) % 21, { x: at.x + 150 + ((i * 397) % 1700), y: at.y + 120 + ((i * 211) % 1200) }),
    cropJpeg: new Uint8Array(PICTURE_BYTES),
  }))
  const { field, ...rest } = newField(runId, index, cells)
  const before = [index - 1, index - columns].filter((one) => one >= 0)
  casebook.commitField({
    ...rest,
    field: {
      ...field,
      slideX: at.x,
      slideY: at.y,
      owned: { x: at.x + 102, y: at.y + 77, width: WIDTH_PX * 0.9, height: HEIGHT_PX * 0.9 },
      quality: QUALITY,
      leftOut:
        index % LEFT_OUT_EVERY === LEFT_OUT_EVERY - 1
          ? { reason: 'focus', words: 'out of focus: edges 0.41 um wide, at most 0.28 um here', reader: null }
          : null,
    },
    placing: {
      xPx: at.x,
      yPx: at.y,
      stitches: [...new Set(before)].map((from) => ({
        from,
        offset: { xPx: 1843, yPx: 0.4 },
        errorPx: 0.3,
        score: 0.9,
        unlike: false,
      })),
    },
    scanningMs: 300 * (index + 1),
  })
}

async function keepImages(
  folder: string,
  fields: number,
  { slideWidthPx, slideHeightPx }: { readonly slideWidthPx: number; readonly slideHeightPx: number },
): Promise<void> {
  const keeper = openSlide(folder, {
    widthPx: slideWidthPx,
    heightPx: slideHeightPx,
    pixelSizeUm: 0.092,
    places: () => [],
  })
  await keeper.keep(0, smear())
  await keeper.close()
  for (let index = 1; index < fields; index++)
    linkSync(join(folder, 'fields/0.tif'), join(folder, `fields/${index}.tif`))
}

/** Smooth shapes under sensor noise, seeded. */
function smear(): RgbImage {
  const data = rgbMemory(WIDTH_PX, HEIGHT_PX)
  let state = 1
  for (let i = 0; i < data.length; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    data[i] = 170 + 40 * Math.sin(i / 90) + (7 * state) / 2 ** 32
  }
  return { data, widthPx: WIDTH_PX, heightPx: HEIGHT_PX }
}
