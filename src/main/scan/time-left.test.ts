import { describe, expect, it } from 'vitest'
import { CommitPace } from './commit-pace.ts'
import { secondsLeft } from './time-left.ts'

const pace = { msPerField: 500, sinceLastMs: 0 }
const left = { pace, fields: 20, counted: 200, fieldsToGo: 100, cellsToGo: 300, msToGo: null }

describe('secondsLeft', () => {
  it('takes the end that comes first', () => {
    expect(secondsLeft(left)).toBe(15)
    expect(secondsLeft({ ...left, fieldsToGo: 4 })).toBe(2)
    expect(secondsLeft({ ...left, msToGo: 1500 })).toBe(1.5)
  })

  it('counts whole fields for the cells, and down from the newest', () => {
    expect(secondsLeft({ ...left, cellsToGo: 1 })).toBe(0.5)
    expect(secondsLeft({ ...left, cellsToGo: 1, pace: { ...pace, sinceLastMs: 200 } })).toBe(0.3)
  })

  it('is unknown at the start and where no end is known', () => {
    expect(secondsLeft({ ...left, pace: { ...pace, msPerField: null } })).toBeNull()
    expect(secondsLeft({ ...left, fieldsToGo: null, cellsToGo: null })).toBeNull()
    expect(secondsLeft({ ...left, counted: 0, fieldsToGo: null })).toBeNull()
    // A rule of time needs no pace.
    expect(secondsLeft({ ...left, pace: { ...pace, msPerField: null }, msToGo: 1500 })).toBe(1.5)
  })

  it('does not go below zero when the target is passed', () => {
    expect(secondsLeft({ ...left, cellsToGo: -4 })).toBe(0)
    expect(secondsLeft({ ...left, cellsToGo: 1, pace: { ...pace, sinceLastMs: 900 } })).toBe(0)
  })
})

describe('the pace of commits', () => {
  it('is not that of what went before the first', () => {
    const clock = { activeMs: 12_000 }
    const commits = new CommitPace(clock)
    expect(commits).toMatchObject({ msPerField: null, sinceLastMs: 0 })
    for (const activeMs of [14_000, 14_500, 15_100]) {
      clock.activeMs = activeMs
      commits.committed()
      expect(commits.msPerField).toBeNull()
    }
    clock.activeMs = 15_500
    commits.committed()
    expect(commits).toMatchObject({ msPerField: 500, sinceLastMs: 0 })
    clock.activeMs = 15_800
    expect(commits).toMatchObject({ msPerField: 500, sinceLastMs: 300 })
  })
})
