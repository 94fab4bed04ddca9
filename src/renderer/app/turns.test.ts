import { describe, expect, it } from 'vitest'
import { takeTurns } from './turns.ts'

function row(most: number) {
  const failed: unknown[] = []
  let waiting: readonly string[] = []
  let turnedDown = 0
  const turns = takeTurns(most, {
    changed: (now) => {
      waiting = now
    },
    failed: (error) => failed.push(error),
    turnedDown: () => turnedDown++,
  })
  return { turns, failed, waiting: () => waiting, turnedDown: () => turnedDown }
}

/** Work that waits until it is let go on, and then fails where it is told to. */
function held() {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  return { work: () => promise, done: resolve, fail: reject }
}

describe('requests of a person', () => {
  it('have their turn one after the other', async () => {
    const { turns, waiting } = row(10)
    const said: string[] = []
    const first = held()
    void turns.ask('a', async () => {
      await first.work()
      said.push('a')
    })
    const last = turns.ask('b', async () => void said.push('b'))
    expect(waiting()).toEqual(['a', 'b'])
    first.done()
    expect(await last).toBe(true)
    expect(said).toEqual(['a', 'b'])
    expect(waiting()).toEqual([])
  })

  it('go on after one that failed, and know that it did', async () => {
    const { turns, failed } = row(10)
    const first = held()
    const error = new Error('gone')
    const one = turns.ask('a', first.work)
    const told: boolean[] = []
    void turns.ask('b', async (failedBefore) => void told.push(failedBefore))
    first.fail(error)
    expect(await one).toBe(false)
    await turns.ask('c', async (failedBefore) => void told.push(failedBefore))
    expect(told).toEqual([true, false])
    expect(failed).toEqual([error])
  })

  it('tell of a failure where they were asked for', async () => {
    const { turns, failed } = row(10)
    const mine: unknown[] = []
    await turns.ask(
      'a',
      () => Promise.reject('no'),
      (error) => mine.push(error),
    )
    expect([mine, failed]).toEqual([['no'], []])
  })

  it('are done once where the newest that waits is the very same', async () => {
    const { turns } = row(10)
    const first = held()
    let done = 0
    const work = async () => {
      await first.work()
      done++
    }
    const both = [turns.askOnce('pausing', work), turns.askOnce('pausing', work)]
    first.done()
    expect(await Promise.all(both)).toEqual([true, true])
    expect(done).toBe(1)
    expect(await turns.askOnce('pausing', work)).toBe(true)
    expect(done).toBe(2)
  })

  it('are turned down aloud when too many wait', async () => {
    const { turns, turnedDown } = row(2)
    const first = held()
    void turns.ask('a', first.work)
    const second = turns.ask('b', first.work)
    expect(turns.admit()).toBe(false)
    expect(await turns.ask('c', first.work)).toBe(false)
    expect(turnedDown()).toBe(2)
    first.done()
    await second
    expect(turns.admit()).toBe(true)
  })
})
