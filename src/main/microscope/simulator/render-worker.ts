import { parentPort, workerData } from 'node:worker_threads'
import { stepBack } from '../../thread-priority.ts'
import { FieldRenderer } from './field-renderer.ts'
import { makeSlide } from './make-slide.ts'
import type { RenderTask, RenderWorkerData } from './render-pool.ts'

stepBack('rendering')
const { seed, profile } = workerData as RenderWorkerData
const { layout, stain } = makeSlide(seed, profile)
const renderer = new FieldRenderer(layout, stain)

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
