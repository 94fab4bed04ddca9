import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import sharp, { type Sharp } from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { RgbImage } from '../../shared/image.ts'
import { listImages } from './list-images.ts'
import { readImage } from './read-image.ts'

let folder: string
/** 40 x 30, reddish on the left and bluish on the right. */
let picture: Sharp

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'medulla-images-'))
  const raw = Buffer.alloc(40 * 30 * 3)
  for (let i = 0; i < 1200; i++) raw.set(i % 40 < 20 ? [200, 40, 60] : [40, 60, 200], i * 3)
  picture = sharp(raw, { raw: { width: 40, height: 30, channels: 3 } })
})
afterAll(() => rm(folder, { recursive: true }))

async function file(name: string, image: Sharp): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, await image.toBuffer())
  return path
}

function pixel(image: RgbImage, x: number, y: number): number[] {
  return [...image.data.subarray((y * image.widthPx + x) * 3, (y * image.widthPx + x) * 3 + 3)]
}

function expectNear(actual: number[], wanted: number[], tolerance: number): void {
  for (const [i, value] of wanted.entries()) expect(Math.abs(actual[i] - value)).toBeLessThanOrEqual(tolerance)
}

test.each([
  ['colour.jpg', () => picture.clone().jpeg({ quality: 95 }), 6],
  ['progressive.JPG', () => picture.clone().jpeg({ quality: 95, progressive: true }), 6],
  // Printing inks hold no saturated blue: only the hue survives.
  ['cmyk.jpg', () => picture.clone().toColourspace('cmyk').jpeg({ quality: 95 }), 70],
  ['colour.png', () => picture.clone().png(), 0],
  ['palette.png', () => picture.clone().png({ palette: true }), 4],
  ['deep.png', () => picture.clone().toColourspace('rgb16').png(), 1],
  ['colour.tif', () => picture.clone().tiff({ compression: 'lzw' }), 0],
  ['deep.tiff', () => picture.clone().toColourspace('rgb16').tiff({ compression: 'deflate' }), 1],
] as const)('%s becomes 8-bit RGB on shared memory', async (name, make, tolerance) => {
  const image = await readImage(await file(name, make()))
  expect([image.widthPx, image.heightPx, image.data.length]).toEqual([40, 30, 3600])
  expect(image.data.buffer).toBeInstanceOf(SharedArrayBuffer)
  expectNear(pixel(image, 5, 15), [200, 40, 60], tolerance)
  expectNear(pixel(image, 34, 15), [40, 60, 200], tolerance)
})

test('grey becomes RGB, alpha lies over white', async () => {
  const grey = sharp(Buffer.alloc(100, 77), { raw: { width: 10, height: 10, channels: 1 } }).toColourspace('b-w')
  for (const path of [await file('grey.jpg', grey.clone().jpeg()), await file('grey.png', grey.clone().png())]) {
    expect(pixel(await readImage(path), 4, 4)).toEqual([77, 77, 77])
  }
  const deepGrey = grey.clone().toColourspace('grey16').png()
  expectNear(pixel(await readImage(await file('deep-grey.png', deepGrey)), 4, 4), [77, 77, 77], 1)
  const clear = sharp({ create: { width: 8, height: 8, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } } })
  expect(pixel(await readImage(await file('clear.png', clear.png())), 4, 4)).toEqual([255, 255, 255])
})

test('EXIF orientation is ignored', async () => {
  const turned = picture.clone().withMetadata({ orientation: 6 })
  for (const path of [
    await file('turned.jpg', turned.clone().jpeg()),
    await file('turned.tif', turned.clone().tiff()),
  ]) {
    const image = await readImage(path)
    expect([image.widthPx, image.heightPx]).toEqual([40, 30])
  }
})

test.each(['jpg', 'png', 'tif'] as const)('a truncated or damaged %s is an error, not half an image', async (type) => {
  const noise = Buffer.alloc(200 * 150 * 3)
  for (let i = 0, state = 1; i < noise.length; i++) {
    state = (state * 48271) % 2147483647
    noise[i] = state & 255
  }
  const whole = await sharp(noise, { raw: { width: 200, height: 150, channels: 3 } })
    .toFormat(type === 'tif' ? 'tiff' : type === 'jpg' ? 'jpeg' : 'png', type === 'tif' ? { compression: 'lzw' } : {})
    .toBuffer()
  for (const [what, bytes] of [
    ['half', whole.subarray(0, whole.length >> 1)],
    ['without its end', whole.subarray(0, whole.length - 40)],
    ['header only', whole.subarray(0, 20)],
    ['empty', Buffer.alloc(0)],
    ['text', Buffer.from('not an image at all, only a line of text')],
  ] as const) {
    const path = join(folder, `damaged.${type}`)
    await writeFile(path, bytes)
    await expect(readImage(path), what).rejects.toMatchObject({
      code: 'image-unreadable',
      detail: { values: { path } },
    })
  }
})

test('a missing file and a folder are unreadable, with the reason', async () => {
  await expect(readImage(join(folder, 'nothing.png'))).rejects.toThrow(/there is no such file/)
  await expect(readImage(folder)).rejects.toThrow(/it is a folder/)
})

test('images are listed in natural order, by extension', async () => {
  const root = join(folder, 'list')
  await mkdir(join(root, 'inner'), { recursive: true })
  const names = ['field 10.jpg', 'field 9.JPG', 'a.TIFF', 'b.png', '.hidden.png', 'notes.txt', 'inner/field 1.jpeg']
  for (const name of names) await writeFile(join(root, name), '')
  expect((await listImages(root)).map((path) => basename(path))).toEqual([
    'a.TIFF',
    'b.png',
    'field 9.JPG',
    'field 10.jpg',
  ])
  expect(await listImages(root, { recursive: true })).toContain(join(root, 'inner', 'field 1.jpeg'))
  expect(await listImages(join(root, 'notes.txt'))).toEqual([join(root, 'notes.txt')])
})

test('a folder that is missing or holds no image says so', async () => {
  await expect(listImages(join(folder, 'nowhere'))).rejects.toMatchObject({ code: 'images-missing' })
  const empty = join(folder, 'none')
  await mkdir(empty)
  await expect(listImages(empty)).rejects.toMatchObject({ code: 'images-missing' })
})
