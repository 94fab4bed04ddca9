import { describe, expect, it } from 'vitest'
import { MedullaError } from '../../shared/errors.ts'
import type { DiskRoom } from './disk-room.ts'
import { DiskWatch } from './disk-watch.ts'
import { Standstill } from './standstill.ts'

const full = new MedullaError('disk-full', 'The disk is full.', { remedy: 'Free some.' })

/** A volume that says what it is told to say. */
function watched() {
  const volume = { isShort: false }
  const room = {
    measure: async () => undefined,
    shortage: async () => (volume.isShort ? full : null),
  } as unknown as DiskRoom
  const abort = new AbortController()
  const still = new Standstill(() => undefined)
  const watch = new DiskWatch({
    room,
    standstill: still,
    fieldsToGo: () => 10,
    fields: () => 3,
    signal: abort.signal,
  })
  return { volume, abort, still, watch }
}

describe('work that meets a full disk', () => {
  it('is done again until it succeeds, and only then does the run go on, whatever the volume says of its room', async () => {
    const { still, watch } = watched()
    const states: boolean[] = []
    const done = await watch.patiently(() => {
      states.push(still.isStill)
      if (states.length < 3) throw full
      return 'written'
    })
    expect(done).toBe('written')
    expect(states).toEqual([false, true, true])
    expect(still.isStill).toBe(false)
  })

  it('is not done again where anything else is wrong', async () => {
    const { still, watch } = watched()
    const broken = new Error('broken')
    let tries = 0
    const work = watch.patiently(() => {
      tries++
      throw broken
    })
    await expect(work).rejects.toBe(broken)
    expect(tries).toBe(1)
    expect(still.isStill).toBe(false)
  })

  it('is given up when the run ends', async () => {
    const { abort, still, volume, watch } = watched()
    volume.isShort = true
    const work = watch.patiently(() => {
      throw full
    })
    const ended = new Error('ended')
    setImmediate(() => abort.abort(ended))
    await expect(work).rejects.toBe(ended)
    expect(still.isStill).toBe(false)
  })
})

describe('a volume that is looked at', () => {
  it('lets the run stand still while it is short of room', async () => {
    const { still, volume, watch } = watched()
    volume.isShort = true
    watch.look()
    await new Promise((resolve) => setImmediate(resolve))
    await new Promise((resolve) => setImmediate(resolve))
    expect(still.obstacle).toBe(full)
    volume.isShort = false
    await still.over()
    expect(still.obstacle).toBeNull()
  })
})
