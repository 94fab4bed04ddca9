/**
 * What finding the cells of a field costs: `node benchmarks/detect.ts [--image FILE] [--pixel-size UM] [--rounds N]`. One JSON
 * object on stdout.
 *
 * Without an image, a drawn field of 2048 x 1536 px at 0.092 um with 48 cells. `detect` is `detectCells` on one thread;
 * `analyse` adds model crops (96 px of 0.2 um) and the JPEG crops of every cell. Median and least over the
 * rounds, after five to warm up: on a busy machine the least is the one that tells.
 */
import { performance } from 'node:perf_hooks'
import { parseArgs } from 'node:util'
import { readImage } from '../src/main/images/read-image.ts'
import { analyseField } from '../src/main/vision/analyse-field.ts'
import { detectCells } from '../src/main/vision/detect.ts'
import { drawCells } from '../src/main/vision/drawn-cells.ts'

const { values } = parseArgs({
  options: {
    image: { type: 'string' },
    'pixel-size': { type: 'string', default: '0.092' },
    rounds: { type: 'string', default: '31' },
  },
})
const pixelSizeUm = Number(values['pixel-size'])
const places = Array.from({ length: 48 }, (_, i) => ({ x: 128 + (i % 8) * 250, y: 128 + Math.floor(i / 8) * 250 }))
const image = values.image === undefined ? drawCells(2048, 1536, pixelSizeUm, places) : await readImage(values.image)
const rounds = Number(values.rounds)

function timed(act: () => void): { readonly medianMs: number; readonly leastMs: number } {
  const times: number[] = []
  for (let round = -5; round < rounds; round++) {
    const start = performance.now()
    act()
    if (round >= 0) times.push(performance.now() - start)
  }
  times.sort((a, b) => a - b)
  const rounded = (ms: number): number => Math.round(ms * 100) / 100
  return { medianMs: rounded(times[times.length >> 1]), leastMs: rounded(times[0]) }
}

const detect = timed(() => detectCells(image, pixelSizeUm))
const analyse = timed(() => analyseField(image, pixelSizeUm, { inputPx: 96, pixelSizeUm: 0.2 }, null))
console.log(
  JSON.stringify({
    widthPx: image.widthPx,
    heightPx: image.heightPx,
    pixelSizeUm,
    cells: detectCells(image, pixelSizeUm).length,
    rounds,
    detect,
    analyse,
  }),
)
