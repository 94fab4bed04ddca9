import { describe, expect, it } from 'vitest'
import { areProbabilities, softmaxRows, toInput } from './tensors.ts'

const base = { name: 'crops', sizePx: 2, pixelSizeUm: 0.2, normalisation: null } as const

describe('toInput', () => {
  const crops = Uint8Array.from({ length: 24 }, (_, i) => i * 10)

  it('hands over 8 bit NHWC as it is', () => {
    const input = toInput(crops, 2, { ...base, type: 'uint8', layout: 'NHWC' })
    expect(input.data).toBe(crops)
    expect(input.dims).toEqual([2, 2, 2, 3])
  })

  it('puts channels first', () => {
    const { data, dims } = toInput(crops, 2, { ...base, type: 'uint8', layout: 'NCHW' })
    expect(dims).toEqual([2, 3, 2, 2])
    expect([...data.slice(0, 12)]).toEqual([0, 30, 60, 90, 10, 40, 70, 100, 20, 50, 80, 110])
  })

  it('normalises pixel / 255 by channel', () => {
    const { data } = toInput(crops.subarray(0, 12), 1, {
      ...base,
      type: 'float32',
      layout: 'NHWC',
      normalisation: { mean: [0, 0.5, 1], std: [1, 2, 0.5] },
    })
    expect(data[3]).toBeCloseTo(30 / 255, 6)
    expect(data[4]).toBeCloseTo((40 / 255 - 0.5) / 2, 6)
    expect(data[5]).toBeCloseTo((50 / 255 - 1) / 0.5, 6)
  })

  it('keeps 0-255 in float graphs that normalise themselves', () => {
    const { data } = toInput(crops.subarray(0, 12), 1, { ...base, type: 'float32', layout: 'NHWC' })
    expect([...data]).toEqual([...crops.subarray(0, 12)])
  })
})

describe('softmaxRows', () => {
  it('survives logits far beyond the range of exp', () => {
    const values = Float32Array.of(1000, 999, -1000, 0, 0, 0)
    softmaxRows(values, 3)
    expect(values[0]).toBeCloseTo(1 / (1 + Math.exp(-1)), 6)
    expect(values[2]).toBe(0)
    expect(values[4]).toBeCloseTo(1 / 3, 6)
    expect(areProbabilities(values, 3)).toBe(true)
  })

  it('lets what is not a number show', () => {
    const values = Float32Array.of(Number.NaN, 1, 2)
    softmaxRows(values, 3)
    expect(areProbabilities(values, 3)).toBe(false)
    expect(areProbabilities(Float32Array.of(0.5, 0.2, 0.2), 3)).toBe(false)
    expect(areProbabilities(Float32Array.of(1.5, -0.5, 0), 3)).toBe(false)
  })
})
