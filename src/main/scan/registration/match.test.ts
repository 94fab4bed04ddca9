import { afterAll, describe, expect, it } from 'vitest'
import { type StageUm, stageUm } from '../../../shared/geometry.ts'
import type { RgbImage } from '../../../shared/image.ts'
import { createWorld } from '../../microscope/simulator/create-world.ts'
import { DEFAULT_EFFECTS } from '../../microscope/simulator/effects.ts'
import { hash, Random } from '../../microscope/simulator/random.ts'
import { wholePart } from './cut-part.ts'
import { openRegistrar } from './registrar.ts'

const SIZE = { widthPx: 1024, heightPx: 768, pixelSizeUm: 0.092 }
/** A lamp out of its middle, dark corners and many stuck pixels: all at the same place of every image. */
const UNEVEN = { ...DEFAULT_EFFECTS, vignetting: 0.3, shade: [0.2, 0.15], hotPixelShare: 0.001 } as const
const REACH_UM = 12

const world = createWorld({ seed: 11, profile: 'normal' })
const registrar = openRegistrar()
afterAll(async () => {
  await registrar.close()
  await world.close()
})

const view = (at: StageUm, noiseSeed: number): Promise<RgbImage> =>
  world.render({
    ...SIZE,
    centre: at,
    zUm: world.bestFocusUm(at),
    travelUm: stageUm(0, 0),
    effects: UNEVEN,
    noiseSeed,
  })

const px = (um: number): number => um / SIZE.pixelSizeUm
const between = (
  from: RgbImage,
  to: RgbImage,
  expected: { xPx: number; yPx: number },
  pixelSizeUm = SIZE.pixelSizeUm,
) =>
  registrar.match({
    from: wholePart(from),
    fromSize: from,
    to,
    pixelSizeUm,
    expected,
    reachPx: REACH_UM / pixelSizeUm,
  })
const { origin, width, height } = world.countable
const place = (across: number, down: number) => stageUm(origin.x + across * width, origin.y + down * height)
/** Glass beyond the smear. */
const glass = (i: number) => stageUm(world.extent.origin.x + world.extent.width + 300 * (i + 1), origin.y + 200 * i)

/** To the right, below, and below to the right: 26 um of overlap. */
const STEPS = [
  { xUm: 68, yUm: 0 },
  { xUm: 0, yUm: 44 },
  { xUm: 68, yUm: 44 },
] as const

describe('neighbouring fields', () => {
  it('tell their offset to a fraction of a pixel, whatever the stage is off, under an uneven lamp and stuck pixels', async () => {
    const random = new Random(hash(21))
    for (let run = 0; run < 9; run++) {
      const { xUm, yUm } = STEPS[run % 3]!
      const here = place(random.range(0.1, 0.9), random.range(0.1, 0.9))
      const off = { x: random.range(-7, 7), y: random.range(-7, 7) }
      const from = await view(here, 2 * run)
      const to = await view(stageUm(here.x + xUm + off.x, here.y + yUm + off.y), 2 * run + 1)
      const expected = { xPx: px(xUm), yPx: px(yUm) }
      const match = await between(from, to, expected)
      const note = `run ${run}: score ${match.score}`
      expect(match.offset, note).not.toBeNull()
      const miss = Math.hypot(match.offset!.xPx - px(xUm + off.x), match.offset!.yPx - px(yUm + off.y))
      expect(miss, note).toBeLessThan(0.5)
      expect(match.score, note).toBeGreaterThan(0.8)
      expect(match.errorPx, note).toBeGreaterThan(0)
    }
  })

  it.each([0.05, 0.075, 0.13, 0.222, 0.3])(
    'tell it as well at %d um a pixel, and of another place nothing',
    async (pixelSizeUm) => {
      const size = { widthPx: Math.round(60 / pixelSizeUm), heightPx: Math.round(50 / pixelSizeUm), pixelSizeUm }
      const see = (at: StageUm, noiseSeed: number) =>
        world.render({
          ...size,
          centre: at,
          zUm: world.bestFocusUm(at),
          travelUm: stageUm(0, 0),
          effects: UNEVEN,
          noiseSeed,
        })
      const [here, step, off] = [place(0.4, 0.5), 36, { x: 4.1, y: -5.3 }]
      const from = await see(here, 1)
      const expected = { xPx: step / pixelSizeUm, yPx: 0 }
      const match = await between(
        from,
        await see(stageUm(here.x + step + off.x, here.y + off.y), 2),
        expected,
        pixelSizeUm,
      )
      expect(match.offset).not.toBeNull()
      const missPx = Math.hypot(
        match.offset!.xPx - (step + off.x) / pixelSizeUm,
        match.offset!.yPx - off.y / pixelSizeUm,
      )
      expect(missPx * pixelSizeUm).toBeLessThan(0.05)
      expect(match.score).toBeGreaterThan(0.8)
      const other = await between(from, await see(stageUm(here.x + 700, here.y), 3), expected, pixelSizeUm)
      expect(other.offset).toBeNull()
      expect(other.score).toBeLessThan(0.4)
      expect(other.unlike).toBe(true)
    },
  )

  it('tell nothing where nothing lies in the overlap, and are unlike where something else does', async () => {
    const random = new Random(hash(22))
    for (let run = 0; run < 6; run++) {
      const { xUm, yUm } = STEPS[run % 3]!
      const expected = { xPx: px(xUm), yPx: px(yUm) }
      const empty = await between(
        await view(glass(run), 3 * run),
        await view(stageUm(glass(run).x + xUm, glass(run).y + yUm), 3 * run + 1),
        expected,
      )
      expect(empty.offset, `glass ${run}`).toBeNull()
      expect(empty.score, `glass ${run}`).toBeLessThan(0.4)
      expect(empty.unlike, `glass ${run}`).toBe(false)
      const here = place(random.range(0.1, 0.4), random.range(0.1, 0.9))
      const other = await between(
        await view(here, 3 * run),
        await view(stageUm(here.x + 700 + xUm, here.y + yUm), 3 * run + 2),
        expected,
      )
      expect(other.offset, `another place ${run}`).toBeNull()
      // A corner may hold too little to tell.
      if (xUm === 0 || yUm === 0) expect(other.unlike, `another place ${run}`).toBe(true)
      // What is seen in one alone may be there in the other as well, out of its reach.
      const beside = await between(await view(here, 3 * run), await view(glass(run), 3 * run + 1), expected)
      expect(beside, `glass beside a smear ${run}`).toMatchObject({ offset: null, unlike: false })
    }
    const from = await view(place(0.5, 0.5), 1)
    const nowhere = await between(from, from, { xPx: 2000, yPx: 0 })
    expect(nowhere).toEqual({ offset: null, score: 0, errorPx: null, unlike: false })
  })

  it('tell nothing where an edge runs through the overlap that is the same all along', async () => {
    const { widthPx, heightPx } = SIZE
    for (const [run, { xUm, yUm }] of STEPS.entries()) {
      const edge = (left: number, top: number, seed: number): RgbImage => {
        const noise = new Random(hash(seed))
        const data = new Uint8Array(3 * widthPx * heightPx)
        for (let i = 0; i < widthPx * heightPx; i++) {
          const across = (left + (i % widthPx) - 900) * 0.8 + (top + Math.floor(i / widthPx) - 620) * 0.6
          data.fill(Math.round(190 + 35 * Math.tanh(across / 4) + 2 * noise.normal()), 3 * i, 3 * i + 3)
        }
        return { data, widthPx, heightPx }
      }
      const expected = { xPx: px(xUm), yPx: px(yUm) }
      const match = await between(edge(0, 0, run), edge(expected.xPx + 20, expected.yPx - 15, 10 + run), expected)
      expect(match.offset, `run ${run}: score ${match.score}`).toBeNull()
    }
  })

  it('are told from what is next to them by a single cell in the overlap', async () => {
    const cells = world.truthIn(world.countable).slice(0, 400)
    let alone = 0
    for (const [i, cell] of cells.entries()) {
      if (alone === 3) break
      // Blank but for one cell and what lies beside it.
      const keep = 13 / SIZE.pixelSizeUm
      const blank = (image: RgbImage, at: StageUm, seed: number): RgbImage => {
        const noise = new Random(hash(seed))
        const data = new Uint8Array(image.data)
        const [x, y] = [px(cell.centre.x - at.x) + SIZE.widthPx / 2, px(cell.centre.y - at.y) + SIZE.heightPx / 2]
        for (let j = 0; j < SIZE.heightPx; j++) {
          for (let k = 0; k < SIZE.widthPx; k++) {
            if (Math.hypot(k - x, j - y) <= keep) continue
            data.fill(Math.round(225 + 2 * noise.normal()), 3 * (j * SIZE.widthPx + k), 3 * (j * SIZE.widthPx + k) + 3)
          }
        }
        return { ...image, data }
      }
      const from = stageUm(cell.centre.x - 34, cell.centre.y + 10)
      const to = stageUm(from.x + 68 + 3.3, from.y - 2.1)
      const match = await between(
        blank(await view(from, 10 + i), from, 2 * i),
        blank(await view(to, 500 + i), to, 2 * i + 1),
        { xPx: px(68), yPx: 0 },
      )
      alone++
      expect(match.offset, `cell ${cell.id}: score ${match.score}`).not.toBeNull()
      expect(Math.hypot(match.offset!.xPx - px(71.3), match.offset!.yPx + px(2.1)), `cell ${cell.id}`).toBeLessThan(1.5)
    }
    expect(alone).toBe(3)
  })
})

it('one place seen twice tells how far the stage came back, also where a flaw of the optics stays where it is', async () => {
  const here = place(0.3, 0.6)
  const flaw = (image: RgbImage): RgbImage => {
    const data = new Uint8Array(image.data)
    for (let y = 300; y < 330; y++) {
      for (let x = 400; x < 430; x++) {
        const depth = Math.max(0, 1 - Math.hypot(x - 415, y - 315) / 15)
        for (let c = 0; c < 3; c++) data[3 * (y * SIZE.widthPx + x) + c]! *= 1 - 0.3 * depth
      }
    }
    return { ...image, data }
  }
  const from = flaw(await view(here, 1))
  const to = flaw(await view(stageUm(here.x + 1.7, here.y - 2.3), 2))
  const match = await between(from, to, { xPx: 0, yPx: 0 })
  expect(match.offset!.xPx).toBeCloseTo(px(1.7), 0)
  expect(match.offset!.yPx).toBeCloseTo(px(-2.3), 0)
  expect(match.score).toBeGreaterThan(0.8)
})
