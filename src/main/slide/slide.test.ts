import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import jpeg from '@julusian/jpeg-turbo'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startChild } from '../../../test/support/child.ts'
import { expectedLevels, FIELDS, fieldImage, SLIDE_SIZE } from '../../../test/support/painted-slide.ts'
import { mountVolume, unwritableFolder } from '../../../test/support/volume.ts'
import { slidePx } from '../../shared/geometry.ts'
import type { RgbImage } from '../../shared/image.ts'
import { type PixelRect, tileRect, tilesIn } from './geometry.ts'
import { openSlide } from './open-slide.ts'
import type { Slide, SlideGeometry } from './slide.ts'
import { JPEG_QUALITY } from './tile-files.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'medulla-slide-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

async function paintAll(slide: Slide, from = 0, to = FIELDS.length): Promise<void> {
  for (let index = from; index < to; index++) await slide.paint(fieldImage(index), FIELDS[index])
}

/** Every tile of the pyramid made at once from the fields and their places; drawn once for all tests. */
let drawn: { level: number; x: number; y: number; rect: PixelRect; right: Buffer }[] | null = null

function expectedTiles(geometry: SlideGeometry) {
  if (drawn) return drawn
  drawn = []
  for (const [depth, image] of expectedLevels(FIELDS.length, geometry.levels - geometry.lowestLevel).entries()) {
    const level = geometry.levels - 1 - depth
    const all = tilesIn({ left: 0, top: 0, right: image.widthPx, bottom: image.heightPx })
    for (let y = all.top; y < all.bottom; y++) {
      for (let x = all.left; x < all.right; x++) {
        const rect = tileRect(geometry, level, x, y)
        drawn.push({ level, x, y, rect, right: cut(image, rect) })
      }
    }
  }
  return drawn
}

/** The pyramid on disk is the expected one within what compressing costs; a tile painted twice from its file pays twice. */
function expectWithinJpegError(slide: Slide): void {
  const tiles = expectedTiles(slide.geometry)
  const found = new Difference()
  const once = new Difference()
  for (const { level, x, y, rect, right } of tiles) {
    found.add(right, decode(readFileSync(slide.tilePath(level, x, y)), rect))
    once.add(right, decode(encode(right, rect), rect))
  }
  // 4 x 3 at full resolution, then 2 x 2 and the one tile all fits in.
  expect(tiles).toHaveLength(12 + 4 + 1)
  expect(found.mean).toBeLessThan(1.5 * once.mean)
  expect(found.shareFar).toBeLessThan(once.shareFar + 5e-4)
}

/** Between pictures, in grey values: the mean, and the share of values further off than any but a sharp edge makes them. */
class Difference {
  #sum = 0
  #far = 0
  #values = 0

  add(a: Uint8Array, b: Uint8Array): void {
    this.#values += a.length
    for (let i = 0; i < a.length; i++) {
      const off = Math.abs(a[i] - b[i])
      this.#sum += off
      if (off > 24) this.#far++
    }
  }

  get mean(): number {
    return this.#sum / this.#values
  }

  get shareFar(): number {
    return this.#far / this.#values
  }
}

function cut(image: RgbImage, { left, top, right, bottom }: PixelRect): Buffer {
  const rows = Array.from({ length: bottom - top }, (_, y) => {
    const at = 3 * ((top + y) * image.widthPx + left)
    return image.data.subarray(at, at + 3 * (right - left))
  })
  return Buffer.concat(rows)
}

function encode(data: Buffer, { left, top, right, bottom }: PixelRect): Buffer {
  const size = { width: right - left, height: bottom - top }
  return jpeg.compressSync(data, {
    format: jpeg.FORMAT_RGB,
    ...size,
    quality: JPEG_QUALITY,
    subsampling: jpeg.SAMP_420,
  })
}

function decode(bytes: Buffer, { left, top, right, bottom }: PixelRect): Uint8Array {
  const { data, width, height } = jpeg.decompressSync(bytes, { format: jpeg.FORMAT_RGB })
  expect([width, height]).toEqual([right - left, bottom - top])
  return data
}

const unfinished = () => readdirSync(join(folder, 'unfinished'))

test('the pyramid is the one made at once from the fields and their places', async () => {
  const slide = openSlide(folder, SLIDE_SIZE)
  await Promise.all(FIELDS.map((at, index) => slide.paint(fieldImage(index), at)))
  await slide.close()
  expectWithinJpegError(slide)
  expect(unfinished()).toEqual([])
})

test('a slide opened anew goes on from its files', async () => {
  const size = SLIDE_SIZE
  const first = openSlide(folder, size)
  await paintAll(first, 0, 7)
  await first.close()
  const second = openSlide(folder, size)
  await paintAll(second, 7)
  await second.close()
  expectWithinJpegError(second)
})

test('tiles nothing was painted on are not there', async () => {
  const slide = openSlide(folder, { widthPx: 4096, heightPx: 4096 })
  await slide.paint({ data: new Uint8Array(3 * 100 * 100), widthPx: 100, heightPx: 100 }, slidePx(1000, 500))
  await slide.close()
  expect(readdirSync(join(folder, '12')).sort()).toEqual(['1_0.jpg', '1_1.jpg', '2_0.jpg', '2_1.jpg'])
  expect(readdirSync(join(folder, '11')).sort()).toEqual(['0_0.jpg', '1_0.jpg'])
  expect(readdirSync(folder).sort()).toEqual(['10', '11', '12', '9', 'unfinished'])
})

test('what lies outside the slide is cut off', async () => {
  const slide = openSlide(folder, { widthPx: 600, heightPx: 400 })
  const image = { data: new Uint8Array(3 * 100 * 100), widthPx: 100, heightPx: 100 }
  await slide.paint(image, slidePx(-50, 350))
  await slide.paint(image, slidePx(900, 0))
  await slide.close()
  const { data, width } = jpeg.decompressSync(readFileSync(slide.tilePath(10, 0, 0)), { format: jpeg.FORMAT_RGB })
  const grey = (x: number, y: number) => data[3 * (y * width + x)]
  expect([grey(20, 380), grey(49, 399), grey(80, 380), grey(20, 330)].map((value) => value > 128)).toEqual([
    false,
    false,
    true,
    true,
  ])
})

test('opening for the geometry touches nothing', () => {
  const slide = openSlide(join(folder, 'never'), SLIDE_SIZE)
  expect(slide.geometry).toEqual({ ...SLIDE_SIZE, tileSizePx: 512, levels: 12, lowestLevel: 9 })
  expect(readdirSync(folder)).toEqual([])
})

test('a bench killed while painting paints the field again, and the slide ends the same', async () => {
  const painter = new URL('../../../test/support/paint-fields.ts', import.meta.url)
  const record = join(folder, 'done')
  const slide = openSlide(join(folder, 'slide'), SLIDE_SIZE)
  // Seeded moments: so many fields on, and so many milliseconds into the next.
  let state = 20_261_123
  const random = (below: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return (state >>> 8) % below
  }
  const done = () => (existsSync(record) ? readFileSync(record, 'utf8').split('\n').length - 1 : 0)
  for (let kill = 0; kill < 5 && done() < FIELDS.length - 1; kill++) {
    const child = startChild(painter, [join(folder, 'slide'), record])
    await child.line(`painting ${done() + random(2)}`)
    await new Promise((resolve) => setTimeout(resolve, random(20)))
    await child.kill()
    // Every tile there is is whole.
    const tiles = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
      /^slide.\d+.\d+_\d+/.test(name),
    )
    for (const name of tiles) jpeg.decompressSync(readFileSync(join(folder, name)), { format: jpeg.FORMAT_RGB })
  }
  const last = startChild(painter, [join(folder, 'slide'), record])
  await last.line('complete')
  expect(await last.ended).toBe(0)
  expect(readdirSync(join(folder, 'slide', 'unfinished'))).toEqual([])
  expectWithinJpegError(slide)
})

test('what a killed bench left half written is thrown away', async () => {
  mkdirSync(join(folder, 'unfinished'))
  writeFileSync(join(folder, 'unfinished', '11-0_0.jpg'), 'half')
  const slide = openSlide(folder, SLIDE_SIZE)
  await paintAll(slide, 0, 1)
  expect(unfinished()).toEqual([])
  await slide.close()
})

test('a full disk says so, keeps whole tiles, and the field can be painted once there is room', async (context) => {
  const volume = mountVolume(2048)
  if (typeof volume === 'string') return context.skip(volume)
  try {
    const ballast = join(volume.path, 'ballast')
    writeFileSync(ballast, Buffer.alloc(1900 * 1024))
    const slide = openSlide(join(volume.path, 'slide'), SLIDE_SIZE)
    let painted = 0
    const failed = paintAll(slide, 0, 1).then(async () => {
      for (painted = 1; painted < FIELDS.length; painted++) await paintAll(slide, painted, painted + 1)
    })
    await expect(failed).rejects.toMatchObject({ code: 'disk-full', detail: { remedy: expect.any(String) } })
    expect(readdirSync(join(volume.path, 'slide', 'unfinished'))).toEqual([])
    expect(statSync(ballast).size).toBe(1900 * 1024)
    rmSync(ballast)
    await paintAll(slide, painted)
    await slide.close()
    expectWithinJpegError(slide)
  } finally {
    volume.remove()
  }
})

test('a folder that cannot be written', async (context) => {
  const closed = unwritableFolder()
  if (typeof closed === 'string') return context.skip(closed)
  try {
    const slide = openSlide(join(closed.path, 'slide'), SLIDE_SIZE)
    await expect(paintAll(slide, 0, 1)).rejects.toMatchObject({ code: 'data-unwritable' })
    await slide.close()
  } finally {
    closed.remove()
  }
})

test('a damaged tile is named, and once it is away the field is painted', async () => {
  const slide = openSlide(folder, SLIDE_SIZE)
  await paintAll(slide, 0, 1)
  await slide.close()
  const again = openSlide(folder, SLIDE_SIZE)
  writeFileSync(again.tilePath(11, 0, 0), 'not a picture')
  await expect(paintAll(again, 0, 1)).rejects.toMatchObject({ code: 'image-unreadable' })
  rmSync(again.tilePath(11, 0, 0))
  await paintAll(again, 0)
  await again.close()
  expectWithinJpegError(again)
})

test('pixels that do not fit the size are refused, and a closed slide paints no more', async () => {
  const slide = openSlide(folder, SLIDE_SIZE)
  const image = { data: new Uint8Array(10), widthPx: 100, heightPx: 100 }
  await expect(slide.paint(image, slidePx(0, 0))).rejects.toThrowError(RangeError)
  await slide.close()
  await expect(slide.paint(image, slidePx(0, 0))).rejects.toThrowError(/closed/)
})
