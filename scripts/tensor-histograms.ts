/**
 * Runs an ONNX model on raw 8-bit crops and tells how the values of its outputs are distributed, for training/quantise.py:
 * `node scripts/tensor-histograms.ts MODEL CROPS N SIDE` reads N x SIDE x SIDE x 3 bytes, one crop at a time, and writes one
 * JSON object to stdout: by float32 output its shape for one and for two crops, the least and the greatest value, how many lie in
 * each of 2048 equal steps between them, and of an image (N x C x H x W) the mean of each channel.
 */
import { readFile } from 'node:fs/promises'
import * as ort from 'onnxruntime-node'

const STEPS = 2048

interface Distribution {
  readonly shapes: readonly (readonly number[])[]
  low: number
  high: number
  counts: number[]
  means: number[]
}

const [model, cropsFile, count, side] = process.argv.slice(2)
if (!model || !cropsFile || !count || !side) throw new Error('usage: tensor-histograms.ts MODEL CROPS N SIDE')
const session = await ort.InferenceSession.create(model, {
  executionProviders: ['cpu'],
  intraOpNumThreads: 1,
  logSeverityLevel: 3,
})
const n = Number(count)
const cropShape = [Number(side), Number(side), 3]
const cropBytes = Number(side) ** 2 * 3
const crops = new Uint8Array(await readFile(cropsFile))
if (crops.length !== n * cropBytes) throw new Error(`${cropsFile} does not hold ${n} crops of ${side} px`)

const run = (start: number, batch: number): Promise<ort.InferenceSession.OnnxValueMapType> => {
  const data = crops.subarray(start * cropBytes, (start + batch) * cropBytes)
  return session.run({ [session.inputNames[0]!]: new ort.Tensor('uint8', data, [batch, ...cropShape]) })
}

const distributions = new Map<string, Distribution>()
const [one, two] = [await run(0, 1), await run(0, Math.min(2, n))]
for (const name of session.outputNames) {
  const shapes = [one[name]!.dims, two[name]!.dims]
  const open = { low: Number.POSITIVE_INFINITY, high: Number.NEGATIVE_INFINITY, counts: [], means: [] }
  distributions.set(name, { shapes, ...open })
}
for (let i = 0; i < n; i++) {
  for (const [name, values, dims] of floats(await run(i, 1))) {
    const distribution = distributions.get(name)!
    if (dims.length === 4) addMeans(distribution.means, values, dims)
    for (const value of values) {
      if (value < distribution.low) distribution.low = value
      if (value > distribution.high) distribution.high = value
    }
  }
}
for (let i = 0; i < n; i++) {
  for (const [name, values] of floats(await run(i, 1))) {
    const { low, high, counts } = distributions.get(name)!
    if (counts.length === 0) counts.push(...new Array<number>(STEPS).fill(0))
    const perStep = high > low ? STEPS / (high - low) : 0
    for (const value of values) counts[Math.min(STEPS - 1, Math.floor((value - low) * perStep))]!++
  }
}
console.log(JSON.stringify(Object.fromEntries(distributions)))

function* floats(results: ort.InferenceSession.OnnxValueMapType): Generator<[string, Float32Array, readonly number[]]> {
  for (const [name, { data, dims }] of Object.entries(results))
    if (data instanceof Float32Array) yield [name, data, dims]
}

/** Adds this crop's share of each channel's mean over all crops. */
function addMeans(means: number[], values: Float32Array, [images, channels, height, width]: readonly number[]): void {
  const size = height! * width!
  for (let at = 0; at < images! * channels!; at++) {
    let sum = 0
    for (let i = at * size; i < (at + 1) * size; i++) sum += values[i]!
    const channel = at % channels!
    means[channel] = (means[channel] ?? 0) + sum / (size * images! * n)
  }
}
