import { describe, expect, it } from 'vitest'
import { CLASS_CODES } from '../taxonomy.ts'
import { classificationFigures, type JudgedCell } from './classification.ts'
import { REFERENCE_MODEL } from './reference-model.ts'

const cells = (
  truth: JudgedCell['truth'],
  predicted: JudgedCell['predicted'],
  n: number,
  probability = 0.9,
): JudgedCell[] => Array.from({ length: n }, () => ({ truth, predicted, probability, unfamiliarity: null }))

describe('classificationFigures', () => {
  it('weighs every class alike in the balanced accuracy, every cell alike in the accuracy', () => {
    const figures = classificationFigures([
      ...cells('NGS', 'NGS', 90),
      ...cells('LYT', 'LYT', 5),
      ...cells('LYT', 'NGS', 5),
    ])
    expect(figures.accuracy.value).toBeCloseTo(0.95)
    expect(figures.balancedAccuracy).toBeCloseTo(0.75)
    expect(figures.classes.find((entry) => entry.class === 'NGS')!.precision.value).toBeCloseTo(90 / 95)
    expect(figures.confusion).toEqual({ NGS: { NGS: 90 }, LYT: { LYT: 5, NGS: 5 } })
  })

  it('takes a neighbouring stage as right only in the tolerant figures', () => {
    const [myelocyte] = classificationFigures([
      ...cells('MYB', 'PMO', 3),
      ...cells('MYB', 'MYB', 5),
      ...cells('MYB', 'NGS', 2),
    ]).classes
    expect(myelocyte.recall.value).toBeCloseTo(0.5)
    expect(myelocyte.tolerantRecall.value).toBeCloseTo(0.8)
  })

  it('has no calibration error where eight of ten are right at 0.8, and 0.2 where all are', () => {
    expect(
      classificationFigures([...cells('MON', 'MON', 8, 0.8), ...cells('MON', 'BLA', 2, 0.8)]).calibrationError,
    ).toBeCloseTo(0)
    const { calibration, calibrationError } = classificationFigures(cells('MON', 'MON', 10, 0.8))
    expect(calibrationError).toBeCloseTo(0.2)
    expect(calibration.bins).toHaveLength(10)
    expect(calibration.bins[8]).toEqual({ from: 0.8, to: 0.9, n: 10, probability: expect.closeTo(0.8), right: 1 })
    expect(calibration.bins[0]).toMatchObject({ n: 0, probability: null, right: null })
    expect(calibration.method).toContain('10 equal bins')
  })

  it('gives the balanced accuracy limits that hold it, narrower with more cells', () => {
    const of = (times: number) =>
      classificationFigures([
        ...cells('NGS', 'NGS', 9 * times),
        ...cells('LYT', 'LYT', 7 * times),
        ...cells('LYT', 'NGS', 3 * times),
      ]).meanRecall
    expect(of(1).value).toBeCloseTo(0.85)
    expect(of(1).low).toBeLessThan(0.85)
    expect(of(1).high).toBeGreaterThan(0.85)
    expect(of(20).high - of(20).low).toBeLessThan((of(1).high - of(1).low) / 3)
    const { recall } = classificationFigures(cells('NGS', 'NGS', 12)).classes[0]
    expect(classificationFigures(cells('NGS', 'NGS', 12)).meanRecall).toMatchObject({
      low: recall.low,
      high: 1,
      classes: 1,
    })
  })

  it('says nothing of nothing', () => {
    expect(classificationFigures([])).toMatchObject({ n: 0, balancedAccuracy: null, calibrationError: null })
  })
})

describe('REFERENCE_MODEL', () => {
  it('is the published table: its images add up, and its count-weighted recall is the published one', () => {
    const images = CLASS_CODES.reduce((sum, code) => sum + REFERENCE_MODEL[code].images, 0)
    expect(images).toBe(171_374)
    const weighted = CLASS_CODES.reduce(
      (sum, code) => sum + REFERENCE_MODEL[code].images * REFERENCE_MODEL[code].recall,
      0,
    )
    expect(weighted / images).toBeCloseTo(0.726, 2)
  })
})
