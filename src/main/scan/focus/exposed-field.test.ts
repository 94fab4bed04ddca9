import { getEventListeners } from 'node:events'
import { expect, it } from 'vitest'
import { type SlidePx, stageUm } from '../../../shared/geometry.ts'
import { rgbMemory } from '../../../shared/image.ts'
import type { PlannedField } from '../stage-plan.ts'
import { ExposedField } from './exposed-field.ts'
import type { Plane } from './refocus.ts'

const planned: PlannedField = {
  index: 0,
  centre: stageUm(0, 0),
  owned: { origin: { x: 0, y: 0 } as SlidePx, width: 4, height: 4 },
}
const plane: Plane = {
  image: { data: rgbMemory(4, 4), widthPx: 4, heightPx: 4 },
  stage: { xUm: 0, yUm: 0, zUm: 0 },
  edgeWidthUm: 9,
  score: 1,
}
const exposed = (signal: AbortSignal) =>
  new ExposedField(
    planned,
    Promise.resolve(plane.image),
    () => plane,
    () => true,
    signal,
  )

it('a blurred field ends with its scan', async () => {
  const scan = new AbortController()
  const field = exposed(scan.signal)
  expect(await field.flaw()).toEqual({ plane })
  scan.abort(new Error('the scan is over'))
  await expect(field.seenThrough).rejects.toThrow('the scan is over')
})

it('a field that is settled leaves nothing on the signal of a scan, which would keep its image', async () => {
  const scan = new AbortController()
  const field = exposed(scan.signal)
  await field.flaw()
  expect(getEventListeners(scan.signal, 'abort')).toHaveLength(1)
  field.settle({ plane, focus: null })
  await field.seenThrough
  expect(getEventListeners(scan.signal, 'abort')).toHaveLength(0)
})
