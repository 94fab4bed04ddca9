import { expect, test } from 'vitest'
import { NO_EFFECTS } from './effects.ts'
import { Random } from './random.ts'
import { Sensor } from './sensor.ts'

test('pairs of pixels between the same neighbours come out as they would one by one', () => {
  const random = new Random(5)
  const width = 41
  const light = Int32Array.from({ length: 90 }, () => random.int(255 * 64))
  const sensor = new Sensor(width, 30, { ...NO_EFFECTS, fullWellElectrons: 5_000, readNoiseElectrons: 5 })
  for (const offset of [0.25, 0.75]) {
    const places = Float64Array.from({ length: width }, (_, x) => offset + x / 2)
    const columns = Int32Array.from(places, (p) => Math.floor(p) * 3)
    const weights = Int32Array.from(places, (p) => Math.round((p - Math.floor(p)) * 256))
    const paired = new Uint8ClampedArray(width * 3)
    sensor.expose(light, columns, weights, 3, 9, paired, 0)
    // One column out of step, at the very end, sends every pixel down the general way.
    const general = new Uint8ClampedArray(width * 3 + 3)
    const odd = Int32Array.from([...columns, 0, 0, 0])
    sensor.expose(light, odd, Int32Array.from([...weights, 7, 9, 11]), 3, 9, general, 0)
    expect(general.subarray(0, width * 3)).toEqual(paired)
  }
})
