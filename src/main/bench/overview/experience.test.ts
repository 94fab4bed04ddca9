import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { CASE, newField, newRun } from '../../../../test/support/casebook-rows.ts'
import { temporaryFolder } from '../../../../test/support/data-folder.ts'
import type { OverviewSummary } from '../../../shared/contract/overview.ts'
import type { Casebook } from '../../casebook/casebook.ts'
import { openCasebook } from '../../casebook/open-casebook.ts'
import { experienceOf } from './experience.ts'

const rig = {
  kind: 'simulated',
  profile: 'normal',
  seed: 1,
  timeScale: 1,
  mount: null,
  stage: 'good',
  objective: null,
} as const

let casebook: Casebook
let overview: OverviewSummary
beforeEach(() => {
  casebook = openCasebook(temporaryFolder())
  const { overviewId } = casebook.createOverview({
    caseId: null,
    rig: { ...rig, profile: 'cll', seed: 7 },
    extent: { xUm: 0, yUm: 0, widthUm: 5000, heightUm: 3000 },
    pitchUm: 500,
    pixelSizeUm: 0.092,
    step: { widthUm: 168, heightUm: 121 },
    plannedPlaces: 60,
  })
  overview = casebook.endOverview(overviewId, 'done', { focus: '{}', pace: { placeMs: 300, focusMs: 1200 } })
})
afterEach(() => casebook.close())

/** A run whose first field is there after so many seconds, each further one so much later. */
function ran(firstS: number, perFieldS: number, fields: number, changes: Parameters<typeof newRun>[1] = {}): number {
  const { caseId } = casebook.createCase({ ...CASE, accession: `A${casebook.listCases().length}` })
  const { runId } = casebook.createRun(newRun(caseId, { rig, ...changes }))
  for (let index = 0; index < fields; index++)
    casebook.commitField({ ...newField(runId, index, 0), scanningMs: 1000 * (firstS + index * perFieldS) })
  return runId
}

const pace = () => experienceOf(casebook, overview).pace!

describe('the pace of the next run', () => {
  test('is that of runs before it on the same microscope, whatever smear lay on it: what comes once apart from what comes a field', () => {
    ran(15, 0.4, 21)
    // As the first, with twice and five times its fields: neither pace nor what comes once depends on how many there were.
    const { secondsPerField, onceSeconds, from } = pace()
    expect({ secondsPerField, from }).toEqual({ secondsPerField: expect.closeTo(0.4), from: 'runs' })
    ran(15, 0.4, 42)
    ran(15, 0.4, 105)
    expect(pace().secondsPerField).toBeCloseTo(0.4)
    expect(pace().onceSeconds).toBeCloseTo(onceSeconds)
    // The first field is one of the fields; something comes after the last.
    expect(onceSeconds).toBeGreaterThan(15 - 0.4)
    expect(onceSeconds).toBeLessThan(15 + 3)
  })

  test('may be quick after a long search for focus', () => {
    // More went by before the first field than nine searches of the overview take, and less than that in all.
    ran(30, 0.1, 20)
    expect(pace()).toMatchObject({ from: 'runs', secondsPerField: expect.closeTo(0.1) })
    expect(pace().onceSeconds).toBeGreaterThan(29)
  })

  test('is as uncertain as runs differ', () => {
    ran(15, 0.4, 20)
    const { error } = pace()
    ran(15, 0.8, 20)
    expect(pace().secondsPerField).toBeCloseTo(0.6)
    expect(pace().error).toBeCloseTo(0.2 / 0.6)
    expect(pace().error).toBeGreaterThan(error)
  })

  test('is the overview its own where no run tells it: of another microscope, of few fields, or none', () => {
    expect(pace().from).toBe('overview')
    ran(15, 0.4, 20, { rig: { ...rig, stage: 'worn' } })
    ran(15, 0.4, 5)
    const { secondsPerField, onceSeconds, from } = pace()
    expect(from).toBe('overview')
    // A field takes no less than a place, and nine places are focused first.
    expect(secondsPerField).toBeGreaterThanOrEqual(0.3)
    expect(onceSeconds).toBeGreaterThan(9 * (1.2 + 0.3))
    expect(experienceOf(casebook, { ...overview, pace: null }).pace).toBeNull()
  })

  test('a run that was begun before its first field was timed tells nothing', () => {
    const runId = ran(0, 0, 0)
    for (let index = 0; index < 20; index++) casebook.commitField(newField(runId, index, 0))
    casebook.commitField({ ...newField(runId, 20, 0), scanningMs: 20_000 })
    expect(casebook.run(runId)).toMatchObject({ scanningSeconds: 20, firstFieldSeconds: null })
    expect(pace().from).toBe('overview')
  })
})
