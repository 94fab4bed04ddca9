/**
 * Runs an ONNX model on raw 8-bit crops, for the training code:
 * `node scripts/run-onnx.ts MODEL CROPS OUT N SIDE` reads N x SIDE x SIDE x 3 bytes and writes the first output's float32 values.
 */
import { readFile, writeFile } from 'node:fs/promises'
import * as ort from 'onnxruntime-node'

/** Crops that go through the graph together, so that a whole set fits in memory. */
const BATCH = 8

const [model, cropsFile, outFile, count, side] = process.argv.slice(2)
if (!model || !cropsFile || !outFile || !count || !side) throw new Error('usage: run-onnx.ts MODEL CROPS OUT N SIDE')
const session = await ort.InferenceSession.create(model, { executionProviders: ['cpu'], logSeverityLevel: 3 })
const crops = new Uint8Array(await readFile(cropsFile))
const cropBytes = Number(side) ** 2 * 3
const outputs: Uint8Array[] = []
for (let start = 0; start < Number(count); start += BATCH) {
  const n = Math.min(BATCH, Number(count) - start)
  const data = crops.subarray(start * cropBytes, (start + n) * cropBytes)
  const input = new ort.Tensor('uint8', data, [n, Number(side), Number(side), 3])
  const results = await session.run({ [session.inputNames[0]!]: input })
  const values = results[session.outputNames[0]!]!.data
  if (!(values instanceof Float32Array)) throw new Error('the output is not float32')
  outputs.push(new Uint8Array(values.buffer, values.byteOffset, values.byteLength))
}
await writeFile(outFile, Buffer.concat(outputs))
