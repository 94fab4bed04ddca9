import { describe, expect, it } from 'vitest'
import { MedullaError } from '../../shared/errors.ts'
import { Standstill } from './standstill.ts'

const full = (message: string) => new MedullaError('disk-full', message, { remedy: 'Free some.' })

function standstill() {
  const changes: boolean[] = []
  const still = new Standstill((isStill) => changes.push(isStill))
  return { still, changes }
}

async function isOver(still: Standstill): Promise<boolean> {
  return Promise.race([still.over().then(() => true), new Promise<false>((resolve) => setImmediate(resolve, false))])
}

describe('a run that stands still', () => {
  it('because a hand said so, until a hand says otherwise', async () => {
    const { still, changes } = standstill()
    expect(await isOver(still)).toBe(true)
    still.pause()
    still.pause()
    expect(await isOver(still)).toBe(false)
    // What was never in the way does not let it go on by going away.
    still.hinder(null)
    expect(await isOver(still)).toBe(false)
    still.goOn()
    expect(await isOver(still)).toBe(true)
    expect(changes).toEqual([true, false])
  })

  it('because something is in the way, until it has gone or a hand tries again', async () => {
    const { still, changes } = standstill()
    still.hinder(full('5 MB left.'))
    expect(await isOver(still)).toBe(false)
    still.hinder(full('5 MB left.'))
    still.hinder(full('4 MB left.'))
    expect(still.obstacle?.message).toBe('4 MB left.')
    still.hinder(null)
    expect(await isOver(still)).toBe(true)
    still.hinder(full('3 MB left.'))
    still.goOn()
    expect(still.obstacle).toBeNull()
    expect(await isOver(still)).toBe(true)
    expect(changes).toEqual([true, true, false, true, false])
  })

  it('for both reasons, while either of them holds', async () => {
    const { still } = standstill()
    still.hinder(full('5 MB left.'))
    still.pause()
    still.hinder(null)
    expect(still.isStill).toBe(true)
    expect(await isOver(still)).toBe(false)
    still.goOn()
    expect(await isOver(still)).toBe(true)
  })

  it('no more once the run is over', async () => {
    const { still } = standstill()
    still.pause()
    const waiting = still.over()
    still.end()
    await waiting
    still.pause()
    still.hinder(full('0 MB left.'))
    expect(still.isStill).toBe(false)
  })
})
