import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { temporaryFolder } from '../../../test/support/data-folder.ts'
import { classificationReport, detectionReport } from '../../shared/contract/reference.ts'
import type { Classifier } from '../inference/classifier.ts'
import { openModel } from '../inference/open-model.ts'
import { openAnalyser } from '../vision/analyser.ts'
import type { Analyser } from '../vision/analysis.ts'
import { drawCells } from '../vision/drawn-cells.ts'
import { projectRoot } from '../worker-file.ts'
import { evaluateCrops, evaluateFields } from './evaluate.ts'

const PIXEL_SIZE_UM = 0.1

let classifier: Classifier
let analyser: Analyser
beforeAll(async () => {
  classifier = await openModel(join(projectRoot(), 'test/fixtures/models/colour-full'))
  analyser = openAnalyser()
})
afterAll(async () => {
  await classifier.close()
  await analyser.close()
})

async function crop(folder: string, code: string, name: string, background: string): Promise<void> {
  mkdirSync(join(folder, code), { recursive: true })
  await sharp({ create: { width: 40, height: 40, channels: 3, background } })
    .png()
    .toFile(join(folder, code, `${name}.png`))
}

/** A field with one drawn cell, or none, and a box where the cell is or would be. The model calls what is drawn EOS: with the red cells round it, it is more red than blue. */
async function field(folder: string, name: string, isThere: boolean): Promise<void> {
  const centre = { x: 160, y: 150 }
  const image = drawCells(320, 300, PIXEL_SIZE_UM, isThere ? [centre] : [])
  const raw = { width: image.widthPx, height: image.heightPx, channels: 3 as const }
  await sharp(Buffer.from(image.data), { raw })
    .png()
    .toFile(join(folder, `${name}.png`))
  const [x, y] = [centre.x - 50, centre.y - 50]
  const box = `<xmin>${x}</xmin><ymin>${y}</ymin><xmax>${x + 100}</xmax><ymax>${y + 100}</ymax>`
  writeFileSync(
    join(folder, `${name}.xml`),
    `<annotation><object><name>WBC</name><bndbox>${box}</bndbox></object></annotation>`,
  )
}

describe('evaluateCrops', () => {
  it('reports figures with limits, calibration and doubts, and says what it took for granted', async () => {
    const folder = temporaryFolder()
    for (const name of ['a', 'b', 'c']) await crop(folder, 'EOS', name, '#ff0000')
    await crop(folder, 'EOS', 'wrong', '#00ff00')
    for (const name of ['a', 'b']) await crop(folder, 'LYT', name, '#00ff00')
    await crop(folder, 'LYT', 'pale', '#7c847c')
    const report = await evaluateCrops({ path: folder, pixelSizeUm: null, split: 'all' }, classifier)
    expect(classificationReport.parse(report)).toEqual(report)
    expect(report).toMatchObject({ n: 7, accuracy: { value: 6 / 7 }, balancedAccuracy: (0.75 + 1) / 2 })
    expect(report.meanRecall.low).toBeLessThan(report.balancedAccuracy!)
    expect(report.confusion).toEqual({ EOS: { EOS: 3, LYT: 1 }, LYT: { LYT: 3 } })
    expect(report.calibration.bins.reduce((sum, bin) => sum + bin.n, 0)).toBe(7)
    // The pale one is the only one the model is not sure of.
    const [own] = report.doubt.unsure
    expect(own).toMatchObject({ below: 0.8, unsure: { value: 1 / 7 }, wrongAmongSure: { value: 1 / 6, n: 6 } })
    expect(report.doubt.unfamiliar).not.toBeNull()
    expect(report.notes.join(' ')).toContain('23.04 um')
    const given = await evaluateCrops({ path: folder, pixelSizeUm: 0.5, split: 'all' }, classifier)
    expect(given.notes.join(' ')).not.toContain('23.04 um')
  })
})

describe('evaluateFields', () => {
  it('counts a missed cell as wrong in the one number over types with more than ten cells', async () => {
    const folder = temporaryFolder()
    const lines = ['image,class']
    for (let i = 0; i < 12; i++) {
      await field(folder, `n${i}`, i > 0)
      lines.push(`n${i}.png,EOS`)
    }
    for (let i = 0; i < 2; i++) {
      await field(folder, `l${i}`, true)
      lines.push(`l${i}.png,NGS`)
    }
    writeFileSync(join(folder, 'types.csv'), lines.join('\n'))
    const report = await evaluateFields(folder, PIXEL_SIZE_UM, analyser, classifier)
    expect(detectionReport.parse(report)).toEqual(report)
    expect(report).toMatchObject({ images: 14, cells: 14, found: 13, missed: 1, extra: 0 })
    expect(report.typesBalancedAccuracy).toBeCloseTo(11 / 12)
    expect(report.types).toMatchObject({
      moreThan: 10,
      rule: expect.stringContaining('NGB counts as right'),
      balancedAccuracy: { classes: 1 },
      classes: [
        { class: 'NGS', n: 2, missed: 0, recall: { value: 0 }, inMean: false },
        { class: 'EOS', n: 12, missed: 1, recall: { n: 12 }, inMean: true },
      ],
    })
    expect(report.classification).toMatchObject({ n: 13, accuracy: { value: 11 / 13 } })
  })

  it('has no such number where no class is known', async () => {
    const folder = temporaryFolder()
    await field(folder, 'a', true)
    const report = await evaluateFields(folder, PIXEL_SIZE_UM, analyser, classifier)
    expect(report).toMatchObject({ found: 1, classification: null, types: null, typesBalancedAccuracy: null })
  })
})
