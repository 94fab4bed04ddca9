import {
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { beforeEach, expect, test } from 'vitest'
import { temporaryFolder } from '../../../test/support/data-folder.ts'
import { halfPlainly } from '../../../test/support/placed-fields.ts'
import type { RgbImage } from '../../shared/image.ts'
import { RESEARCH_USE_ONLY } from '../../shared/taxonomy.ts'
import { fieldLevels, tilePlaces } from './field-levels.ts'
import { FieldStore } from './field-store.ts'

let folder: string
let store: FieldStore
beforeEach(() => {
  folder = temporaryFolder()
  store = new FieldStore(folder, 0.092)
})

/** Smooth shades with a little noise, seeded by the size. */
function field(widthPx: number, heightPx: number, shade = 0): RgbImage {
  const data = new Uint8Array(3 * widthPx * heightPx)
  let state = widthPx * 7919 + heightPx
  for (let i = 0, y = 0; y < heightPx; y++) {
    for (let x = 0; x < widthPx; x++) {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
      const noise = (state >>> 24) % 5
      data[i++] = 170 + 50 * Math.sin(x / 23) * Math.cos(y / 31) + noise + shade
      data[i++] = 140 + 60 * Math.cos(x / 37) + noise
      data[i++] = 190 + 30 * Math.sin(y / 19) + noise
    }
  }
  return { data, widthPx, heightPx }
}

/** Mean difference in grey values. */
function difference(a: Uint8Array, b: Uint8Array): number {
  expect(a.length).toBe(b.length)
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += Math.abs(a[i] - b[i])
  return sum / a.length
}

test.each([
  [2048, 1536],
  [1601, 1203],
  [512, 512],
  [513, 40],
  [100, 700],
  [9, 5],
  [1, 1],
])('a field of %i x %i px: any TIFF reader finds its six images', async (widthPx, heightPx) => {
  const image = field(widthPx, heightPx)
  await store.keep(3, image)
  expect(readdirSync(join(folder, 'fields'))).toEqual(['3.tif'])
  let expected = image
  for (let page = 0; page < 6; page++) {
    const reader = () => sharp(store.path(3), { page, failOn: 'warning' })
    const told = await reader().metadata()
    expect(told).toMatchObject({ format: 'tiff', pages: 6, width: expected.widthPx, height: expected.heightPx })
    // 0.092 um a pixel, in pixels a millimetre as libvips counts; each image has half of the one before.
    expect(told.density! / 25.4).toBeCloseTo(1000 / (0.092 * 2 ** page), -1)
    const { data, info } = await reader().raw().toBuffer({ resolveWithObject: true })
    expect(info.channels).toBe(3)
    expect(difference(data, expected.data)).toBeLessThan(4)
    expected = halfPlainly(expected)
  }
})

test.each([
  [2048, 1536, 256, 192],
  [1601, 1203, 201, 151],
  [256, 100, 256, 100],
  [257, 3, 129, 2],
  [1, 1, 1, 1],
])('a field of %i x %i px has a picture of %i x %i px', async (widthPx, heightPx, width, height) => {
  let expected = field(widthPx, heightPx)
  const picture = (await store.keep(0, expected))!
  expect(picture).toMatchObject({ widthPx: width, heightPx: height })
  // The memory it was made in is used again.
  await store.keep(1, field(widthPx, heightPx, 30))
  while (expected.widthPx > width) expected = halfPlainly(expected)
  const shown = await sharp(picture.jpeg).extract({ left: 0, top: 0, width, height }).raw().toBuffer()
  expect(difference(shown, expected.data)).toBeLessThan(4)
})

test('says what it is and whose', async () => {
  await store.keep(12, field(64, 48))
  const bytes = readFileSync(store.path(12)).toString('latin1')
  expect(bytes).toContain(`Medulla, field 12. ${RESEARCH_USE_ONLY}`)
})

test.each([
  [2048, 1536],
  [1601, 1203],
  [30, 20],
])('a field of %i x %i px comes back whole, and by tiles', async (widthPx, heightPx) => {
  const image = field(widthPx, heightPx)
  await store.keep(0, image)
  const back = (await store.image(0))!
  expect(back).toMatchObject({ widthPx, heightPx })
  expect(back.data.buffer).toBeInstanceOf(SharedArrayBuffer)
  expect(difference(back.data, image.data)).toBeLessThan(3)
  const level = fieldLevels(widthPx, heightPx)[0]
  for (const [n, { left, top }] of tilePlaces(level).entries()) {
    const tile = (await store.tile(0, 0, n))!
    expect(tile.length).toBe(3 * level.tileWidthPx * level.tileHeightPx)
    const at = 3 * (top * widthPx + left)
    expect([...tile.subarray(0, 3)]).toEqual([...back.data.subarray(at, at + 3)])
  }
})

test('tiles are as few as fit and reach little beyond the image', () => {
  expect(fieldLevels(2048, 1536).map(({ tileWidthPx, tileHeightPx }) => [tileWidthPx, tileHeightPx])).toEqual([
    [512, 512],
    [512, 384],
    [512, 384],
    [256, 192],
    [128, 96],
    [64, 48],
  ])
  for (const side of [1, 15, 500, 513, 1025, 2464, 4096]) {
    const { widthPx, tileWidthPx } = fieldLevels(side, 8)[0]
    expect(tileWidthPx % 16).toBe(0)
    expect(tileWidthPx).toBeLessThanOrEqual(512)
    expect(tilePlaces({ widthPx, tileWidthPx, heightPx: 1, tileHeightPx: 16 })).toHaveLength(Math.ceil(side / 512))
  }
})

test('a file of an earlier version, of four images: the smaller ones are made of its last', async () => {
  mkdirSync(join(folder, 'fields'))
  copyFileSync(join(import.meta.dirname, '../../../test/fixtures/slide/four-images.tif'), store.path(0))
  let expected = (await store.image(0))!
  expect(expected).toMatchObject({ widthPx: 256, heightPx: 192 })
  for (let level = 1; level < 7; level++) {
    expected = halfPlainly(expected)
    const { widthPx, heightPx, data } = (await store.image(0, level))!
    expect([widthPx, heightPx]).toEqual([expected.widthPx, expected.heightPx])
    expect(difference(data, expected.data)).toBeLessThan(3)
  }
})

test('kept again, the field is the new one, also for who has read it before', async () => {
  await store.keep(5, field(600, 400))
  const before = (await store.tile(5, 0, 0))!
  await store.keep(5, field(700, 300, 40))
  const after = (await store.tile(5, 0, 0))!
  expect(after[0] - before[0]).toBeGreaterThan(20)
  expect(await store.image(5)).toMatchObject({ widthPx: 700, heightPx: 300 })
})

test('a field that is not there is null', async () => {
  expect(await store.image(0)).toBeNull()
  expect(await store.tile(0, 0, 0)).toBeNull()
})

test('pixels that do not fit the size are refused', async () => {
  await expect(store.keep(0, { data: new Uint8Array(10), widthPx: 100, heightPx: 100 })).rejects.toThrowError(
    RangeError,
  )
  expect(existsSync(store.path(0))).toBe(false)
})

const unreadable = { code: 'image-unreadable', detail: { remedy: expect.stringContaining('backup') } }

test('cut short anywhere, it says so', async () => {
  await store.keep(0, field(700, 500))
  const { size } = statSync(store.path(0))
  for (const length of [0, 5, 100, 1000, Math.floor(size / 2), size - 1]) {
    await store.keep(0, field(700, 500))
    truncateSync(store.path(0), length)
    const reopened = new FieldStore(folder, null)
    await expect(reopened.image(0)).rejects.toMatchObject(unreadable)
    await expect(reopened.tile(0, 0, 1)).rejects.toMatchObject(unreadable)
    // The smallest image comes first.
    if (length <= 1000) await expect(reopened.tile(0, 3, 0)).rejects.toMatchObject(unreadable)
  }
})

test('a byte changed anywhere is noticed, or is one that nobody reads', async () => {
  await store.keep(0, field(700, 500))
  const right = (await store.image(0))!.data
  const bytes = readFileSync(store.path(0))
  let noticed = 0
  let state = 5
  for (let i = 0; i < 60; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    // Half of them in the head, which is short.
    const at = (state >>> 4) % (i % 2 ? bytes.length : 2000)
    const file = openSync(store.path(0), 'r+')
    writeSync(file, Buffer.from([bytes[at] ^ 0x55]), 0, 1, at)
    const reopened = new FieldStore(folder, null)
    const read = await reopened.image(0).catch((error: unknown) => error)
    if (read instanceof Error) {
      expect(read).toMatchObject(unreadable)
      noticed++
    } else expect(Buffer.compare(Buffer.from((read as RgbImage).data), Buffer.from(right))).toBe(0)
    writeSync(file, bytes.subarray(at, at + 1), 0, 1, at)
    closeSync(file)
  }
  expect(noticed).toBeGreaterThan(20)
})

test('something else under its name', async () => {
  await store.keep(0, field(64, 64))
  for (const other of ['not a picture', '', 'II*\0\x08\0\0\0\xff\xff']) {
    writeFileSync(store.path(0), other, 'latin1')
    await expect(new FieldStore(folder, null).image(0)).rejects.toMatchObject(unreadable)
  }
})
