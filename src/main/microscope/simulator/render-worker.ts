import { parentPort, workerData } from 'node:worker_threads'
import { FieldRenderer } from './field-renderer.ts'
import { Layout } from './layout.ts'
import { classShares } from './profiles.ts'
import type { RenderTask, RenderWorkerData } from './render-pool.ts'
import { SmearMap } from './smear-map.ts'
import { makeStain, stainSeed, WORLD_SPREAD } from './stain.ts'

const { seed, profile } = workerData as RenderWorkerData
const renderer = new FieldRenderer(
  new Layout(seed, classShares(profile), new SmearMap(seed)),
  makeStain(stainSeed(seed), WORLD_SPREAD),
)

parentPort!.on('message', (task: RenderTask) => {
  try {
    renderer.render(task.request, task.top, task.bottom, new Uint8Array(task.pixels))
    parentPort!.postMessage({ id: task.id })
  } catch (error) {
    parentPort!.postMessage({
      id: task.id,
      failure: error instanceof Error ? (error.stack ?? error.message) : String(error),
    })
  }
})
