import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { stageUm } from '../../shared/geometry.ts'
import type { RgbImage } from '../../shared/image.ts'
import type { FieldSpread } from '../../shared/overview/spread.ts'
import { createWorld } from '../microscope/simulator/create-world.ts'
import { DEFAULT_EFFECTS } from '../microscope/simulator/effects.ts'
import type { ImageEffects, World } from '../microscope/simulator/world.ts'
import { openAnalyser } from './analyser.ts'
import { viewSpread } from './spread.ts'

/** Every second pixel along each side of the usual camera's: the same field in a quarter of the time. */
const PIXEL_UM = 0.184
let world: World

const draw = (across: number, down: number, effects: Partial<ImageEffects> = {}): Promise<RgbImage> => {
  const { origin, width, height } = world.extent
  const centre = stageUm(origin.x + across * width, origin.y + down * height)
  return world.render({
    centre,
    zUm: world.bestFocusUm(centre),
    widthPx: 1024,
    heightPx: 768,
    pixelSizeUm: PIXEL_UM,
    travelUm: stageUm(0, 0),
    effects: { ...DEFAULT_EFFECTS, ...effects },
    noiseSeed: 1,
  })
}
const mean = (spreads: readonly FieldSpread[], of: (spread: FieldSpread) => number | null) =>
  spreads.reduce((sum, spread) => sum + (of(spread) ?? 0), 0) / spreads.length
const DOWN = [0.25, 0.4, 0.55, 0.7, 0.85]
/** Of five fields at one distance from the drop. */
const at = async (across: number) =>
  (await Promise.all(DOWN.map((down) => draw(across, down)))).map((image) => viewSpread(image, PIXEL_UM))

describe.each([
  ['normal', 11],
  ['cll', 12],
  ['aml', 13],
] as const)('a simulated smear (%s, seed %d)', (profile, seed) => {
  beforeAll(() => {
    world = createWorld({ profile, seed })
  })
  afterAll(() => world.close())

  it('tells the thick end from where red cells lie singly, and both from bare glass', async () => {
    const [thick, thin] = await Promise.all([at(0.12), at(0.6)])
    const single = (spread: FieldSpread) => spread.singleShare
    expect(mean(thin, single)).toBeGreaterThan(2 * mean(thick, single))
    expect(mean(thin, ({ groundLevel }) => groundLevel)).toBeGreaterThan(
      mean(thick, ({ groundLevel }) => groundLevel) + 8,
    )
    const [glass] = [viewSpread(await draw(-0.02, 0.5), PIXEL_UM)]
    expect(glass).toMatchObject({ singleShare: null, cells: 0, touchingShare: null, cellsPerMm2: 0 })
    expect(glass.groundShare).toBeGreaterThan(0.98)
    expect(glass.groundLevel).toBeGreaterThan(mean(thin, ({ groundLevel }) => groundLevel))
  })

  it('counts about as many cells a square millimetre as lie there', async () => {
    const { origin, width, height } = world.extent
    const spreads = await Promise.all([at(0.55), at(0.65), at(0.75)])
    const area = {
      origin: stageUm(origin.x + 0.5 * width, origin.y + 0.2 * height),
      width: 0.3 * width,
      height: 0.7 * height,
    }
    const truly = world.truthIn(area).length / (area.width * area.height * 1e-6)
    expect(mean(spreads.flat(), ({ cellsPerMm2 }) => cellsPerMm2) / truly).toBeGreaterThan(0.8)
    expect(mean(spreads.flat(), ({ cellsPerMm2 }) => cellsPerMm2) / truly).toBeLessThan(1.2)
  })

  it('says the same under another light and through a camera that tints', async () => {
    const [plain, tinted] = await Promise.all([
      draw(0.6, 0.5),
      draw(0.6, 0.5, { tint: [0.85, 1, 0.9], light: 0.9, shade: [0.12, 0.05] }),
    ])
    const [a, b] = [viewSpread(plain, PIXEL_UM), viewSpread(tinted, PIXEL_UM)]
    expect(Math.abs(b.singleShare! - a.singleShare!)).toBeLessThan(0.06)
    expect(Math.abs(b.redShare - a.redShare)).toBeLessThan(0.02)
    expect(Math.abs(b.cells - a.cells)).toBeLessThanOrEqual(1)
  })

  it('is measured off the calling thread to the same numbers', async () => {
    const image = await draw(0.6, 0.5)
    const analyser = openAnalyser()
    try {
      expect(await analyser.spread(image, PIXEL_UM)).toEqual(viewSpread(image, PIXEL_UM))
      await expect(analyser.spread(image, 9)).rejects.toMatchObject({ code: 'pixel-size-implausible' })
    } finally {
      await analyser.close()
    }
  })
})

it('has nothing to say of a field too small to hold a cell', () => {
  const data = new Uint8Array(3 * 80 * 80).fill(235)
  expect(viewSpread({ data, widthPx: 80, heightPx: 80 }, PIXEL_UM)).toMatchObject({ cellsPerMm2: null, cells: 0 })
})
