import { afterEach, expect, it } from 'vitest'
import { temporaryFolder } from '../../../test/support/data-folder.ts'
import { slidePx } from '../../shared/geometry.ts'
import { openSlide } from './open-slide.ts'
import { readRegion } from './read-region.ts'
import type { Slide } from './slide.ts'

let slide: Slide | null = null
afterEach(() => slide?.close())

/** Wide bands, which JPEG keeps nearly as they are. */
const level = (x: number, y: number) => 40 + 20 * (Math.floor(x / 64) % 5) + 10 * (Math.floor(y / 64) % 5)

it('gives the pixels that were painted, across tiles, and background beside them', async () => {
  const folder = temporaryFolder()
  slide = openSlide(folder, { widthPx: 2000, heightPx: 1500 })
  const [widthPx, heightPx] = [900, 700]
  const data = new Uint8Array(widthPx * heightPx * 3)
  for (let y = 0; y < heightPx; y++)
    for (let x = 0; x < widthPx; x++) data.fill(level(x, y), 3 * (y * widthPx + x), 3 * (y * widthPx + x) + 3)
  await slide.paint({ data, widthPx, heightPx }, slidePx(320, 256))
  const rect = { left: 300, top: 256, right: 1100, bottom: 900 }
  const region = await readRegion(folder, slide.geometry, rect)
  expect([region.widthPx, region.heightPx]).toEqual([800, 644])
  let worst = 0
  for (let y = 4; y < 640; y += 7) {
    for (let x = 24; x < 800; x += 5) {
      const wanted = level(x - 20, y)
      // Beside the edge of a band the compression shows.
      if ((x - 20) % 64 > 8 && (x - 20) % 64 < 56 && y % 64 > 8 && y % 64 < 56) {
        worst = Math.max(worst, Math.abs(region.data[3 * (y * 800 + x)]! - wanted))
      }
    }
  }
  expect(worst).toBeLessThanOrEqual(4)
  expect(Math.abs(region.data[0]! - 240)).toBeLessThanOrEqual(4)
})

it('is all background where nothing was painted', async () => {
  slide = openSlide(temporaryFolder(), { widthPx: 2000, heightPx: 1500 })
  const region = await readRegion(temporaryFolder(), slide.geometry, { left: 0, top: 1400, right: 600, bottom: 1500 })
  expect(region.data.every((value) => value === 240)).toBe(true)
})
