/**
 * What a camera's frame costs the bench before anybody looks at it: `node benchmarks/frames.ts [--rounds N] [--python PYTHON]`. One JSON object on stdout.
 *
 * A frame of 2048 x 1536 px of noise, from a Bayer filter: to RGB (`toRgb`), then dark level, stuck pixels, an uneven light and a camera turned by 0.4 degrees put right
 * (`FrameCorrection`). Both run where the bench drives its devices, so each millisecond is one in which it does nothing else. The peer is OpenCV by
 * `frames-opencv.py`, on one thread: what somebody who has it would call for the same. Rounds alternate; medians over rounds of `FRAMES` frames, milliseconds a
 * frame, wall time. `ratio` is ours over OpenCV's. Other formats of cameras are timed for themselves (`toRgbMs`).
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { ImageGarbage } from '../src/main/image-garbage.ts'
import { FrameCorrection } from '../src/main/microscope/calibration/frame-correction.ts'
import { NOTHING_KNOWN } from '../src/main/microscope/calibration/in-use.ts'
import { type RawFormat, rawBytes, toRgb } from '../src/main/microscope/camera/pixels.ts'
import { Random } from '../src/main/microscope/simulator/random.ts'
import { runAsTheDesk } from './as-the-desk.ts'
import { poseKnown } from './mounted-camera.ts'

const FRAMES = 10
const SIZE = { widthPx: 2048, heightPx: 1536 }
const LEVEL = 5
const DEGREES = 0.4

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '9' },
    python: { type: 'string', default: '/usr/bin/python3' },
  },
})
const rounds = Number(values.rounds)

runAsTheDesk()

const pose = { pixelSizeUm: 0.1, rotationDegrees: DEGREES, mirrored: false, skewDegrees: 0, aspect: 1 }
const [columns, rows] = [12, 9]
const correction = new FrameCorrection(SIZE, {
  ...NOTHING_KNOWN,
  'pixel-size': poseKnown(pose, SIZE),
  'dark-frame': {
    ...{ kind: 'dark-frame', ...SIZE, level: [LEVEL, LEVEL, LEVEL], noiseLevels: 1, frames: 16 },
    stuck: Array.from({ length: 300 }, (_, i) => 10_007 * i + 5),
  },
  'flat-field': {
    ...{ kind: 'flat-field', ...SIZE, columns, rows, darkKnown: true },
    ...{ darkestPercent: 80, errorPercent: 0.1, frames: 16 },
    gains: Array.from({ length: columns * rows }, (_, i) => {
      const gain = 1 + 0.02 * Math.hypot((i % columns) - 5.5, Math.floor(i / columns) - 4)
      return [gain, gain, gain]
    }),
  },
})

const garbage = new ImageGarbage()
const random = new Random(1)
function rawFrame(format: RawFormat) {
  const data = new Uint8Array(rawBytes(format, SIZE.widthPx, SIZE.heightPx))
  for (let i = 0; i < data.length; i++) data[i] = 256 * random.next()
  return { data, ...SIZE, format }
}

/** Milliseconds a frame; memory of frames comes back between them, as in a scan. */
async function time(work: () => void): Promise<number> {
  let ms = 0
  for (let i = 0; i < FRAMES; i++) {
    const startMs = performance.now()
    work()
    ms += performance.now() - startMs
    garbage.passed(3 * SIZE.widthPx * SIZE.heightPx)
    await turn()
  }
  return ms / FRAMES
}

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]
async function medianTime(work: () => void): Promise<number> {
  const found: number[] = []
  for (let round = 0; round < rounds + 2; round++) found.push(await time(work))
  return median(found.slice(2))
}

const folder = mkdtempSync(join(tmpdir(), 'medulla-frames-'))
try {
  const raw = rawFrame('bayer-rg8')
  const file = join(folder, 'raw')
  writeFileSync(file, raw.data)
  const peer = fileURLToPath(new URL('./frames-opencv.py', import.meta.url))
  const ask = (): { wallMs: number; version: string } | null => {
    const given = [peer, file, ...[SIZE.widthPx, SIZE.heightPx, LEVEL, DEGREES, FRAMES].map(String)]
    const { status, stdout } = spawnSync(values.python, given, { encoding: 'utf8' })
    return status === 0 ? JSON.parse(stdout) : null
  }
  const [ours, theirs]: [number[], number[]] = [[], []]
  const version = ask()?.version ?? null
  for (let round = 0; round < rounds + 2; round++) {
    const ms = await time(() => {
      correction.apply({ data: toRgb(raw), ...SIZE })
    })
    if (round < 2) continue
    ours.push(ms)
    if (version) theirs.push(ask()!.wallMs)
  }
  const toRgbMs: Record<string, number> = {}
  for (const format of ['rgb24', 'gray', 'nv12', 'yuv420p', 'bayer-rg8'] as const) {
    const frame = rawFrame(format)
    toRgbMs[format] = await medianTime(() => {
      toRgb(frame)
    })
  }
  const rgb = { data: toRgb(raw), ...SIZE }
  const correctionMs = await medianTime(() => {
    correction.apply(rgb)
  })
  const opencv = version && { version, wallMs: median(theirs) }
  const ratio = opencv && median(ours) / opencv.wallMs
  console.log(
    JSON.stringify({ benchmark: 'frames', rounds, wallMs: median(ours), opencv, ratio, correctionMs, toRgbMs }),
  )
  if (!opencv) console.error(`No OpenCV for ${values.python}: only our side was measured (python3-opencv).`)
} finally {
  rmSync(folder, { recursive: true })
}
