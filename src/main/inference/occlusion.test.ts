import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { projectRoot } from '../worker-file.ts'
import type { Classifier } from './classifier.ts'
import { backgroundOf, explainByOcclusion, OCCLUSION_GRID, type OcclusionMap } from './occlusion.ts'
import { openModel } from './open-model.ts'

/** As training/make_places_fixture.py has them: all that the fixture model looks at. */
const SIZE_PX = 32
const SPEAKS_FOR = { top: 4, bottom: 12, left: 20, right: 28 }
const SPEAKS_AGAINST = { top: 20, bottom: 28, left: 4, right: 12 }
const GLASS = [231, 228, 235] as const
const STAIN = [110, 70, 150] as const

type Place = typeof SPEAKS_FOR

/** Stain wherever `stained` says, and glass elsewhere; a band of glass through the middle always. */
function cropWhere(stained: (x: number, y: number) => boolean): Uint8Array {
  const crop = new Uint8Array(SIZE_PX * SIZE_PX * 3)
  for (let y = 0; y < SIZE_PX; y++) {
    for (let x = 0; x < SIZE_PX; x++) {
      const glass = (y >= 14 && y < 18) || !stained(x, y)
      crop.set(glass ? GLASS : STAIN, (y * SIZE_PX + x) * 3)
    }
  }
  return crop
}

const inside = ({ top, bottom, left, right }: Place, x: number, y: number) =>
  x >= left && x < right && y >= top && y < bottom

/** Centre of a spot, pixels. */
function centreOf(spot: number): { readonly x: number; readonly y: number } {
  const step = SIZE_PX / OCCLUSION_GRID
  return { x: ((spot % OCCLUSION_GRID) + 0.5) * step, y: (Math.floor(spot / OCCLUSION_GRID) + 0.5) * step }
}

/** Whether a spot reaches a place: its outermost shade ends 0.13 of the side from its centre. */
function reaches(spot: number, { top, bottom, left, right }: Place): boolean {
  const { x, y } = centreOf(spot)
  const dx = Math.max(left - x, 0, x - right)
  const dy = Math.max(top - y, 0, y - bottom)
  return Math.hypot(dx, dy) < 0.13 * SIZE_PX
}

const spotOf = (weights: readonly number[], value: number) => centreOf(weights.indexOf(value))

describe('an explanation by occlusion', () => {
  let model: Classifier
  beforeAll(async () => {
    model = await openModel(join(projectRoot(), 'test/fixtures/models/places'))
  })
  afterAll(() => model.close())

  const explain = async (crop: Uint8Array): Promise<readonly OcclusionMap[]> =>
    (await explainByOcclusion(model, crop)).maps

  it('points at the places the model looks at, with the sign they have, and nowhere else', async () => {
    const [first, second] = await explain(cropWhere(() => true))
    expect([first.class, second.class]).toEqual(['BLA', 'LYT'])
    const most = spotOf(first.weights, Math.max(...first.weights))
    const least = spotOf(first.weights, Math.min(...first.weights))
    expect(inside(SPEAKS_FOR, most.x, most.y)).toBe(true)
    expect(inside(SPEAKS_AGAINST, least.x, least.y)).toBe(true)
    expect(Math.max(...first.weights)).toBeGreaterThan(0.1)
    expect(Math.min(...first.weights)).toBeLessThan(-0.05)
    for (const [spot, weight] of first.weights.entries()) {
      if (reaches(spot, SPEAKS_FOR)) expect(weight).toBeGreaterThan(0)
      else if (reaches(spot, SPEAKS_AGAINST)) expect(weight).toBeLessThan(0)
      else expect(weight).toBe(0)
    }
    // What speaks for the one class speaks against the other.
    for (const [spot, weight] of second.weights.entries()) {
      expect(Math.sign(weight) + Math.sign(first.weights[spot])).toBe(0)
    }
  })

  it('is silent on a place where nothing is', async () => {
    const [first] = await explain(cropWhere((x, y) => !inside(SPEAKS_AGAINST, x, y)))
    for (const [spot, weight] of first.weights.entries()) {
      expect(weight === 0 || (weight > 0 && reaches(spot, SPEAKS_FOR))).toBe(true)
    }
  })

  it('gives the probabilities the model gives the whole crop, the most probable class first', async () => {
    const crop = cropWhere((x, y) => inside(SPEAKS_AGAINST, x, y))
    const { probabilities } = await model.classify(crop, 1)
    const maps = await explain(crop)
    expect(maps.map((map) => map.class)).toEqual(['LYT', 'BLA'])
    expect(maps.map((map) => map.probability)).toEqual([probabilities[1], probabilities[0]])
  })

  it('covers with what lies between the cells, whatever the light', async () => {
    const { background } = await explainByOcclusion(
      model,
      cropWhere((x, y) => x < 24 || y < 8),
    )
    expect(background).toEqual(GLASS)
    const grey = new Uint8Array(SIZE_PX * SIZE_PX * 3).fill(77)
    expect(backgroundOf(grey)).toEqual([77, 77, 77])
  })

  it('stops between two turns once nobody waits for it', async () => {
    const abort = new AbortController()
    let calls = 0
    const watched: Classifier = {
      ...model,
      manifest: model.manifest,
      classes: model.classes,
      classify: (crops, n) => {
        calls++
        if (calls === 2) abort.abort(new Error('moved on'))
        return model.classify(crops, n)
      },
    }
    await expect(
      explainByOcclusion(
        watched,
        cropWhere(() => true),
        abort.signal,
      ),
    ).rejects.toThrow('moved on')
    expect(calls).toBe(2)
  })
})
