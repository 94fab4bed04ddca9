import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import jpeg from '@julusian/jpeg-turbo'
import { beforeEach, expect, test } from 'vitest'
import { startChild } from '../../../test/support/child.ts'
import { temporaryFolder } from '../../../test/support/data-folder.ts'
import {
  FIELD_COUNT,
  fieldImage,
  PLACES,
  placed,
  SLIDE_SIZE,
  slideAtOnce,
} from '../../../test/support/placed-fields.ts'
import { mountVolume, unwritableFolder } from '../../../test/support/volume.ts'
import { fieldPx } from '../../shared/geometry.ts'
import type { RgbImage } from '../../shared/image.ts'
import { type PixelRect, tileRect, tilesIn } from './geometry.ts'
import { half } from './halve.ts'
import { JPEG_OPTIONS } from './jpeg-tiles.ts'
import { openSlide } from './open-slide.ts'
import type { PlacedField } from './places.ts'
import { BINNINGS, type Slide } from './slide.ts'

let folder: string
beforeEach(() => {
  folder = temporaryFolder()
})

/** Places as a casebook gives them: what changed after a revision. */
class Places {
  #fields: PlacedField[] = []

  get all(): readonly PlacedField[] {
    return this.#fields
  }

  put(...fields: readonly PlacedField[]): void {
    const changed = new Set(fields.map(({ index }) => index))
    this.#fields = [...this.#fields.filter(({ index }) => !changed.has(index)), ...fields]
  }

  readonly since = (revision: number) => this.#fields.filter((field) => field.revision > revision)
}

function open(places: Places, onUnreadable?: (field: number) => void): Slide {
  return openSlide(folder, { ...SLIDE_SIZE, pixelSizeUm: 0.1, places: places.since, onUnreadable })
}

async function keepAll(slide: Slide, from = 0, to = FIELD_COUNT): Promise<void> {
  for (let index = from; index < to; index++) await slide.keep(index, fieldImage(index))
}

/** Every tile of the slide, as the viewer asks for them; null: not there. */
async function allTiles(slide: Slide): Promise<Map<string, Uint8Array | null>> {
  const tiles = new Map<string, Uint8Array | null>()
  for (const { level, x, y } of addresses(slide)) tiles.set(`${level}/${x}_${y}`, await slide.tile(level, x, y))
  return tiles
}

function addresses({ geometry }: Slide): { level: number; x: number; y: number; rect: PixelRect }[] {
  const all = []
  for (let level = geometry.lowestLevel; level < geometry.levels; level++) {
    const scale = 2 ** (geometry.levels - 1 - level)
    const [right, bottom] = [Math.ceil(geometry.widthPx / scale), Math.ceil(geometry.heightPx / scale)]
    const tiles = tilesIn({ left: 0, top: 0, right, bottom })
    for (let y = 0; y < tiles.bottom; y++)
      for (let x = 0; x < tiles.right; x++) all.push({ level, x, y, rect: tileRect(geometry, level, x, y) })
  }
  return all
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

function smaller(image: RgbImage, rect: PixelRect, binning: number): RgbImage {
  const [widthPx, heightPx] = [rect.right - rect.left, rect.bottom - rect.top]
  let part: RgbImage = { data: cut(image, rect), widthPx, heightPx }
  for (let n = 1; n < binning; n *= 2) part = half(part)
  return part
}

function decode(bytes: Uint8Array, { left, top, right, bottom }: PixelRect): Uint8Array {
  const { data, width, height } = jpeg.decompressSync(Buffer.from(bytes), { format: jpeg.FORMAT_RGB })
  expect([width, height]).toEqual([right - left, bottom - top])
  return data
}

/**
 * The slide's tiles are those of one made at once from the fields and their places, within what compressing costs: once for the field
 * and once for the tile.
 */
async function expectAsMadeAtOnce(slide: Slide, places: readonly PlacedField[]): Promise<void> {
  const { geometry } = slide
  const levels = slideAtOnce(places, fieldImage, geometry, geometry.levels - geometry.lowestLevel)
  for (const [depth, image] of levels.entries()) {
    const found = new Difference()
    const once = new Difference()
    for (const { level, x, y, rect } of addresses(slide).filter((tile) => geometry.levels - 1 - tile.level === depth)) {
      const right = cut(image, rect)
      const size = { width: rect.right - rect.left, height: rect.bottom - rect.top }
      const bytes = await slide.tile(level, x, y)
      found.add(right, bytes ? decode(bytes, rect) : new Uint8Array(right.length).fill(240))
      once.add(right, decode(jpeg.compressSync(right, { ...JPEG_OPTIONS, ...size }), rect))
    }
    expect(found.mean, `level ${depth} from full size`).toBeLessThan(2 * once.mean + 0.5)
    expect(found.shareFar, `level ${depth} from full size`).toBeLessThan(once.shareFar + 3e-3)
  }
}

test('the slide is the one made at once from the fields and their places', async () => {
  const places = new Places()
  const slide = open(places)
  await Promise.all(PLACES.map(({ index }) => slide.keep(index, fieldImage(index))))
  places.put(...PLACES)
  await expectAsMadeAtOnce(slide, PLACES)
  await slide.close()
})

test('fields that came and moved in any order leave the slide that their last places make, byte for byte', async () => {
  let state = 20_261_126
  const random = (below: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return (state >>> 8) % below
  }
  const places = new Places()
  const looking = open(places)
  const keeping = open(new Places())
  let revision = 0
  const move = (index: number) => placed(index, random(161) / 2 - 40, random(161) / 2 - 40, ++revision)
  for (let index = 0; index < FIELD_COUNT; index++) {
    await keeping.keep(index, fieldImage(index))
    places.put(move(index))
    // Somebody looks here and there, and fields placed before are placed anew.
    const seen = addresses(looking)
    for (let look = 0; look < 4; look++) {
      const { level, x, y } = seen[random(seen.length)]
      await looking.tile(level, x, y)
    }
    if (index % 3 === 2) places.put(move(random(index)), move(index))
  }
  const found = await allTiles(looking)
  const final = new Places()
  final.put(...places.all)
  const atOnce = open(final)
  expect(found).toEqual(await allTiles(atOnce))
  await expectAsMadeAtOnce(looking, final.all)
  for (const slide of [looking, keeping, atOnce]) await slide.close()
})

test('a field that moves changes the tiles it left and the tiles it came to, and no other', async () => {
  const places = new Places()
  const slide = open(places)
  await keepAll(slide)
  places.put(placed(0), placed(3))
  const before = await allTiles(slide)
  places.put(placed(0, 0, 900, 100))
  const after = await allTiles(slide)
  const top = slide.geometry.levels - 1
  const changed = [...after].filter(([key, tile]) => key.startsWith(`${top}/`) && tile !== before.get(key))
  expect(changed.map(([key]) => key.split('/')[1]).sort()).toEqual(['0_0', '0_1', '0_2', '1_0', '1_1', '1_2'])
  expect(after.get(`${top}/0_0`)).toBeNull()
  // What is as it was is not drawn again.
  expect(after.get(`${top}/3_0`)).toBe(before.get(`${top}/3_0`))
})

test('where fields overlap the owner is seen, and where none owns the later one', async () => {
  const flat = (value: number) => ({ data: new Uint8Array(3 * 400 * 400).fill(value), widthPx: 400, heightPx: 400 })
  const places = new Places()
  const slide = open(places)
  for (const [index, value] of [50, 120, 200].entries()) await slide.keep(index, flat(value))
  const at = (index: number, slideX: number, ownedX: number, width: number): PlacedField => ({
    index,
    slideX,
    slideY: 0,
    widthPx: 400,
    heightPx: 400,
    owned: { x: ownedX, y: 100, width, height: 200 },
    revision: index + 1,
  })
  places.put(at(0, 0, 0, 300), at(1, 100, 250, 150), at(2, 50, 400, 20))
  const { data, width } = jpeg.decompressSync(Buffer.from((await slide.tile(slide.geometry.levels - 1, 0, 0))!), {
    format: jpeg.FORMAT_RGB,
  })
  const grey = (x: number, y: number) => Math.round(data[3 * (y * width + x)] / 10) * 10
  // Owned by 0, by 0 and 1, by 1, by 2; above what is owned the last that shows it.
  const seen = [200, 280, 350, 410].map((x) => grey(x, 200))
  expect([...seen, grey(200, 40), grey(480, 40), grey(20, 40)]).toEqual([50, 50, 120, 200, 200, 120, 50])
  expect(grey(505, 200)).toBe(240)
  await slide.close()
})

test('of a field that was read ahead tiles far below read nothing more, and are the same', async () => {
  const wide = { widthPx: 40_000, heightPx: 30_000, pixelSizeUm: null }
  const keeping = open(new Places())
  await keepAll(keeping, 0, 3)
  const slides = Array.from({ length: 2 }, () => {
    const places = new Places()
    places.put(placed(0), placed(1), placed(2))
    return openSlide(folder, { ...wide, places: places.since })
  })
  const [plain, ahead] = slides
  const { lowestLevel, levels } = ahead.geometry
  const far = Array.from({ length: levels - 4 - lowestLevel }, (_, i) => lowestLevel + i)
  expect(far).toHaveLength(4)
  const expected = await Promise.all(far.map((level) => plain.tile(level, 0, 0)))
  for (let index = 0; index < 3; index++) await ahead.readAhead(index)
  rmSync(join(folder, 'fields'), { recursive: true })
  expect(await Promise.all(far.map((level) => ahead.tile(level, 0, 0)))).toEqual(expected)
  // A field that is not there is nothing to complain of before somebody wants to see it.
  await ahead.readAhead(7)
  for (const slide of [keeping, ...slides]) await slide.close()
})

test('a slide opened anew goes on from its files', async () => {
  const places = new Places()
  const first = open(places)
  await keepAll(first, 0, 7)
  await first.close()
  const second = open(places)
  await keepAll(second, 7)
  places.put(...PLACES)
  await expectAsMadeAtOnce(second, PLACES)
  await second.close()
  expect(readdirSync(folder)).toEqual(['fields'])
})

test('what no field touches is not there, nor is what lies beyond the slide', async () => {
  const places = new Places()
  const slide = open(places)
  await slide.keep(0, fieldImage(0))
  const top = slide.geometry.levels - 1
  expect(await slide.tile(top, 0, 0)).toBeNull()
  places.put(placed(0))
  expect(await slide.tile(top, 0, 0)).not.toBeNull()
  expect(await slide.tile(top, 3, 2)).toBeNull()
  expect(await slide.tile(top, 4, 0)).toBeNull()
  expect(await slide.tile(slide.geometry.lowestLevel - 1, 0, 0)).toBeNull()
  expect(await slide.tile(top + 1, 0, 0)).toBeNull()
})

test('opening for the geometry touches nothing', () => {
  const slide = openSlide(join(folder, 'never'), { ...SLIDE_SIZE, pixelSizeUm: null, places: () => [] })
  expect(slide.geometry).toEqual({ ...SLIDE_SIZE, tileSizePx: 512, levels: 12, lowestLevel: 9 })
  expect(readdirSync(folder)).toEqual([])
})

test('a bench killed while keeping keeps the field again, and the slide ends the same', async () => {
  const keeper = new URL('../../../test/support/keep-fields.ts', import.meta.url)
  const record = join(folder, 'done')
  // Seeded moments: so many fields on, and so many milliseconds into the next.
  let state = 20_261_123
  const random = (below: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return (state >>> 8) % below
  }
  const done = () => (existsSync(record) ? readFileSync(record, 'utf8').split('\n').length - 1 : 0)
  for (let kill = 0; kill < 5 && done() < FIELD_COUNT - 1; kill++) {
    const child = startChild(keeper, [folder, record])
    await child.line(`keeping ${done() + random(2)}`)
    await new Promise((resolve) => setTimeout(resolve, random(12)))
    await child.kill()
    // Every field on record is whole.
    const slide = open(new Places())
    for (let index = 0; index < done(); index++) await slide.field(index)
  }
  const last = startChild(keeper, [folder, record])
  await last.line('complete')
  expect(await last.ended).toBe(0)
  expect(readdirSync(join(folder, 'fields')).sort()).toEqual(PLACES.map(({ index }) => `${index}.tif`).sort())
  const places = new Places()
  places.put(...PLACES)
  await expectAsMadeAtOnce(open(places), PLACES)
})

test('a full disk says so, keeps whole fields, and the field can be kept once there is room', async (context) => {
  const volume = mountVolume(2048)
  if (typeof volume === 'string') return context.skip(volume)
  try {
    const ballast = join(volume.path, 'ballast')
    writeFileSync(ballast, Buffer.alloc(1900 * 1024))
    folder = join(volume.path, 'slide')
    mkdirSync(folder)
    const places = new Places()
    const slide = open(places)
    let kept = 0
    const failed = (async () => {
      for (; kept < FIELD_COUNT; kept++) await keepAll(slide, kept, kept + 1)
    })()
    await expect(failed).rejects.toMatchObject({ code: 'disk-full', detail: { remedy: expect.any(String) } })
    expect(kept).toBeGreaterThan(0)
    const whole = Array.from({ length: kept }, (_, index) => `${index}.tif`)
    expect(readdirSync(join(folder, 'fields')).sort()).toEqual(whole.sort())
    for (let index = 0; index < kept; index++) await slide.field(index)
    expect(statSync(ballast).size).toBe(1900 * 1024)
    rmSync(ballast)
    await keepAll(slide, kept)
    places.put(...PLACES)
    await expectAsMadeAtOnce(slide, PLACES)
    await slide.close()
  } finally {
    volume.remove()
  }
})

test('a folder that cannot be written', async (context) => {
  const closed = unwritableFolder()
  if (typeof closed === 'string') return context.skip(closed)
  try {
    folder = join(closed.path, 'slide')
    const slide = open(new Places())
    await expect(keepAll(slide, 0, 1)).rejects.toMatchObject({ code: 'data-unwritable' })
    await slide.close()
  } finally {
    closed.remove()
  }
})

test('a damaged field is blank on the slide, told once, named when asked for, and back when its file is', async () => {
  const places = new Places()
  const told: number[] = []
  const first = open(places)
  await keepAll(first, 0, 2)
  places.put(placed(0), placed(1))
  const path = join(folder, 'fields', '0.tif')
  const bytes = readFileSync(path)
  truncateSync(path, 3000)
  const slide = open(places, (field) => told.push(field))
  const top = slide.geometry.levels - 1
  const { data } = jpeg.decompressSync(Buffer.from((await slide.tile(top, 0, 0))!), { format: jpeg.FORMAT_RGB })
  expect(Math.abs(data[3 * (300 * 512 + 300)] - 240)).toBeLessThan(3)
  await slide.tile(top, 0, 0)
  await slide.tile(top - 1, 0, 0)
  expect(told).toEqual([0])
  await expect(slide.field(0)).rejects.toMatchObject({ code: 'image-unreadable', detail: { values: { path } } })
  rmSync(path)
  await expect(slide.field(0)).rejects.toMatchObject({ code: 'image-unreadable' })
  writeFileSync(path, bytes)
  await expectAsMadeAtOnce(slide, places.all)
})

test('a closed slide keeps no more', async () => {
  const slide = open(new Places())
  await slide.close()
  await expect(slide.keep(0, fieldImage(0))).rejects.toThrowError(/closed/)
})

test('a run from before fields were kept is shown as it was painted, beside fields that are kept', async () => {
  const places = new Places()
  places.put(...PLACES.slice(0, 6))
  const { geometry } = open(places)
  // As the painted pyramid lay on disk: LEVEL/X_Y.jpg.
  const levels = slideAtOnce(places.all, fieldImage, geometry, geometry.levels - geometry.lowestLevel)
  for (const { level, x, y, rect } of addresses(open(places))) {
    const pixels = cut(levels[geometry.levels - 1 - level], rect)
    const size = { width: rect.right - rect.left, height: rect.bottom - rect.top }
    mkdirSync(join(folder, String(level)), { recursive: true })
    writeFileSync(join(folder, String(level), `${x}_${y}.jpg`), jpeg.compressSync(pixels, { ...JPEG_OPTIONS, ...size }))
  }
  const slide = open(places)
  await expectAsMadeAtOnce(slide, places.all)
  const field = await slide.field(1)
  const difference = new Difference()
  // But for the overlaps: those are gone.
  const inside = { left: 150, top: 10, right: 450, bottom: 440 }
  difference.add(cut(field, inside), cut(fieldImage(1), inside))
  expect(difference.mean).toBeLessThan(3)
  const part = await slide.part(1, { origin: fieldPx(152, 12), width: 296, height: 424 }, 4)
  expect(part).toEqual(smaller(field, { left: 152, top: 12, right: 448, bottom: 436 }, 4))
  await slide.keep(6, fieldImage(6))
  places.put(placed(6))
  await expectAsMadeAtOnce(slide, places.all)
})

test.each(BINNINGS)(
  'a part of a field is there at 1/%i of its size, and not where it was never kept',
  async (binning) => {
    const slide = open(new Places())
    await slide.keep(0, fieldImage(0))
    const rect = { origin: fieldPx(8 * 37, 8), width: 8 * 11, height: 8 * 50 }
    const part = await slide.part(0, rect, binning)
    const wanted = smaller(fieldImage(0), { left: 8 * 37, top: 8, right: 8 * 48, bottom: 8 * 51 }, binning)
    expect([part.widthPx, part.heightPx]).toEqual([wanted.widthPx, wanted.heightPx])
    const difference = new Difference()
    difference.add(part.data, wanted.data)
    expect(difference.mean).toBeLessThan(3)
    await expect(slide.part(1, rect, binning)).rejects.toMatchObject({ code: 'image-unreadable' })
    await slide.close()
  },
)
