import { beforeEach, expect, test } from 'vitest'
import { temporaryFolder } from '../../../test/support/data-folder.ts'
import { drawnOverview } from '../../../test/support/drawn-overview.ts'
import type { Casebook, NewOverview } from './casebook.ts'
import { openCasebook } from './open-casebook.ts'

let casebook: Casebook
let dataFolder: string
beforeEach(() => {
  dataFolder = temporaryFolder()
  casebook = openCasebook(dataFolder)
  return () => casebook.close()
})

const made: NewOverview = {
  caseId: null,
  rig: { kind: 'simulated', profile: 'normal', seed: 1, timeScale: 1, mount: null, stage: 'good', objective: null },
  extent: { xUm: 0, yUm: 0, widthUm: 1000, heightUm: 500 },
  pitchUm: 250,
  pixelSizeUm: 0.092,
  step: { widthUm: 168, heightUm: 121 },
  plannedPlaces: 8,
}
const places = drawnOverview(4, 2, 250, () => ({}))
const aCase = () =>
  casebook.createCase({
    accession: 'A-1',
    patientName: null,
    birthYear: null,
    sex: null,
    specimen: 'Smear',
    stain: 'MGG',
  })
const aRun = (caseId: number, overviewId: number) =>
  casebook.createRun({
    rig: made.rig,
    targetCells: 500,
    stopWhen: [],
    caseId,
    area: { overviewId, rects: [made.extent], excluded: [{ ...made.extent, widthUm: 10 }] },
    order: 'nearest',
    plan: '{}',
    plannedFields: 3,
    slideWidthPx: 100,
    slideHeightPx: 100,
    pixelSizeUm: 0.092,
    model: null,
  })

test('an overview grows place by place and is read again as it was, also after the casebook was closed', () => {
  const { overviewId } = casebook.createOverview(made)
  for (const place of places.slice(0, 5)) casebook.addOverviewPlace(overviewId, place)
  casebook.setPlannedPlaces(overviewId, 11)
  expect(casebook.overview(overviewId)).toMatchObject({
    ...made,
    state: 'looking',
    places: 5,
    plannedPlaces: 11,
    finishedAt: null,
  })
  for (const place of places.slice(5)) casebook.addOverviewPlace(overviewId, place)
  casebook.endOverview(overviewId, 'done', { focus: '{"a":1}', pace: { placeMs: 150, focusMs: 900 } })
  casebook.close()
  casebook = openCasebook(dataFolder)
  expect(casebook.overviewPlaces(overviewId)).toEqual(places)
  expect(casebook.overviewPlaces(overviewId, 6)).toEqual(places.slice(6))
  expect(casebook.overview(overviewId)).toMatchObject({ state: 'done', pace: { placeMs: 150, focusMs: 900 } })
  expect(casebook.overviewFocus(overviewId)).toBe('{"a":1}')
  expect(casebook.check()).toEqual([])
})

test('one that a vanished process left is interrupted; what it saw stays', () => {
  const { overviewId } = casebook.createOverview(made)
  casebook.addOverviewPlace(overviewId, places[0]!)
  expect(casebook.markInterrupted()).toBe(1)
  expect(casebook.overview(overviewId)).toMatchObject({ state: 'interrupted', places: 1 })
  expect(casebook.overviewPlaces(overviewId)).toEqual([places[0]])
})

test('it belongs to the case of the first run that names it, and the run names the area it scans', () => {
  const { caseId } = aCase()
  const { overviewId } = casebook.createOverview(made)
  expect(casebook.overviews(caseId)).toEqual([])
  const run = aRun(caseId, overviewId)
  expect(casebook.run(run.runId)).toMatchObject({
    order: 'nearest',
    area: { overviewId, rects: [made.extent], excluded: [{ ...made.extent, widthUm: 10 }] },
  })
  expect(casebook.overviews(caseId).map((each) => each.overviewId)).toEqual([overviewId])
  const another = casebook.createCase({ ...aCaseLike, accession: 'A-2' })
  aRun(another.caseId, overviewId)
  expect(casebook.overview(overviewId).caseId).toBe(caseId)
})

const aCaseLike = { patientName: null, birthYear: null, sex: null, specimen: 'Smear', stain: 'MGG' }

test('what is not there is said', () => {
  expect(() => casebook.overview(9)).toThrowError(expect.objectContaining({ code: 'not-found' }))
  expect(() => casebook.overviewPlaces(9)).toThrowError(expect.objectContaining({ code: 'not-found' }))
  expect(() => casebook.createOverview({ ...made, caseId: 9 })).toThrowError(
    expect.objectContaining({ code: 'not-found' }),
  )
  expect(() => aRun(aCase().caseId, 9)).toThrowError(expect.objectContaining({ code: 'not-found' }))
})
