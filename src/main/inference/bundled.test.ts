import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CLASS_CODES, type ClassCode } from '../../shared/taxonomy.ts'
import { readImage } from '../images/read-image.ts'
import { cropForModel } from '../vision/crop.ts'
import { projectRoot } from '../worker-file.ts'
import { bundledModelFolder } from './bundled.ts'
import type { Classifier } from './classifier.ts'
import { openModel } from './open-model.ts'

const CROPS = join(projectRoot(), '../shared/data/marrow-crops-250')
const CROP_PIXEL_UM = 0.092
const present = existsSync(CROPS)
if (!present) console.log(`skipped: real marrow crops are not at ${CROPS}`)

describe('the bundled model', () => {
  let model: Classifier

  beforeAll(async () => {
    model = await openModel(bundledModelFolder())
  })
  afterAll(() => model.close())

  /** Names of the crops by the likeliest class. */
  async function names(crops: readonly Uint8Array[]): Promise<ClassCode[]> {
    const { probabilities: rows } = await model.classify(
      Uint8Array.from(crops.flatMap((crop) => [...crop])),
      crops.length,
    )
    return crops.map((_, i) => {
      const row = rows.subarray(i * model.classes.length, (i + 1) * model.classes.length)
      return model.classes[row.indexOf(Math.max(...row))]!
    })
  }

  it('knows the 21 classes in the order of the taxonomy and says where each comes from', () => {
    expect(model.classes).toEqual(CLASS_CODES)
    for (const code of CLASS_CODES) {
      const evidence = model.manifest.evidence[code]
      expect(evidence, code).toBeDefined()
      expect(evidence?.images === 'none', code).toBe(evidence?.n === 0)
    }
    expect(model.manifest.sources.length).toBeGreaterThan(0)
    expect(model.card).toContain('For Research Use Only. Not for use in diagnostic procedures.')
    expect(model.card).toContain('patient identifiers')
  })

  // Some of these crops taught the model: this checks scale, channels and order of classes, not accuracy.
  it.skipIf(!present)('names real marrow crops far better than chance', async () => {
    const { sizePx: inputPx, pixelSizeUm } = model.manifest.input
    const recalls: number[] = []
    for (const code of await readdir(CROPS)) {
      const crops: Uint8Array[] = []
      for (const file of await readdir(join(CROPS, code))) {
        const image = await readImage(join(CROPS, code, file))
        const [x, y] = [image.widthPx / 2, image.heightPx / 2]
        crops.push(cropForModel(image, x, y, CROP_PIXEL_UM, { inputPx, pixelSizeUm }))
      }
      const right = (await names(crops)).filter((name) => name === code).length
      recalls.push(right / crops.length)
    }
    expect(recalls).toHaveLength(7)
    expect(recalls.reduce((a, b) => a + b) / recalls.length).toBeGreaterThan(0.6)
  })

  it.skipIf(!present)('gives the same probabilities however the camera is mounted', async () => {
    const { sizePx, pixelSizeUm } = model.manifest.input
    const [file] = await readdir(join(CROPS, 'MON'))
    const image = await readImage(join(CROPS, 'MON', file!))
    const crop = cropForModel(image, image.widthPx / 2, image.heightPx / 2, CROP_PIXEL_UM, {
      inputPx: sizePx,
      pixelSizeUm,
    })
    const turned = new Uint8Array(crop.length)
    for (let y = 0; y < sizePx; y++) {
      for (let x = 0; x < sizePx; x++) {
        const from = (y * sizePx + x) * 3
        turned.set(crop.subarray(from, from + 3), (x * sizePx + (sizePx - 1 - y)) * 3)
      }
    }
    const { probabilities: straight } = await model.classify(crop, 1)
    const { probabilities: other } = await model.classify(turned, 1)
    for (const [i, value] of straight.entries()) expect(other[i]).toBeCloseTo(value, 4)
  })
})
