/**
 * What the int8 variant of a model gains and costs: `node benchmarks/model.ts [--model FOLDER] [--cells N] [--rounds N] [--data DIR]
 * [--split sha256-N|none]`. One JSON object on stdout.
 *
 * `speed`: both variants, in sessions and threads as the pipeline has them, classify the same crops in turn. Cells a second, and
 * milliseconds of processor time a cell, which also tells on a busy machine; `ratio` is int8 over float, the median of the rounds.
 *
 * `accuracy`: balanced accuracy of both on the validation crops of the public sets (matek-160.tar and pbc-160.tar in --data, by default
 * ../shared/data), and the share of them that both call the same; a split below sha256-15 is a part of these. null where there are no
 * sets, and with --split none.
 *
 * A package without an int8 variant gets one by `python3 -m training.quantise FOLDER`.
 */
import { existsSync } from 'node:fs'
import { basename, join } from 'node:path'
import { parseArgs } from 'node:util'
import { bundledModelFolder } from '../src/main/inference/bundled.ts'
import type { Classifier } from '../src/main/inference/classifier.ts'
import { openModelInThreads } from '../src/main/inference/model-threads.ts'
import { judgeCrops } from '../src/main/reference/evaluate.ts'
import { analyseField } from '../src/main/vision/analyse-field.ts'
import { drawCells } from '../src/main/vision/drawn-cells.ts'
import { projectRoot } from '../src/main/worker-file.ts'
import { classificationFigures } from '../src/shared/evaluation/classification.ts'

const SETS = ['matek-160.tar', 'pbc-160.tar']
const SET_PIXEL_SIZE_UM = 0.144
/** The share of images that no training saw, as training/images.py splits them. */
const VALIDATION_SPLIT = 'sha256-15'
const DRAWN_PIXEL_SIZE_UM = 0.092

const { values } = parseArgs({
  options: {
    model: { type: 'string', default: bundledModelFolder() },
    cells: { type: 'string', default: '64' },
    rounds: { type: 'string', default: '9' },
    data: { type: 'string', default: join(projectRoot(), '..', 'shared', 'data') },
    split: { type: 'string', default: VALIDATION_SPLIT },
  },
})

const float = await openModelInThreads(values.model, { variant: 'float' })
const int8 = await openModelInThreads(values.model, { variant: 'int8' })
try {
  const speed = await compareSpeed(Number(values.cells), Number(values.rounds))
  const accuracy = await compareAccuracy(values.split)
  const { name, version } = float.manifest
  console.log(JSON.stringify({ benchmark: 'model', model: `${name} ${version}`, speed, accuracy }))
} finally {
  await Promise.all([float.close(), int8.close()])
}

interface Pace {
  readonly cellsPerS: number
  readonly cpuMsPerCell: number
}

async function compareSpeed(cells: number, rounds: number) {
  const crops = drawnCrops(cells)
  // Memory, threads and compiled code are ready before anything is timed.
  for (const model of [float, int8]) await pace(model, crops, cells)
  const measured: { readonly float: Pace; readonly int8: Pace }[] = []
  for (let round = 0; round < rounds; round++) {
    const first = await pace(round % 2 === 0 ? float : int8, crops, cells)
    const second = await pace(round % 2 === 0 ? int8 : float, crops, cells)
    measured.push(round % 2 === 0 ? { float: first, int8: second } : { float: second, int8: first })
  }
  const median = (value: (round: (typeof measured)[number]) => number): number =>
    measured.map(value).sort((a, b) => a - b)[rounds >> 1]
  return {
    cells,
    rounds,
    float: {
      cellsPerS: median((each) => each.float.cellsPerS),
      cpuMsPerCell: median((each) => each.float.cpuMsPerCell),
    },
    int8: { cellsPerS: median((each) => each.int8.cellsPerS), cpuMsPerCell: median((each) => each.int8.cpuMsPerCell) },
    ratio: {
      wall: median((each) => each.int8.cellsPerS / each.float.cellsPerS),
      cpu: median((each) => each.float.cpuMsPerCell / each.int8.cpuMsPerCell),
    },
  }
}

async function pace(model: Classifier, crops: Uint8Array, n: number): Promise<Pace> {
  const [startMs, startCpu] = [performance.now(), process.cpuUsage()]
  await model.classify(crops, n)
  const [ms, cpu] = [performance.now() - startMs, process.cpuUsage(startCpu)]
  return { cellsPerS: (1000 * n) / ms, cpuMsPerCell: (cpu.user + cpu.system) / 1000 / n }
}

/** n crops of a drawn field's cells, as the pipeline makes them. */
function drawnCrops(n: number): Uint8Array {
  const { sizePx, pixelSizeUm } = float.manifest.input
  const places = Array.from({ length: 48 }, (_, i) => ({ x: 128 + (i % 8) * 250, y: 128 + Math.floor(i / 8) * 250 }))
  const field = drawCells(2048, 1536, DRAWN_PIXEL_SIZE_UM, places)
  const { modelCrops } = analyseField(field, DRAWN_PIXEL_SIZE_UM, { inputPx: sizePx, pixelSizeUm }, null)
  const crops = new Uint8Array(n * sizePx * sizePx * 3)
  for (let start = 0; start < crops.length; start += modelCrops!.length) {
    crops.set(modelCrops!.subarray(0, crops.length - start), start)
  }
  return crops
}

async function compareAccuracy(split: string) {
  const sets = SETS.map((name) => join(values.data, name)).filter((path) => existsSync(path))
  if (split === 'none' || sets.length === 0) {
    const why = split === 'none' ? 'it was not asked for' : `no ${SETS.join(' or ')} in ${values.data}`
    console.error(`accuracy is not measured: ${why}`)
    return null
  }
  const compared = []
  for (const path of sets) {
    const set = { path, pixelSizeUm: SET_PIXEL_SIZE_UM, split }
    const [ofFloat, ofInt8] = [await judgeCrops(set, float), await judgeCrops(set, int8)]
    const [before, after] = [ofFloat, ofInt8].map((cells) => classificationFigures(cells).balancedAccuracy!)
    const same = ofFloat.filter(({ predicted }, i) => predicted === ofInt8[i].predicted).length / ofFloat.length
    const figures = { float: before, int8: after, difference: after - before, same }
    compared.push({ set: basename(path), split, n: ofFloat.length, ...figures })
  }
  return compared
}
