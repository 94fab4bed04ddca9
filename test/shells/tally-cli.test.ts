import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { openCasebook } from '../../src/main/casebook/open-casebook.ts'
import { stageUm } from '../../src/shared/geometry.ts'
import { RESEARCH_USE_ONLY } from '../../src/shared/taxonomy.ts'
import { CASE, newField, newRun } from '../support/casebook-rows.ts'
import { temporaryFolder } from '../support/data-folder.ts'
import { medulla, ROOT } from '../support/medulla.ts'

test('cells counted by hand are listed, exported with their places, and held against a run', async () => {
  const folder = path.join(temporaryFolder(), 'data')
  mkdirSync(folder)
  const casebook = openCasebook(folder)
  const { caseId } = casebook.createCase(CASE)
  // A run from before its slide had a place on the stage: it is counted for itself.
  const { runId } = casebook.createRun(newRun(caseId))
  casebook.commitField(newField(runId, 0, 21))
  const { sittingId } = casebook.startSitting({
    caseId,
    reader: 'A. Reader',
    purpose: 'add',
    place: 'live',
    runId: null,
    frame: { rig: 'Stand 2', objective: '100x' },
    targetCells: null,
  })
  for (const code of ['NGS', 'NGS', 'EBO', 'ART'] as const)
    casebook.countCell(sittingId, code, { origin: stageUm(100, 200), width: 180, height: 140 })
  casebook.undoCell(sittingId)
  casebook.close()
  const data = ['--data', folder]

  expect(await medulla(['tally', 'list', String(caseId), ...data])).toMatchObject({
    exitCode: 0,
    json: {
      sittings: [{ sittingId, reader: 'A. Reader', counted: 3, cells: 3, views: 1 }],
      researchUseOnly: RESEARCH_USE_ONLY,
    },
  })
  const { json } = await medulla(['tally', 'export', String(caseId), ...data])
  expect(json).toMatchObject({
    sittings: [
      {
        counts: [
          { class: 'EBO', count: 1 },
          { class: 'NGS', count: 2 },
        ],
        differential: { counted: 3 },
      },
    ],
    areas: [
      { by: { kind: 'run', runId, field: 0 }, areaUm: null, frame: null, cells: 21 },
      {
        by: { kind: 'sitting', reader: 'A. Reader', view: 0 },
        areaUm: { x: 100, y: 200, width: 180, height: 140 },
        frame: { rig: 'Stand 2', objective: '100x', mounting: 0 },
        cells: 3,
      },
    ],
    putTogether: { counts: [{ differential: { counted: 3 } }, { differential: { counted: 18 } }] },
    researchUseOnly: RESEARCH_USE_ONLY,
  }) // prettier-ignore
  expect((json as { putTogether: { problem: string } }).putTogether.problem).toContain('not put together')
  const compared = await medulla(['tally', 'compare', String(sittingId), String(runId), ...data])
  expect(compared).toMatchObject({
    exitCode: 0,
    json: { sameArea: null, whole: { manual: { counted: 3 }, machine: { counted: 18 } } },
  })
  expect(await medulla(['tally', 'compare', '9', String(runId), ...data])).toMatchObject({
    exitCode: 1,
    json: { error: { code: 'not-found' } },
  })
  const cli = path.join(ROOT, 'src/main/cli.ts')
  const text = execFileSync(process.execPath, [cli, 'tally', 'export', String(caseId), ...data], { encoding: 'utf8' })
  expect(text).toContain('Sitting 1: A. Reader')
  expect(text).toMatch(/A\. Reader by hand \(sitting 1, place 1\) +100\.0 +200\.0 +180\.0 +140\.0 +3 /)
  expect(text).toContain(RESEARCH_USE_ONLY)
})
