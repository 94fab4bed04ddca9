import { cp, mkdtemp, rm, truncate } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { queryObjects } from 'node:v8'
import type { Worker } from 'node:worker_threads'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { projectRoot } from '../worker-file.ts'
import { openModelInThreads } from './model-threads.ts'
import { openModel } from './open-model.ts'

const SIZE_PX = 8
const CROP_BYTES = SIZE_PX * SIZE_PX * 3

describe('openModelInThreads', () => {
  let folder: string

  beforeEach(async () => {
    folder = join(await mkdtemp(join(tmpdir(), 'medulla-model-')), 'package')
    await cp(join(projectRoot(), 'test/fixtures/models/colour'), folder, { recursive: true })
  })
  afterEach(() => rm(join(folder, '..'), { recursive: true }))

  /** n crops, no two alike. */
  function crops(n: number): Uint8Array {
    return Uint8Array.from({ length: n * CROP_BYTES }, (_, i) => (i * 31 + Math.floor(i / CROP_BYTES) * 57) & 255)
  }

  it('answers as the model itself does, in order, whatever the number of crops', async () => {
    const itself = await openModel(folder)
    const inThreads = await openModelInThreads(folder, { maxBatch: 4 })
    expect(inThreads.manifest).toEqual(itself.manifest)
    expect(inThreads.card).toBe(itself.card)
    expect(inThreads.classes).toEqual(itself.classes)
    for (const n of [0, 1, 4, 5, 23]) {
      expect(await inThreads.classify(crops(n), n)).toEqual(await itself.classify(crops(n), n))
    }
    await itself.close()
    await inThreads.close()
  })

  it('leaves the crops to the caller, and keeps calls apart that are made at once', async () => {
    const model = await openModelInThreads(folder, { maxBatch: 3 })
    const whole = crops(40)
    const before = whole.slice()
    const alone = await model.classify(whole, 40)
    const parts = await Promise.all(
      Array.from({ length: 8 }, (_, i) =>
        model.classify(whole.subarray(i * 5 * CROP_BYTES, (i + 1) * 5 * CROP_BYTES), 5),
      ),
    )
    expect(Float32Array.from(parts.flatMap((part) => [...part.probabilities]))).toEqual(alone.probabilities)
    expect(whole).toEqual(before)
    await model.close()
  })

  it('keeps nothing of what it said', async () => {
    const model = await openModelInThreads(folder)
    const said = () => queryObjects(Float32Array, { format: 'count' })
    await model.classify(crops(16), 16)
    const before = said()
    for (let i = 0; i < 40; i++) await model.classify(crops(16), 16)
    expect(said()).toBeLessThan(before + 20)
    await model.close()
  })

  it('rejects as opening the model does, code and remedy included', async () => {
    await expect(openModelInThreads(join(folder, 'nowhere'))).rejects.toMatchObject({ code: 'model-missing' })
    await truncate(join(folder, 'model.onnx'), 200)
    await expect(openModelInThreads(folder)).rejects.toMatchObject({
      name: 'MedullaError',
      code: 'model-invalid',
      detail: { remedy: expect.stringMatching(/\.$/) },
    })
  })

  it('passes on what goes wrong with a graph while it runs, and goes on afterwards', async () => {
    await expect(openModelInThreads(join(projectRoot(), 'test/fixtures/models/not-a-number'))).rejects.toMatchObject({
      code: 'model-invalid',
    })
    const model = await openModelInThreads(folder)
    await expect(model.classify(crops(2), 3)).rejects.toThrow(RangeError)
    expect((await model.classify(crops(2), 2)).probabilities).toHaveLength(6)
    await model.close()
  })

  it('fails what a thread that dies was asked, and answers the next with a new one', async () => {
    const threads: Worker[] = []
    const notice = (worker: Worker) => threads.push(worker)
    process.on('worker', notice)
    try {
      const model = await openModelInThreads(folder, { sessions: 1 })
      const wanted = await model.classify(crops(4), 4)
      // At work, then idle.
      for (const work of [400, 0]) {
        const dead = new Promise((resolve) => threads.at(-1)!.once('exit', resolve))
        // No request: the thread fails on it, outside of what it answers for.
        threads.at(-1)!.postMessage({})
        if (work > 0) await expect(model.classify(crops(work), work)).rejects.toThrow()
        await dead
        expect(await model.classify(crops(4), 4)).toEqual(wanted)
      }
      expect(threads.length).toBe(3)
      await model.close()
    } finally {
      process.off('worker', notice)
    }
  })

  it('closing refuses what has not begun, waits for the rest, and may be repeated', async () => {
    const model = await openModelInThreads(folder, { maxBatch: 1 })
    const many = model.classify(crops(50), 50)
    const outcome = expect(many).rejects.toThrow(/closed/)
    await model.close()
    await outcome
    await model.close()
    await expect(model.classify(crops(1), 1)).rejects.toThrow(/closed/)
  })
})
