import { expect, it } from 'vitest'
import { ImageGarbage } from './image-garbage.ts'

const MB = 1024 ** 2

it('keeps the memory of images that nobody uses any more within bounds, and leaves alone what is in use', () => {
  const garbage = new ImageGarbage(64 * MB)
  const before = process.memoryUsage().arrayBuffers
  const used = new Uint8Array(new SharedArrayBuffer(32 * MB)).fill(7)
  let most = 0
  let collected = 0
  for (let i = 0; i < 100; i++) {
    new Uint8Array(new SharedArrayBuffer(8 * MB)).fill(i)
    if (garbage.look()) collected++
    most = Math.max(most, process.memoryUsage().arrayBuffers - before)
  }
  expect(collected).toBeGreaterThan(0)
  expect(collected).toBeLessThan(50)
  expect(most).toBeLessThan(200 * MB)
  expect(used.at(-1)).toBe(7)
})
