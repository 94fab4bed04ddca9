/**
 * What keeping a field costs over compressing its tiles once, and what a tile costs that is looked at: `node benchmarks/slide.ts
 * [--fields N] [--image FILE]`. One JSON object on stdout.
 *
 * A serpentine of fields of 2048 x 1536 px, a tenth overlapping, is kept in a run's slide: all levels, one durable file each. Then the
 * same tiles, cut out beforehand, are compressed by the same library with the same settings, as many at once as it likes, and nothing
 * else. `cpuRatio` and `ratio` are one over the other, processor time (of the whole process, libuv's threads included) and wall time,
 * over all fields but the first eight, which pay for compiled code and threads that start. With --image the fields show that picture
 * over and over; else shapes under noise, drawn and seeded.
 *
 * `shown`: tiles of the finished slide by level (0: full size), each asked for once with nothing in memory: median milliseconds of
 * processor time a tile, and of one that is asked for again after one field of it was placed anew by a pixel.
 */
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { parseArgs } from 'node:util'
import jpeg from '@julusian/jpeg-turbo'
import { readImage } from '../src/main/images/read-image.ts'
import { fieldLevels, tilePixels, tilePlaces } from '../src/main/slide/field-levels.ts'
import { half } from '../src/main/slide/halve.ts'
import { optionsOf, outputBuffer } from '../src/main/slide/jpeg-tiles.ts'
import { openSlide } from '../src/main/slide/open-slide.ts'
import type { PlacedField } from '../src/main/slide/places.ts'
import { TILE_SIZE_PX } from '../src/main/slide/slide.ts'
import { type RgbImage, rgbMemory } from '../src/shared/image.ts'

const WIDTH_PX = 2048
const HEIGHT_PX = 1536
const COLUMNS = 8

const { values } = parseArgs({ options: { fields: { type: 'string', default: '48' }, image: { type: 'string' } } })
const fields = Number(values.fields)
const image = values.image ? repeated(await readImage(values.image)) : smear()
const folder = await mkdtemp(join(tmpdir(), 'medulla-slide-benchmark-'))
try {
  console.log(JSON.stringify({ benchmark: 'slide', fields, image: values.image ?? 'drawn', ...(await measure()) }))
} finally {
  await rm(folder, { recursive: true })
}

async function measure() {
  const slide = openSlide(folder, { widthPx: 20_000, heightPx: 15_000, pixelSizeUm: 0.092, places: () => [] })
  const tiles = cutTiles()
  const rows: { keep: Cost; encode: Cost }[] = []
  for (let index = 0; index < fields; index++) {
    const keep = await timed(() => slide.keep(index, image))
    const encode = await timed(() =>
      Promise.all(tiles.map((tile) => jpeg.compress(tile.data, tile.output, tile.options))),
    )
    rows.push({ keep, encode })
  }
  await slide.close()
  const warm = rows.slice(Math.min(8, rows.length - 1))
  const total = (cost: (row: (typeof rows)[number]) => number) => warm.reduce((sum, row) => sum + cost(row), 0)
  const files = await readdir(join(folder, 'fields'))
  return {
    tilesPerField: tiles.length,
    bytesPerField: (await stat(join(folder, 'fields', files[0]))).size,
    cpuRatio: total((row) => row.keep.cpuMs) / total((row) => row.encode.cpuMs),
    ratio: total((row) => row.keep.ms) / total((row) => row.encode.ms),
    medianRatio: median(warm.map((row) => row.keep.ms / row.encode.ms)),
    keepCpuMs: total((row) => row.keep.cpuMs) / warm.length,
    encodeOnceCpuMs: total((row) => row.encode.cpuMs) / warm.length,
    keepMs: median(warm.map((row) => row.keep.ms)),
    encodeOnceMs: median(warm.map((row) => row.encode.ms)),
    keepCallingThreadMs: median(warm.map((row) => row.keep.callingThreadMs)),
    shown: await shown(),
  }
}

/** The tiles a field is kept as, each with memory of its own. */
function cutTiles() {
  let level = image
  return fieldLevels(WIDTH_PX, HEIGHT_PX).flatMap((size, i) => {
    if (i > 0) level = half(level)
    return tilePlaces(size).map((place) => {
      const { data, stride } = tilePixels({ ...level, stridePx: level.widthPx }, size, place, () =>
        Buffer.allocUnsafeSlow(3 * TILE_SIZE_PX ** 2),
      )
      const options = { ...optionsOf(i), width: size.tileWidthPx, height: size.tileHeightPx, stride }
      return { data, options, output: outputBuffer() }
    })
  })
}

async function shown() {
  let moved: PlacedField[] = Array.from({ length: fields }, (_, index) => placed(index, 0))
  const slide = openSlide(folder, {
    widthPx: 20_000,
    heightPx: 15_000,
    pixelSizeUm: 0.092,
    places: (after) => moved.filter((field) => field.revision > after),
  })
  const { levels, lowestLevel } = slide.geometry
  const levelCosts = []
  for (let level = levels - 1; level >= lowestLevel; level--) {
    const scale = 2 ** (levels - 1 - level)
    const side = Math.min(3, Math.ceil((COLUMNS * WIDTH_PX * 0.9) / (512 * scale)))
    const first: number[] = []
    const again: number[] = []
    for (let y = 0; y < side; y++) {
      for (let x = 0; x < side; x++) {
        const cost = await timed(() => slide.tile(level, x, y))
        first.push(cost.cpuMs)
      }
    }
    for (let turn = 1; turn <= 5; turn++) {
      moved = [
        { ...placed(0, (turn * scale) % 64), revision: Math.max(...moved.map(({ revision }) => revision)) + 1 },
        ...moved.slice(1),
      ]
      again.push((await timed(() => slide.tile(level, 0, 0))).cpuMs)
    }
    levelCosts.push({ depth: levels - 1 - level, firstCpuMs: median(first), oneFieldMovedCpuMs: median(again) })
  }
  await slide.close()
  return levelCosts
}

function placed(index: number, dx: number): PlacedField {
  const row = Math.floor(index / COLUMNS)
  const column = row % 2 === 0 ? index % COLUMNS : COLUMNS - 1 - (index % COLUMNS)
  const slideX = Math.round(column * WIDTH_PX * 0.9) + dx
  const slideY = Math.round(row * HEIGHT_PX * 0.9)
  const owned = { x: slideX + 109, y: slideY + 109, width: WIDTH_PX - 218, height: HEIGHT_PX - 218 }
  return { index, slideX, slideY, widthPx: WIDTH_PX, heightPx: HEIGHT_PX, owned, revision: index + 1 }
}

/** Colours and texture about as hard to compress as a stained smear: smooth shapes under sensor noise, seeded. */
function smear(): RgbImage {
  const data = rgbMemory(WIDTH_PX, HEIGHT_PX)
  let state = 1
  for (let i = 0, y = 0; y < HEIGHT_PX; y++) {
    for (let x = 0; x < WIDTH_PX; x++) {
      const shade = Math.sin(x / 20) * Math.cos(y / 17)
      for (const [base, depth] of [
        [200, 30],
        [160, 40],
        [200, 20],
      ]) {
        state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff
        data[i++] = base + depth * shade + ((state >>> 16) % 7)
      }
    }
  }
  return { data, widthPx: WIDTH_PX, heightPx: HEIGHT_PX }
}

/** The picture's own pixels, side by side until the field is full. */
function repeated({ data: from, widthPx, heightPx }: RgbImage): RgbImage {
  const data = rgbMemory(WIDTH_PX, HEIGHT_PX)
  for (let i = 0, y = 0; y < HEIGHT_PX; y++) {
    for (let x = 0; x < WIDTH_PX; x++, i += 3) {
      const at = 3 * ((y % heightPx) * widthPx + (x % widthPx))
      data.set(from.subarray(at, at + 3), i)
    }
  }
  return { data, widthPx: WIDTH_PX, heightPx: HEIGHT_PX }
}

interface Cost {
  readonly ms: number
  readonly cpuMs: number
  /** How long the calling thread was not waiting. */
  readonly callingThreadMs: number
}

async function timed(work: () => Promise<unknown>): Promise<Cost> {
  const cpuBefore = process.cpuUsage()
  const loopBefore = performance.eventLoopUtilization()
  const before = performance.now()
  await work()
  const ms = performance.now() - before
  const { user, system } = process.cpuUsage(cpuBefore)
  const callingThreadMs = performance.eventLoopUtilization(loopBefore).active
  return { ms, cpuMs: (user + system) / 1000, callingThreadMs }
}

function median(numbers: number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)]
}
