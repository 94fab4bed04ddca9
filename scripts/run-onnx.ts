/**
 * Runs an ONNX model on raw 8-bit crops, for the training code's tests:
 * `node scripts/run-onnx.ts MODEL CROPS OUT N SIDE` reads N x SIDE x SIDE x 3 bytes and writes the output's float32 values.
 */
import { readFile, writeFile } from 'node:fs/promises'
import * as ort from 'onnxruntime-node'

const [model, cropsFile, outFile, count, side] = process.argv.slice(2)
if (!model || !cropsFile || !outFile || !count || !side) throw new Error('usage: run-onnx.ts MODEL CROPS OUT N SIDE')
const session = await ort.InferenceSession.create(model, { executionProviders: ['cpu'], logSeverityLevel: 3 })
const crops = new Uint8Array(await readFile(cropsFile))
const input = new ort.Tensor('uint8', crops, [Number(count), Number(side), Number(side), 3])
const results = await session.run({ [session.inputNames[0]!]: input })
const values = results[session.outputNames[0]!]!.data
if (!(values instanceof Float32Array)) throw new Error('the output is not float32')
await writeFile(outFile, new Uint8Array(values.buffer, values.byteOffset, values.byteLength))
