import { execFileSync } from 'node:child_process'
import { expect, it } from 'vitest'

/** In a process of its own: other tests' buffers, in other threads of this one, count too. */
const PROGRAM = `
import { ImageGarbage } from ${JSON.stringify(new URL('./image-garbage.ts', import.meta.url).href)}
const MB = 1024 ** 2
const garbage = new ImageGarbage(64 * MB)
const used = new Uint8Array(new SharedArrayBuffer(32 * MB)).fill(7)
let mostMb = 0
let collected = 0
for (let i = 0; i < 100; i++) {
  new Uint8Array(new SharedArrayBuffer(8 * MB)).fill(i)
  if (garbage.look()) collected++
  mostMb = Math.max(mostMb, process.memoryUsage().arrayBuffers / MB)
}
console.log(JSON.stringify({ collected, mostMb, last: used.at(-1) }))
`

it('keeps the memory of images that nobody uses any more within bounds, and leaves alone what is in use', () => {
  const told = execFileSync(process.execPath, ['--input-type=module', '-e', PROGRAM], { encoding: 'utf8' })
  const { collected, mostMb, last } = JSON.parse(told)
  expect(collected).toBeGreaterThan(0)
  expect(collected).toBeLessThan(50)
  expect(mostMb).toBeLessThan(200)
  expect(last).toBe(7)
})
