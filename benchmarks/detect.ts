/**
 * What finding the cells of a field costs, beside the same steps in OpenCV:
 * `node benchmarks/detect.ts [--image FILE --pixel-size UM] [--rounds N] [--batch N] [--python PYTHON]`. One JSON object on stdout.
 *
 * Without an image, two fields of 2048 x 1536 px at 0.092 um: a drawn one with 48 cells, and a crowded simulated one. `detect` is
 * `detectCells` on one thread; `opencv` is `detect-opencv.py` on one thread (what stands for what is told there). Rounds alternate, and which side
 * begins; each round is `batch` detections a side; two rounds to warm up. CPU time is the whole process's, compilers and garbage collectors
 * included. Ratios are ours over OpenCV's: below 1 we are faster. `withoutPython`: OpenCV's time less the steps that loop over cells in
 * Python, which a program in C++ would not pay. Of each, the median and the least over the rounds: on a busy machine wall time
 * says little.
 *
 * `analyse` adds model crops (96 px of 0.2 um) and the JPEG crops of every cell to ours. Without OpenCV for Python only
 * our side is measured, and that is said.
 */
import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { createInterface, type Interface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { readImage } from '../src/main/images/read-image.ts'
import { analyseField } from '../src/main/vision/analyse-field.ts'
import { detectCells } from '../src/main/vision/detect.ts'
import { drawCells } from '../src/main/vision/drawn-cells.ts'
import { matchDetections } from '../src/main/vision/match.ts'
import { CONSTANT, FARTHEST, TERMS } from '../src/main/vision/one-cell.ts'
import type { RgbImage } from '../src/shared/image.ts'
import { simulatedTruth } from '../test/support/truth-fields.ts'

const { values } = parseArgs({
  options: {
    image: { type: 'string' },
    'pixel-size': { type: 'string', default: '0.092' },
    rounds: { type: 'string', default: '25' },
    batch: { type: 'string', default: '4' },
    python: { type: 'string', default: '/usr/bin/python3' },
  },
})
const pixelSizeUm = Number(values['pixel-size'])
const rounds = Number(values.rounds)
const batch = Number(values.batch)

interface Times {
  readonly cpuMs: number
  readonly wallMs: number
}

interface Answer extends Times {
  readonly pythonMs: number
  readonly version: string
  readonly steps: Readonly<Record<string, number>>
  /** Left, top, right, bottom. */
  readonly cells: readonly (readonly [number, number, number, number])[]
}

/** The other side: one process, asked for one round at a time. */
class OpenCv {
  readonly #process: ChildProcessWithoutNullStreams
  readonly #lines: AsyncIterator<string>
  readonly #reader: Interface

  constructor(image: RgbImage, folder: string) {
    const file = join(folder, 'field.raw')
    writeFileSync(file, image.data)
    const terms = JSON.stringify({ terms: TERMS, constant: CONSTANT, farthest: FARTHEST })
    const script = fileURLToPath(new URL('./detect-opencv.py', import.meta.url))
    const size = [image.widthPx, image.heightPx, pixelSizeUm].map(String)
    this.#process = spawn(values.python, [script, file, ...size, terms])
    this.#process.stderr.pipe(process.stderr)
    this.#reader = createInterface({ input: this.#process.stdout })
    this.#lines = this.#reader[Symbol.asyncIterator]()
  }

  async round(times: number): Promise<Answer> {
    this.#process.stdin.write(`${times}\n`)
    const { value, done } = await this.#lines.next()
    if (done) throw new Error('The OpenCV side ended before its time')
    return JSON.parse(value) as Answer
  }

  close(): void {
    this.#reader.close()
    this.#process.stdin.end()
  }
}

function timed(times: number, act: () => void): Times {
  const wall = performance.now()
  const before = process.cpuUsage()
  for (let k = 0; k < times; k++) act()
  const { user, system } = process.cpuUsage(before)
  return { cpuMs: (user + system) / 1000 / times, wallMs: (performance.now() - wall) / times }
}

const rounded = (value: number): number => Math.round(value * 1000) / 1000

function figures(all: readonly Times[], of: 'cpuMs' | 'wallMs') {
  const sorted = all.map((times) => times[of]).sort((a, b) => a - b)
  return { median: rounded(sorted[sorted.length >> 1]), least: rounded(sorted[0]) }
}

function ratios(ours: readonly Times[], theirs: readonly Times[]) {
  const ratio = (of: 'cpuMs' | 'wallMs') => {
    const [a, b] = [figures(ours, of), figures(theirs, of)]
    return { median: rounded(a.median / b.median), least: rounded(a.least / b.least) }
  }
  return { cpu: ratio('cpuMs'), wall: ratio('wallMs') }
}

/** Cells both sides found, by centres within 3 um. */
function foundByBoth(image: RgbImage, { cells }: Answer): number {
  const theirs = cells.map(([left, top, right, bottom]) => ({
    xPx: (left + right) / 2,
    yPx: (top + bottom) / 2,
    widthPx: right - left,
    heightPx: bottom - top,
    score: 1,
  }))
  const rule = { kind: 'radius', radiusPx: 3 / pixelSizeUm } as const
  return matchDetections(detectCells(image, pixelSizeUm), theirs, rule).truePositives
}

async function compare(name: string, image: RgbImage, folder: string | null) {
  const detect = () => detectCells(image, pixelSizeUm)
  const opencv = folder === null ? null : new OpenCv(image, folder)
  const ours: Times[] = []
  const theirs: Answer[] = []
  try {
    for (let round = -2; round < rounds; round++) {
      const first = round % 2 === 0
      const other = first && opencv ? await opencv.round(batch) : null
      const own = timed(batch, detect)
      const answer = other ?? (opencv ? await opencv.round(batch) : null)
      if (round < 0) continue
      ours.push(own)
      if (answer) theirs.push(answer)
    }
  } finally {
    opencv?.close()
  }
  const analyse = Array.from({ length: 5 }, () =>
    timed(1, () => analyseField(image, pixelSizeUm, { inputPx: 96, pixelSizeUm: 0.2 }, null)),
  )
  const own = { cells: detect().length, cpuMs: figures(ours, 'cpuMs'), wallMs: figures(ours, 'wallMs') }
  const size = { widthPx: image.widthPx, heightPx: image.heightPx, pixelSizeUm }
  const last = theirs.at(-1)
  if (!last) return { name, ...size, detect: own, analyse: figures(analyse, 'cpuMs'), opencv: null, ratio: null }
  const lean = theirs.map(({ cpuMs, wallMs, pythonMs }) => ({ cpuMs: cpuMs - pythonMs, wallMs: wallMs - pythonMs }))
  const steps = Object.fromEntries(
    Object.keys(last.steps).map((step) => {
      const sorted = theirs.map((answer) => answer.steps[step]).sort((a, b) => a - b)
      return [step, rounded(sorted[sorted.length >> 1])]
    }),
  )
  return {
    name,
    ...size,
    detect: own,
    analyse: figures(analyse, 'cpuMs'),
    opencv: {
      version: last.version,
      cells: last.cells.length,
      foundByBoth: foundByBoth(image, last),
      cpuMs: figures(theirs, 'cpuMs'),
      wallMs: figures(theirs, 'wallMs'),
      stepsCpuMs: steps,
    },
    ratio: { ...ratios(ours, theirs), withoutPython: ratios(ours, lean) },
  }
}

async function fields(): Promise<readonly (readonly [name: string, image: RgbImage])[]> {
  if (values.image !== undefined) return [[values.image, await readImage(values.image)]]
  const places = Array.from({ length: 48 }, (_, i) => ({ x: 128 + (i % 8) * 250, y: 128 + Math.floor(i / 8) * 250 }))
  const crowded = await simulatedTruth(
    { seed: 101, profile: 'needle', stainSpread: 3, clumped: true },
    { pixelSizeUm, places: [0.25] },
  )
  return [
    ['drawn, 48 cells', drawCells(2048, 1536, pixelSizeUm, places)],
    [`simulated, crowded (${crowded[0].name})`, crowded[0].image],
  ]
}

const hasOpenCv = spawnSync(values.python, ['-c', 'import cv2, numpy']).status === 0
if (!hasOpenCv) console.error(`Only our side is measured: ${values.python} has no OpenCV (Debian: python3-opencv).`)
const folder = hasOpenCv ? mkdtempSync(join(tmpdir(), 'medulla-benchmark-')) : null
try {
  const results = []
  for (const [name, image] of await fields()) results.push(await compare(name, image, folder))
  console.log(JSON.stringify({ rounds, batch, threads: 1, fields: results }))
} finally {
  if (folder !== null) rmSync(folder, { recursive: true })
}
