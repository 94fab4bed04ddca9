import { expect, test } from 'vitest'
import type { RunEvent } from '../../shared/contract/runs.ts'
import { RunEvents } from './run-events.ts'

const event = (revision: number, state: RunEvent['run']['state'] = 'scanning') =>
  ({ run: { state }, revision }) as RunEvent

test('a reader is told of the state now, of each change after it was told, and of no more once the run is over', async () => {
  const events = new RunEvents()
  let now = event(1)
  const stream = events.stream(1, () => now)
  expect(events.areRead(1)).toBe(false)
  expect((await stream.next()).value).toBe(now)
  expect(events.areRead(1)).toBe(true)
  expect(events.areRead(2)).toBe(false)
  const next = stream.next()
  now = event(2)
  events.changed(1)
  now = event(3)
  events.committed(1)
  // Told once, as it stands when it is told.
  expect((await next).value).toEqual(event(3))
  now = event(4, 'finished')
  events.changed(1)
  expect((await stream.next()).value).toBe(now)
  expect((await stream.next()).done).toBe(true)
  expect(events.areRead(1)).toBe(false)
})

test('a reader that goes away is forgotten, the others are not', async () => {
  const events = new RunEvents()
  const leaving = new AbortController()
  const first = events.stream(1, () => event(1), leaving.signal)
  const second = events.stream(1, () => event(1))
  await Promise.all([first.next(), second.next()])
  const waiting = first.next()
  leaving.abort()
  expect((await waiting).done).toBe(true)
  expect(events.areRead(1)).toBe(true)
  const told = second.next()
  events.committed(1)
  expect((await told).value).toEqual(event(1))
  await second.return()
  expect(events.areRead(1)).toBe(false)
})
