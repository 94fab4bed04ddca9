/**
 * What painting a field costs over compressing its tiles once: `node benchmarks/slide.ts [--fields N]`. One JSON object on stdout.
 *
 * A serpentine of fields of 2048 x 1536 px, a tenth overlapping, is painted on a slide; the tiles each field touched are then
 * compressed from memory by the same library, as many at once as it likes, and nothing else. `ratio` is the median over the
 * fields of one over the other; tiles of all levels count. Processor time is of the whole process, libuv's threads included.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { parseArgs } from 'node:util'
import jpeg from '@julusian/jpeg-turbo'
import { below, tilesIn } from '../src/main/slide/geometry.ts'
import { openSlide } from '../src/main/slide/open-slide.ts'
import { JPEG_QUALITY, outputBuffer } from '../src/main/slide/tile-files.ts'
import { slidePx } from '../src/shared/geometry.ts'
import type { RgbImage } from '../src/shared/image.ts'

const WIDTH_PX = 2048
const HEIGHT_PX = 1536
const COLUMNS = 8

const { values } = parseArgs({ options: { fields: { type: 'string', default: '32' } } })
const fields = Number(values.fields)
const image = smear()
const folder = await mkdtemp(join(tmpdir(), 'medulla-slide-benchmark-'))
const slide = openSlide(folder, { widthPx: 20_000, heightPx: 15_000 })

const rows: { paint: Cost; encode: Cost; tiles: number }[] = []
for (let index = 0; index < fields; index++) {
  const row = Math.floor(index / COLUMNS)
  const column = row % 2 === 0 ? index % COLUMNS : COLUMNS - 1 - (index % COLUMNS)
  const at = slidePx(Math.round(column * WIDTH_PX * 0.9), Math.round(row * HEIGHT_PX * 0.9))
  const paint = await timed(() => slide.paint(image, at))
  const raw = await decoded(touched(at.x, at.y))
  const encode = await timed(() => Promise.all(raw.map((tile) => jpeg.compress(tile.data, tile.output, tile.options))))
  rows.push({ paint, encode, tiles: raw.length })
}
await slide.close()
await rm(folder, { recursive: true })

// The first fields pay for compiled code and for threads that start.
const warm = rows.slice(Math.min(8, rows.length - 1))
console.log(
  JSON.stringify({
    benchmark: 'slide',
    fields,
    tilesPerField: median(warm.map((row) => row.tiles)),
    paintMs: median(warm.map((row) => row.paint.ms)),
    encodeOnceMs: median(warm.map((row) => row.encode.ms)),
    ratio: median(warm.map((row) => row.paint.ms / row.encode.ms)),
    paintCpuMs: median(warm.map((row) => row.paint.cpuMs)),
    encodeOnceCpuMs: median(warm.map((row) => row.encode.cpuMs)),
    cpuRatio: sum(warm.map((row) => row.paint.cpuMs)) / sum(warm.map((row) => row.encode.cpuMs)),
    paintCallingThreadMs: median(warm.map((row) => row.paint.callingThreadMs)),
  }),
)

/** Colours and texture about as hard to compress as a stained smear: smooth shapes under sensor noise, seeded. */
function smear(): RgbImage {
  const data = new Uint8Array(new SharedArrayBuffer(3 * WIDTH_PX * HEIGHT_PX))
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

function touched(x: number, y: number): string[] {
  const { levels, lowestLevel } = slide.geometry
  const paths: string[] = []
  for (let level = lowestLevel; level < levels; level++) {
    const full = { left: x, top: y, right: x + WIDTH_PX, bottom: y + HEIGHT_PX }
    const tiles = tilesIn(below(full, levels - 1 - level))
    for (let ty = tiles.top; ty < tiles.bottom; ty++) {
      for (let tx = tiles.left; tx < tiles.right; tx++) paths.push(slide.tilePath(level, tx, ty))
    }
  }
  return paths
}

async function decoded(paths: string[]) {
  const tiles = []
  for (const path of paths) {
    const { data, width, height } = jpeg.decompressSync(await readFile(path), { format: jpeg.FORMAT_RGB })
    const options = { format: jpeg.FORMAT_RGB, width, height, quality: JPEG_QUALITY, subsampling: jpeg.SAMP_420 }
    tiles.push({ data, options, output: outputBuffer() })
  }
  return tiles
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

function sum(numbers: number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
