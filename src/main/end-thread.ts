import type { Worker } from 'node:worker_threads'

/**
 * Asks a thread to end, and waits until it has: it gets `null` and closes its port on that, once it has started and done what it was
 * asked before.
 *
 * `terminate()` is for threads without native addons. One that is broken off while it loads or calls an addon made with node-addon-api
 * (`@julusian/jpeg-turbo`, sharp, onnxruntime-node) takes the whole process with it: the addon throws where nobody can catch
 * ("terminate called after throwing an instance of 'Napi::Error'").
 */
export function endThread(worker: Worker): Promise<void> {
  // Its number after it has ended.
  if (worker.threadId === -1) return Promise.resolve()
  return new Promise((resolve) => {
    worker.once('exit', () => resolve())
    // Nobody else may keep the process alive until then.
    worker.ref()
    worker.postMessage(null)
  })
}
