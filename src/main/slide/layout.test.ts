import { expect, test } from 'vitest'
import { FlowLayout, GAP_PX, type PlacedRect, VIRTUAL_SLIDE_PX } from './layout.ts'

/** Seeded sizes, all different. */
const sizes = (count: number) =>
  Array.from({ length: count }, (_, i) => ({
    width: 400 + ((Math.imul(i + 1, 2_654_435_761) >>> 8) % 2400),
    height: 300 + ((Math.imul(i + 1, 40_503) >>> 4) % 1700),
  }))

function place(layout: FlowLayout, all: readonly { width: number; height: number }[]): PlacedRect[] {
  return all.map(({ width, height }) => ({ ...layout.place(width, height), width, height }))
}

test('images of one size stand eight in a row', () => {
  const placed = place(
    new FlowLayout(),
    Array.from({ length: 17 }, () => ({ width: 2048, height: 1536 })),
  )
  expect(placed[0]).toMatchObject({ x: 0, y: 0 })
  expect(placed[7]).toMatchObject({ x: 7 * (2048 + GAP_PX), y: 0 })
  expect(placed[8]).toMatchObject({ x: 0, y: 1536 + GAP_PX })
  expect(placed[16]).toMatchObject({ x: 0, y: 2 * (1536 + GAP_PX) })
})

test('images of any size keep a gap between them and stay on the slide', () => {
  const placed = place(new FlowLayout(), sizes(500))
  for (const [i, a] of placed.entries()) {
    expect(a.x >= 0 && a.y >= 0 && a.x + a.width <= VIRTUAL_SLIDE_PX && a.y + a.height <= VIRTUAL_SLIDE_PX).toBe(true)
    for (const b of placed.slice(0, i)) {
      const apart =
        a.x >= b.x + b.width + GAP_PX ||
        b.x >= a.x + a.width + GAP_PX ||
        a.y >= b.y + b.height + GAP_PX ||
        b.y >= a.y + a.height + GAP_PX
      if (!apart) expect.fail(`${JSON.stringify(a)} meets ${JSON.stringify(b)}`)
    }
  }
})

test.each([0, 1, 8, 9, 100, 399])('goes on after %i images as if it had never stopped', (done) => {
  const all = sizes(400)
  const whole = place(new FlowLayout(), all)
  const resumed = new FlowLayout(whole.slice(0, done))
  expect(place(resumed, all.slice(done))).toEqual(whole.slice(done))
})

test('refuses to go on after images another layout placed', () => {
  expect(() => new FlowLayout([{ x: 3, y: 0, width: 100, height: 100 }])).toThrowError(RangeError)
})

test('holds what it promises, and says so when it is full', () => {
  const layout = new FlowLayout()
  let images = 0
  expect(() => {
    for (;;) {
      layout.place(2048, 1536)
      images++
    }
  }).toThrowError(expect.objectContaining({ code: 'invalid-input', message: expect.stringContaining('full') }))
  expect(images).toBeGreaterThanOrEqual(1000)
  expect(() => new FlowLayout().place(VIRTUAL_SLIDE_PX + 1, 10)).toThrowError(
    expect.objectContaining({ code: 'invalid-input' }),
  )
  expect(new FlowLayout().place(VIRTUAL_SLIDE_PX, VIRTUAL_SLIDE_PX)).toEqual({ x: 0, y: 0 })
})
