import { describe, expect, it } from 'vitest'
import { stageUm } from '../../../shared/geometry.ts'
import { DEFAULT_EFFECTS, NO_EFFECTS } from '../simulator/effects.ts'
import { WaveWorld } from '../simulator/wave-world.ts'
import { focusScore } from './focus-score.ts'

const at = stageUm(3000, 2000)

function view(world: WaveWorld, offUm: number, effects = NO_EFFECTS, noiseSeed = 1) {
  return world.render({
    centre: at,
    zUm: world.bestFocusUm(at) + offUm,
    widthPx: 320,
    heightPx: 240,
    pixelSizeUm: 0.092,
    travelUm: stageUm(0, 0),
    effects,
    noiseSeed,
  })
}

describe('focusScore', () => {
  it('falls with each step away from focus, also under noise', async () => {
    const world = new WaveWorld(2)
    for (const direction of [-1, 1]) {
      for (const [lagPx, offsets] of [
        [2, [0, 0.4, 0.8, 1.5, 3]],
        [8, [0, 1, 2, 4, 8, 14]],
      ] as const) {
        let last = Number.POSITIVE_INFINITY
        for (const off of offsets) {
          const score = focusScore(await view(world, direction * off, DEFAULT_EFFECTS, off * 10), lagPx)
          expect(score, `${off} um, lag ${lagPx}`).toBeLessThan(last)
          last = score
        }
      }
    }
  })

  it('does not take noise for detail', async () => {
    const world = new WaveWorld(2)
    const clean = focusScore(await view(world, 12))
    const noisy = focusScore(await view(world, 12, { ...NO_EFFECTS, fullWellElectrons: 2000 }))
    const sharp = focusScore(await view(world, 0))
    expect(Math.abs(noisy - clean)).toBeLessThan(0.02 * sharp)
  })

  it('does not depend on the brightness', async () => {
    const image = await view(new WaveWorld(2), 0.5)
    const dimmed = { ...image, data: image.data.map((value) => Math.round(value / 2)) }
    expect(focusScore(dimmed) / focusScore(image)).toBeCloseTo(1, 1)
  })

  it('is zero where there is nothing', () => {
    const image = (value: number) => ({ data: new Uint8Array(64 * 48 * 3).fill(value), widthPx: 64, heightPx: 48 })
    expect(focusScore(image(0))).toBe(0)
    expect(focusScore(image(200))).toBe(0)
    expect(() => focusScore({ data: new Uint8Array(12), widthPx: 2, heightPx: 2 })).toThrow(RangeError)
  })
})
