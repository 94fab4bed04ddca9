/**
 * What the pipeline adds to the model, and what it costs the stage: `node benchmarks/pipeline.ts [--model FOLDER] [--fields N]
 * [--rounds N] [--stage-cells N]`. One JSON object on stdout.
 *
 * `throughput`: a folder of fields of view goes through the whole pipeline (reading, detecting, cropping, classifying, keeping the
 * field, casebook); before and after, a bare onnxruntime-node loop with two threads classifies the very same crops in batches of the same
 * sizes. `ratio` is cells/s of the one over cells/s of the other; the median round is told, `cpuRatio` the same by processor time, which other
 * work on the machine disturbs less. `naming` is the pipeline's classifier alone, given the crops of whole fields as the pipeline gives them, over the same
 * bare loop. Either may exceed 1: the pipeline runs two
 * sessions side by side. On few cores all that is not naming comes out of the same processor time: `inPipeline` is the processor time a crop costs the
 * bare loop over what it costs the naming threads while the whole pipeline runs, and `cpuMsByThreads` what each kind of thread takes a cell (null: not Linux). Needs ../shared/data/marrow-fields (or --images); null without, and with --rounds 0.
 *
 * `stage`: a simulated count of 500 cells at life speed. Idle is what is left of the time from the first move to the end of the last exposure after
 * motion, settling (as the mechanics need them) and exposures.
 */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import * as ort from 'onnxruntime-node'
import { openBench } from '../src/main/bench/bench.ts'
import { readImage } from '../src/main/images/read-image.ts'
import { bundledModelFolder } from '../src/main/inference/bundled.ts'
import { openModelInThreads, THREAD_MAX_BATCH } from '../src/main/inference/model-threads.ts'
import { readPackage } from '../src/main/inference/package.ts'
import { toInput } from '../src/main/inference/tensors.ts'
import { openSimulatedRig } from '../src/main/microscope/simulated-rig.ts'
import { openAnalyser } from '../src/main/vision/analyser.ts'
import { projectRoot } from '../src/main/worker-file.ts'
import { runAsTheDesk } from './as-the-desk.ts'
import { scanSimulated } from './simulated-scan.ts'
import { StageTimes } from './stage-times.ts'
import { type ThreadTimes, threadTimes } from './thread-times.ts'

const PIXEL_SIZE_UM = 0.092

const { values } = parseArgs({
  options: {
    model: { type: 'string', default: bundledModelFolder() },
    images: { type: 'string', default: join(projectRoot(), '..', 'shared', 'data', 'marrow-fields') },
    fields: { type: 'string', default: '40' },
    rounds: { type: 'string', default: '3' },
    'stage-cells': { type: 'string', default: '500' },
  },
})
runAsTheDesk()

const folder = await mkdtemp(join(tmpdir(), 'medulla-pipeline-benchmark-'))
try {
  const stage = await measureStage(Number(values['stage-cells']))
  const rounds = Number(values.rounds)
  const throughput = rounds > 0 ? await measureThroughput(Number(values.fields), rounds) : null
  console.log(JSON.stringify({ benchmark: 'pipeline', throughput, stage }))
} finally {
  await rm(folder, { recursive: true, force: true })
}

async function measureThroughput(fields: number, rounds: number) {
  const originals = (await readdir(values.images).catch(() => [])).filter((name) => name.endsWith('.jpg'))
  if (originals.length === 0) {
    console.error(`throughput is not measured: there are no images in ${values.images}`)
    return null
  }
  const images = join(folder, 'images')
  const few = join(folder, 'few')
  for (const [into, count] of [
    [images, fields],
    [few, 4],
  ] as const) {
    await mkdir(into)
    for (let i = 0; i < count; i++) {
      const original = await readFile(join(values.images, originals[i % originals.length]))
      await writeFile(join(into, `field_${i}.jpg`), commented(original, i))
    }
  }
  const cropped = await cropFields(originals.map((name) => join(values.images, name)))
  const batches = await batchesOf(cropped)
  const naming = await openNaming(cropped)
  const bench = await openBench({ dataFolder: join(folder, 'folder-data'), model: values.model })
  const bare = await openBareLoop(batches)
  // Model, threads and compiled code are ready before anything is timed.
  await throughBench(bench, few)
  await bare.run()
  await naming.run()
  const measured = []
  for (let round = 0; round < rounds; round++) {
    const before = await timed(() => bare.run())
    const threads = threadTimes()
    const pipeline = await timed(() => throughBench(bench, images))
    const cpuMsByThreads = perCell(threads, threadTimes(), pipeline.cells)
    const between = await timed(() => bare.run())
    const alone = await timed(() => naming.run())
    const after = await timed(() => bare.run())
    const bareCellsPerS = 2 / (1 / before.cellsPerS + 1 / between.cellsPerS)
    const bareCpuMs = (before.cpuMsPerCell + between.cpuMsPerCell) / 2
    measured.push({
      pipeline: pipeline.cellsPerS,
      bareCellsPerS,
      ratio: pipeline.cellsPerS / bareCellsPerS,
      naming: (alone.cellsPerS * (1 / between.cellsPerS + 1 / after.cellsPerS)) / 2,
      cpuMsPerCell: pipeline.cpuMsPerCell,
      bareCpuMsPerCell: bareCpuMs,
      cpuRatio: bareCpuMs / pipeline.cpuMsPerCell,
      inPipeline: cpuMsByThreads && bareCpuMs / cpuMsByThreads.inference,
      cpuMsByThreads,
    })
  }
  await bench.close()
  await bare.close()
  await naming.close()
  measured.sort((a, b) => a.ratio - b.ratio)
  const middle = measured[Math.floor(measured.length / 2)]
  return {
    fields,
    cellsPerField: batches.reduce((sum, batch) => sum + batch.n, 0) / originals.length,
    pipelineCellsPerS: middle.pipeline,
    bareCellsPerS: middle.bareCellsPerS,
    ratio: middle.ratio,
    ratios: measured.map((round) => round.ratio),
    naming: measured.map((round) => round.naming).toSorted((a, b) => a - b),
    cpuMsPerCell: middle.cpuMsPerCell,
    bareCpuMsPerCell: middle.bareCpuMsPerCell,
    cpuRatios: measured.map((round) => round.cpuRatio),
    inPipeline: measured.map((round) => round.inPipeline),
    cpuMsByThreads: middle.cpuMsByThreads,
  }
}

/**
 * The JPEG with a comment of its own, each longer than the last: a run reads files of one size again, to compare them, and leaves out those that are equal.
 */
function commented(image: Buffer, n: number): Buffer {
  const [START, COMMENT] = [0xd8, 0xfe]
  if (image[0] !== 0xff || image[1] !== START) throw new Error('only JPEG files can be told apart by a comment')
  const text = Buffer.alloc(n + 1, '.')
  const head = Buffer.from([0xff, COMMENT, 0, 0])
  head.writeUInt16BE(2 + text.length, 2)
  return Buffer.concat([image.subarray(0, 2), head, text, image.subarray(2)])
}

function perCell(before: ThreadTimes | null, after: ThreadTimes | null, cells: number): ThreadTimes | null {
  if (!before || !after) return null
  const parts = Object.entries(after) as [keyof ThreadTimes, number][]
  return Object.fromEntries(parts.map(([part, ms]) => [part, (ms - before[part]) / cells])) as unknown as ThreadTimes
}

interface Throughput {
  readonly cells: number
  readonly cellsPerS: number
}

async function timed(work: () => Promise<Throughput>) {
  const before = process.cpuUsage()
  const { cells, cellsPerS } = await work()
  const { user, system } = process.cpuUsage(before)
  return { cells, cellsPerS, cpuMsPerCell: (user + system) / 1000 / cells }
}

/** From the start of the run until its last field is committed. */
async function throughBench({ client }: Awaited<ReturnType<typeof openBench>>, images: string): Promise<Throughput> {
  const startMs = performance.now()
  const { runId } = await client.runs.start({ rig: { kind: 'folder', images, pixelSizeUm: PIXEL_SIZE_UM } })
  for await (const event of await client.runs.events({ runId })) {
    if (event.run.state === 'failed') throw new Error(event.run.failure?.message)
  }
  const { cells } = await client.runs.get({ runId })
  return { cells, cellsPerS: (1000 * cells) / (performance.now() - startMs) }
}

interface CroppedField {
  readonly n: number
  readonly crops: Uint8Array
}

/** The crops of the images as the pipeline makes them. */
async function cropFields(paths: readonly string[]): Promise<CroppedField[]> {
  const { input } = (await readPackage(values.model)).manifest
  const scale = { inputPx: input.sizePx, pixelSizeUm: input.pixelSizeUm }
  const analyser = openAnalyser()
  const fields: CroppedField[] = []
  for (const path of paths) {
    const { detections, modelCrops } = await analyser.analyse(await readImage(path), PIXEL_SIZE_UM, scale, null)
    fields.push({ n: detections.length, crops: modelCrops! })
  }
  await analyser.close()
  return fields
}

interface Batch {
  readonly n: number
  readonly tensor: ort.Tensor
}

/** The crops in batches as the pipeline's sessions get them. */
async function batchesOf(fields: readonly CroppedField[]): Promise<Batch[]> {
  const { input } = (await readPackage(values.model)).manifest
  const bytes = 3 * input.sizePx ** 2
  return fields.flatMap(({ n: cells, crops }) =>
    Array.from({ length: Math.ceil(cells / THREAD_MAX_BATCH) }, (_, i) => {
      const start = i * THREAD_MAX_BATCH
      const n = Math.min(THREAD_MAX_BATCH, cells - start)
      const { type, data, dims } = toInput(crops.subarray(start * bytes, (start + n) * bytes), n, input)
      return { n, tensor: new ort.Tensor(type, data, dims) }
    }),
  )
}

/** The classifier that the pipeline uses, with the crops of whole fields; there is always another one waiting, as in a folder's run. */
async function openNaming(fields: readonly CroppedField[]) {
  const classifier = await openModelInThreads(values.model)
  const cells = fields.reduce((sum, { n }) => sum + n, 0)
  return {
    async run(): Promise<Throughput> {
      const startMs = performance.now()
      await Promise.all(fields.map(({ crops, n }) => classifier.classify(crops, n)))
      return { cells, cellsPerS: (1000 * cells) / (performance.now() - startMs) }
    },
    close: () => classifier.close(),
  }
}

/** One session with a thread for each of two cores and onnxruntime's own settings, fed tensors that are ready. */
async function openBareLoop(batches: readonly Batch[]) {
  const { graph, manifest } = await readPackage(values.model)
  const session = await ort.InferenceSession.create(graph, { intraOpNumThreads: 2, interOpNumThreads: 1 })
  const cells = batches.reduce((sum, batch) => sum + batch.n, 0)
  return {
    async run(): Promise<Throughput> {
      const startMs = performance.now()
      for (const { tensor } of batches) await session.run({ [manifest.input.name]: tensor })
      return { cells, cellsPerS: (1000 * cells) / (performance.now() - startMs) }
    },
    close: () => session.release(),
  }
}

async function measureStage(targetCells: number) {
  const rig = await openSimulatedRig({ profile: 'normal', seed: 1, timeScale: 1 })
  const times = new StageTimes(rig)
  let committedMs = 0
  const run = await scanSimulated({
    rig,
    area: null,
    model: values.model,
    targetCells,
    fields: null,
    onCasebook(call) {
      if (call === 'commitField') committedMs = performance.now()
    },
  })
  return {
    fields: run.fields,
    cells: run.cells,
    ...times.summary(),
    committedAfterLastExposureMs: committedMs - times.endMs,
  }
}
