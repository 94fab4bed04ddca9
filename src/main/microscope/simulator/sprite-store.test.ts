import { expect, test } from 'vitest'
import { Random } from './random.ts'
import type { CellSprite, SpriteMemory } from './sprite-store.ts'
import { SpriteStore } from './sprite-store.ts'

test('a sprite the store still knows is as it was drawn, however often the ring has closed', () => {
  const store = new SpriteStore(1000)
  const random = new Random(2)
  let drawn = 0
  const draw =
    (key: number) =>
    (memory: SpriteMemory): CellSprite => {
      drawn++
      const pixels = 40 + (key % 7) * 30
      const absorption = memory.absorption(pixels).fill(key)
      const cover = memory.cover(pixels).fill(key % 256)
      return { width: pixels, height: 1, left: 0, top: 0, absorption, cover }
    }
  for (let i = 0; i < 3000; i++) {
    const key = random.int(12)
    const sprite = store.get(key, draw(key))
    expect(sprite.absorption.every((value) => value === key)).toBe(true)
    expect(sprite.cover.every((value) => value === key % 256)).toBe(true)
    expect(sprite.absorption.length).toBe(3 * sprite.cover.length)
  }
  expect(drawn).toBeGreaterThan(12)
  expect(drawn).toBeLessThan(3000)
})
