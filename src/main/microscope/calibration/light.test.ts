import { afterEach, describe, expect, it } from 'vitest'
import { openSimulatedRig, type SimulatedRig } from '../simulated-rig.ts'
import type { ImageEffects } from '../simulator/world.ts'
import type { CalibrationBench } from './bench.ts'
import { FrameCorrection } from './frame-correction.ts'
import { inUse, NOTHING_KNOWN } from './in-use.ts'
import { measureDarkFrame, measureFlatField, measureWhiteBalance } from './light.ts'

const SIZE = { widthPx: 512, heightPx: 384 }
let rig: SimulatedRig
afterEach(() => rig.close())

async function benchWith(effects: Partial<ImageEffects>): Promise<CalibrationBench> {
  rig = await openSimulatedRig({
    profile: 'normal',
    seed: 3,
    timeScale: 1000,
    effects,
    camera: { ...SIZE, pixelSizeUm: 0.3 },
  })
  const { stage, camera } = rig
  return {
    stage,
    camera,
    timeScale: 1000,
    signal: new AbortController().signal,
    say: () => undefined,
    show: () => undefined,
  }
}

async function toClearGlass({ stage }: CalibrationBench): Promise<void> {
  const { origin, height } = rig.world.extent
  await stage.moveTo({ xUm: origin.x - 500, yUm: origin.y + height / 2, zUm: rig.workingZUm })
}

async function toCells({ stage }: CalibrationBench): Promise<void> {
  const { origin, width, height } = rig.world.countable
  await stage.moveTo({ xUm: origin.x + width / 2, yUm: origin.y + height / 2, zUm: rig.workingZUm })
}

const UNEVEN = {
  vignetting: 0.2,
  shade: [0.15, 0.05],
  tint: [0.85, 1, 0.8],
  blackLevel: 5,
  hotPixelShare: 0.0002,
} as const

describe('light', () => {
  it('is evened to grey clear glass by dark frame, flat field and white balance together', async () => {
    const bench = await benchWith(UNEVEN)
    await toClearGlass(bench)
    rig.camera.setLight(0)
    const dark = await measureDarkFrame(bench)
    rig.camera.setLight(1)
    for (const level of dark.level) expect(level).toBeCloseTo(5, 0)
    // Pixels that are stuck in one channel of three count too.
    expect(dark.stuck.length).toBe(Math.round(0.0002 * SIZE.widthPx * SIZE.heightPx))
    const flat = await measureFlatField(bench, dark)
    expect(flat.darkKnown).toBe(true)
    expect(flat.errorPercent).toBeLessThan(0.3)
    expect(flat.darkestPercent).toBeGreaterThan(60)
    expect(flat.darkestPercent).toBeLessThan(85)
    const white = await measureWhiteBalance(bench, dark)
    expect(Math.min(...white.gains)).toBe(1)
    const correction = new FrameCorrection(SIZE, {
      ...NOTHING_KNOWN,
      'dark-frame': dark,
      'flat-field': flat,
      'white-balance': white,
    })
    const { frame } = await bench.camera.startCaptureAfter(performance.now())
    const { data } = correction.apply(await frame)
    const sums = new Map<string, number>()
    for (let y = 0; y < SIZE.heightPx; y++) {
      for (let x = 0; x < SIZE.widthPx; x++) {
        const block = `${Math.floor(x / 128)},${Math.floor(y / 96)}`
        for (let c = 0; c < 3; c++) {
          sums.set(
            `${block} ${c}`,
            (sums.get(`${block} ${c}`) ?? 0) + data[3 * (y * SIZE.widthPx + x) + c]! / (128 * 96),
          )
        }
      }
    }
    const levels = [...sums.values()]
    expect(Math.max(...levels) / Math.min(...levels)).toBeLessThan(1.02)
  })

  it('is refused where it is too bright, too dark, not dark, or falls on cells', async () => {
    const bench = await benchWith(UNEVEN)
    await toClearGlass(bench)
    await expect(measureDarkFrame(bench)).rejects.toMatchObject({ code: 'light-unsuited' })
    rig.camera.setLight(2)
    await expect(measureFlatField(bench, null)).rejects.toMatchObject({ code: 'image-saturated' })
    await expect(measureWhiteBalance(bench, null)).rejects.toMatchObject({ code: 'image-saturated' })
    rig.camera.setLight(0.05)
    await expect(measureFlatField(bench, null)).rejects.toMatchObject({ code: 'light-unsuited' })
    rig.camera.setLight(1)
    await toCells(bench)
    await expect(measureFlatField(bench, null)).rejects.toMatchObject({ code: 'light-unsuited' })
    rig.camera.failNext('disconnect')
    await expect(measureFlatField(bench, null)).rejects.toMatchObject({ code: 'device-failed' })
  })
})

it('a dark frame of images of another size is not taken off', async () => {
  const bench = await benchWith(UNEVEN)
  await toClearGlass(bench)
  rig.camera.setLight(0)
  const dark = { ...(await measureDarkFrame(bench)), widthPx: 100 }
  rig.camera.setLight(1)
  expect((await measureFlatField(bench, dark)).darkKnown).toBe(false)
  expect(() => new FrameCorrection(SIZE, { ...inUse([]), 'dark-frame': dark })).toThrow(/100 x 384/)
})
