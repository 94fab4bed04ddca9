import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'

/**
 * In a process of its own: other tests' buffers, in other threads of this one, count too. A hundred images of 8 MB go through a thread, which
 * hardly has a heap of its own, as they do in a scan.
 */
const PROGRAM = `
import { once } from 'node:events'
import { isMainThread, parentPort, Worker } from 'node:worker_threads'
import { ImageGarbage } from ${JSON.stringify(new URL('./image-garbage.ts', import.meta.url).href)}
const MB = 1024 ** 2
const garbage = new ImageGarbage(64 * MB)
if (isMainThread) {
  const worker = new Worker(process.argv[1])
  const used = new Uint8Array(new SharedArrayBuffer(32 * MB)).fill(7)
  let mostMb = 0
  for (let i = 0; i < 100; i++) {
    const image = new Uint8Array(new SharedArrayBuffer(8 * MB)).fill(i)
    worker.postMessage(image)
    const [seen] = await once(worker, 'message')
    if (seen !== i) throw new Error('another image')
    garbage.passed(image.length, process.argv[2] === 'waited-for')
    mostMb = Math.max(mostMb, process.memoryUsage().arrayBuffers / MB)
  }
  console.log(JSON.stringify({ mostMb, last: used.at(-1) }))
  await worker.terminate()
} else {
  parentPort.on('message', (image) => {
    parentPort.postMessage(image[image.length - 1])
    garbage.passed(image.length)
  })
}
`

it.each([
  ['nobody waits', 3],
  ['waited-for', 4],
])(
  'keeps the memory of images that nobody uses any more within bounds, in every thread they pass, and leaves alone what is in use (%s)',
  (who, most) => {
    const folder = mkdtempSync(join(tmpdir(), 'medulla-garbage-'))
    try {
      const file = join(folder, 'program.mjs')
      writeFileSync(file, PROGRAM)
      const { mostMb, last } = JSON.parse(execFileSync(process.execPath, [file, who], { encoding: 'utf8' }))
      expect(mostMb).toBeLessThan(32 + most * 64)
      expect(last).toBe(7)
    } finally {
      rmSync(folder, { recursive: true })
    }
  },
)
