/**
 * What looking at a large slide takes: `node benchmarks/slide-many.ts [--fields N]`. One JSON object on stdout.
 *
 * One kept field of 2048 x 1536 px stands for all N (3,000; links to its file), placed in a serpentine, a tenth overlapping. `lowest`: the tile
 * that shows the whole slide, first with nothing in memory, then after every field was placed anew by a few pixels; milliseconds of wall and
 * processor time. `screen`: the tiles of a window of 1440 x 900 px, at each level, first asked for. `walk`: 4,000 tiles here and there on all levels,
 * seeded; resident and buffer memory after 1,000 of them and after all.
 */
import { linkSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { tileRect } from '../src/main/slide/geometry.ts'
import { openSlide } from '../src/main/slide/open-slide.ts'
import type { PlacedField } from '../src/main/slide/places.ts'
import type { Slide } from '../src/main/slide/slide.ts'
import { type RgbImage, rgbMemory } from '../src/shared/image.ts'

const WIDTH_PX = 2048
const HEIGHT_PX = 1536

const { values } = parseArgs({ options: { fields: { type: 'string', default: '3000' } } })
const fields = Number(values.fields)
const columns = Math.ceil(Math.sqrt((fields * HEIGHT_PX) / WIDTH_PX))
const size = {
  widthPx: Math.ceil(columns * WIDTH_PX * 0.9) + WIDTH_PX,
  heightPx: Math.ceil((fields / columns) * HEIGHT_PX * 0.9) + 2 * HEIGHT_PX,
}
const folder = await mkdtemp(join(tmpdir(), 'medulla-slide-many-'))
let places: PlacedField[] = Array.from({ length: fields }, (_, index) => placed(index, 0, 0, index + 1))
const open = () =>
  openSlide(folder, {
    ...size,
    pixelSizeUm: 0.092,
    places: (after) => places.filter(({ revision }) => revision > after),
  })
try {
  const keeper = open()
  await keeper.keep(0, smear())
  await keeper.close()
  for (let index = 1; index < fields; index++)
    linkSync(join(folder, 'fields/0.tif'), join(folder, `fields/${index}.tif`))
  const slide = open()
  const { levels, lowestLevel } = slide.geometry
  const cold = await timed(() => slide.tile(lowestLevel, 0, 0))
  const random = randomFrom(20_261_126)
  places = places.map(({ index }) => placed(index, 8 * (random() - 0.5), 8 * (random() - 0.5), fields + index + 1))
  const moved = await timed(() => slide.tile(lowestLevel, 0, 0))
  await slide.close()
  console.log(
    JSON.stringify({
      benchmark: 'slide-many',
      fields,
      slidePx: [size.widthPx, size.heightPx],
      lowest: { depth: levels - 1 - lowestLevel, cold, moved },
      screen: await screens(),
      walk: await walk(random),
    }),
  )
} finally {
  await rm(folder, { recursive: true })
}

async function screens() {
  const costs = []
  for (let depth = 0; depth < 8; depth++) {
    const slide = open()
    const level = slide.geometry.levels - 1 - depth
    if (level < slide.geometry.lowestLevel) break
    const cost = await timed(async () => {
      const asked = []
      for (let y = 1; y < 3; y++)
        for (let x = 1; x < 4; x++) if (isOn(slide, level, x, y)) asked.push(slide.tile(level, x, y))
      await Promise.all(asked)
    })
    await slide.close()
    costs.push({ depth, ...cost })
  }
  return costs
}

async function walk(random: () => number) {
  const slide = open()
  const { levels, lowestLevel } = slide.geometry
  const memory: Record<string, { residentBytes: number; bufferBytes: number }> = {}
  for (let step = 1; step <= 4000; step++) {
    const level = lowestLevel + Math.floor(random() * (levels - lowestLevel))
    const scale = 2 ** (levels - 1 - level)
    const x = Math.floor((random() * size.widthPx) / (512 * scale))
    const y = Math.floor((random() * size.heightPx) / (512 * scale))
    await slide.tile(level, x, y)
    if (step !== 1000 && step !== 4000) continue
    globalThis.gc?.()
    const { rss, external } = process.memoryUsage()
    memory[`after${step}`] = { residentBytes: rss, bufferBytes: external }
  }
  await slide.close()
  return memory
}

function isOn({ geometry }: Slide, level: number, x: number, y: number): boolean {
  const { left, top, right, bottom } = tileRect(geometry, level, x, y)
  return left < right && top < bottom
}

function placed(index: number, dx: number, dy: number, revision: number): PlacedField {
  const row = Math.floor(index / columns)
  const column = row % 2 === 0 ? index % columns : columns - 1 - (index % columns)
  const slideX = Math.round(column * WIDTH_PX * 0.9 + 10 + dx)
  const slideY = Math.round(row * HEIGHT_PX * 0.9 + 10 + dy)
  const owned = { x: slideX + 102, y: slideY + 77, width: WIDTH_PX * 0.9, height: HEIGHT_PX * 0.9 }
  return { index, slideX, slideY, widthPx: WIDTH_PX, heightPx: HEIGHT_PX, owned, revision }
}

/** Smooth shapes under sensor noise, seeded. */
function smear(): RgbImage {
  const data = rgbMemory(WIDTH_PX, HEIGHT_PX)
  const random = randomFrom(1)
  for (let i = 0; i < data.length; i++) data[i] = 170 + 40 * Math.sin(i / 90) + 7 * random()
  return { data, widthPx: WIDTH_PX, heightPx: HEIGHT_PX }
}

function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

async function timed(work: () => Promise<unknown>): Promise<{ ms: number; cpuMs: number }> {
  const [cpuBefore, before] = [process.cpuUsage(), performance.now()]
  await work()
  const { user, system } = process.cpuUsage(cpuBefore)
  return { ms: Math.round(performance.now() - before), cpuMs: Math.round((user + system) / 1000) }
}
