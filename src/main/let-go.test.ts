import { expect, test } from 'vitest'
import { letGo } from './let-go.ts'

test('gives memory back, all that lies behind the bytes', () => {
  const memory = new ArrayBuffer(1000)
  const part = new Uint8Array(memory, 100, 10)
  letGo(part)
  expect(memory.detached).toBe(true)
  expect(part).toHaveLength(0)
})

test('leaves memory alone that threads share', () => {
  const bytes = new Uint8Array(new SharedArrayBuffer(1000)).fill(7)
  letGo(bytes)
  expect(bytes).toHaveLength(1000)
  expect(bytes.at(-1)).toBe(7)
})
