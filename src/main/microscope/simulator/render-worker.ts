import { parentPort, workerData } from 'node:worker_threads'
import { HELD_BYTES, ImageGarbage } from '../../image-garbage.ts'
import { stepBack } from '../../thread-priority.ts'
import { FieldRenderer } from './field-renderer.ts'
import { makeSlide, type SlideOptions } from './make-slide.ts'
import type { RenderTask } from './render-pool.ts'

stepBack('rendering')
const garbage = new ImageGarbage(HELD_BYTES)
const { layout, stain } = makeSlide(workerData as SlideOptions)
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
  garbage.passed(task.pixels.byteLength)
})
