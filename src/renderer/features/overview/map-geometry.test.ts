import { describe, expect, it } from 'vitest'
import { extentOf, firstFrame, nudged, rectBetween } from './map-geometry.ts'

const overview = {
  step: { widthUm: 100, heightUm: 50 },
  extent: { xUm: 1000, yUm: 2000, widthUm: 3000, heightUm: 1000 },
}

describe('a rectangle on the map', () => {
  it('is drawn from any corner in whole fields, inside the map', () => {
    const rect = { xUm: 1200, yUm: 2100, widthUm: 300, heightUm: 100 }
    expect(rectBetween({ xUm: 1200, yUm: 2100 }, { xUm: 1480, yUm: 2210 }, overview)).toEqual(rect)
    expect(rectBetween({ xUm: 1500, yUm: 2200 }, { xUm: 1220, yUm: 2090 }, overview)).toEqual(rect)
    expect(rectBetween({ xUm: 1200, yUm: 2100 }, { xUm: 1201, yUm: 2101 }, overview)).toMatchObject({
      widthUm: 100,
      heightUm: 50,
    })
    const out = rectBetween({ xUm: 3900, yUm: 2900 }, { xUm: 4400, yUm: 3300 }, overview)
    expect(out.xUm + out.widthUm).toBeLessThanOrEqual(4000)
    expect(out.yUm + out.heightUm).toBeLessThanOrEqual(3000)
  })

  it('is moved and made larger by keys, field by field, never out of the map and never to nothing', () => {
    const frame = firstFrame(overview)
    expect(nudged(frame, [1, 0], false, overview)).toEqual({ ...frame, xUm: frame.xUm + 100 })
    expect(nudged(frame, [0, 1], true, overview)).toEqual({ ...frame, heightUm: frame.heightUm + 50 })
    let small = frame
    for (let i = 0; i < 20; i++) small = nudged(small, [-1, -1], true, overview)
    expect(small).toMatchObject({ widthUm: 100, heightUm: 50 })
    let moved = frame
    for (let i = 0; i < 50; i++) moved = nudged(moved, [-1, 0], false, overview)
    expect(moved.xUm).toBe(1000)
  })
})

describe('a part of the stage as typed', () => {
  it('is four numbers in millimetres, or nothing', () => {
    expect(extentOf(' 4, 3, 8, 5 ')).toEqual({ xUm: 4000, yUm: 3000, widthUm: 8000, heightUm: 5000 })
    expect(extentOf('4 3;8 5.5')).toMatchObject({ heightUm: 5500 })
    expect(extentOf('  ')).toBeNull()
    for (const text of ['4', '1,2,3,4,5', '1,2,0,4', 'a,b,c,d']) expect(() => extentOf(text)).toThrow(RangeError)
  })
})
