import { spawnSync } from 'node:child_process'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Cell } from '../../src/shared/contract/cells.ts'
import { CLASS_CODES, RESEARCH_USE_ONLY } from '../../src/shared/taxonomy.ts'
import { temporaryFolder } from '../support/data-folder.ts'
import { medulla, ROOT, startMedulla } from '../support/medulla.ts'

const MODEL = ['--model', path.join(ROOT, 'test/fixtures/models/colour')]

interface Row {
  readonly class: string
  readonly count: number
  readonly percent: number | null
}

describe('a simulated scan', () => {
  const data = temporaryFolder()
  const scan = [
    'scan',
    '--rig',
    'simulated',
    '--profile',
    'normal',
    '--seed',
    '3',
    '--cells',
    '40',
    '--time-scale',
    '50',
  ]
  let runId = 0

  test('answers with one object of the agreed shape', async () => {
    const { json, exitCode, stderr } = await medulla([...scan, '--data', data, ...MODEL])
    expect(exitCode, stderr).toBe(0)
    const result = json as {
      runId: number
      counted: number
      cells: number
      differential: Row[]
      truth: Row[]
      excluded: Row[]
      unclassified: number
    }
    runId = result.runId
    expect(json).toMatchObject({
      stopped: 'cells',
      fields: expect.any(Number),
      model: 'colour 1',
      dataFolder: data,
      meRatio: { myeloid: expect.any(Number), erythroid: expect.any(Number) },
      researchUseOnly: RESEARCH_USE_ONLY,
    })
    expect(result.counted).toBeGreaterThanOrEqual(40)
    const sum = (rows: readonly Row[]) => rows.reduce((total, row) => total + row.count, 0)
    expect(sum(result.differential)).toBe(result.counted)
    expect(result.counted + sum(result.excluded) + result.unclassified).toBe(result.cells)
    expect(result.differential.every((row) => CLASS_CODES.some((code) => code === row.class))).toBe(true)
    const truePercent = result.truth.reduce((total, row) => total + (row.percent ?? 0), 0)
    expect(truePercent).toBeCloseTo(100, 6)
  })

  test('its cells and its truth lie in the same fields', async () => {
    const { json: found } = await medulla(['cells', String(runId), '--data', data])
    const { json: truth } = await medulla(['truth', String(runId), '--data', data])
    const cells = (found as { cells: Cell[] }).cells
    for (const cell of cells) {
      expect(cell).toMatchObject({ xPx: expect.any(Number), probability: expect.any(Number), image: null })
    }
    const fields = new Set(cells.map((cell) => cell.field))
    const inScannedFields = (truth as { cells: Cell[] }).cells.filter((cell) => fields.has(cell.field))
    expect(inScannedFields.length).toBeGreaterThan(20)
  })

  test('its differential in every view, and its case', async () => {
    for (const view of ['machine', 'reviewed', 'corrected']) {
      const { json } = await medulla(['differential', String(runId), '--view', view, '--data', data])
      expect(json).toMatchObject({ runId, view, differential: expect.any(Array) })
    }
    const { json } = await medulla(['cases', '--data', data])
    expect(json).toMatchObject({ cases: [{ runs: [{ runId, state: 'finished' }] }] })
  })

  test('why nothing is corrected, and that this model has no doubts', async () => {
    const { json } = await medulla(['differential', String(runId), '--view', 'corrected', '--data', data])
    expect(json).toMatchObject({
      correction: { problem: expect.stringContaining('no confusion matrix'), counted: null },
      doubt: { unsure: null, unfamiliar: null },
    })
    const refused = await medulla(['cells', String(runId), '--error-rate', '0.02', '--data', data])
    expect(refused.exitCode).toBe(1)
    expect(refused.json).toMatchObject({ error: { code: 'invalid-input' } })
  })

  test('for people: a table, and what it may be used for', () => {
    const cli = path.join(ROOT, 'src/main/cli.ts')
    const { stdout, status } = spawnSync(process.execPath, [cli, 'differential', String(runId), '--data', data], {
      encoding: 'utf8',
    })
    expect(status).toBe(0)
    expect(stdout).toContain('95 % interval')
    expect(stdout.trimEnd().endsWith(RESEARCH_USE_ONLY)).toBe(true)
  })

  test('goes on by another rule, and says which ended it', async () => {
    const until = ['--until', '60 cells and 0.001 min', '--until', '1000000 cells']
    const { json, exitCode, stderr } = await medulla(['resume', String(runId), ...until, '--data', data, ...MODEL])
    expect(exitCode, stderr).toBe(0)
    const rules = [
      { kind: 'cells', cells: 60 },
      { kind: 'time', minutes: 0.001 },
    ]
    expect(json).toMatchObject({
      runId,
      stopped: 'rule',
      targetCells: 1_000_000,
      stopWhen: [rules],
      stoppedBy: rules.map((rule) => ({ rule, met: true })),
    })
    const again = await medulla(['resume', String(runId), '--data', data, ...MODEL])
    expect(again.json).toMatchObject({ error: { code: 'run-not-active' } })
  })

  test('refuses a rule that its model can never meet, and one that cannot be read', async () => {
    const refused = await medulla([...scan, '--until', 'blasts clear of 5%', '--data', data, ...MODEL])
    expect(refused.json).toMatchObject({
      error: { code: 'invalid-input', message: expect.stringContaining('does not state') },
    })
    const unread = await medulla(['scan', '--until', 'blasts below 5%', '--data', data])
    expect(unread.json).toMatchObject({ error: { code: 'invalid-input' } })
    expect([refused.exitCode, unread.exitCode]).toEqual([1, 1])
  })

  test('lists what may be of a rare class, and keeps who looked', async () => {
    const search = ['search', String(runId), '--class', 'segmented neutrophils', '--data', data]
    const { json } = await medulla(search)
    const report = json as { state: string; candidates: unknown[] }
    expect(json).toMatchObject({
      class: 'NGS',
      atLeast: null,
      atMost: null,
      problem: expect.stringContaining('never tried'),
      statement: expect.stringContaining('nothing can be assured'),
    })
    expect(report.candidates.length).toBeGreaterThan(0)
    const signed = await medulla([...search, '--looked-at', 'A. Reader'])
    // They are called so, and were left so.
    expect(signed.json).toMatchObject({
      state: 'found',
      found: report.candidates.length,
      toLookAt: 0,
      reviews: [{ reader: 'A. Reader', candidates: report.candidates.length }],
    })
    const artefacts = await medulla(['search', String(runId), '--class', 'ART', '--data', data])
    expect(artefacts.json).toMatchObject({ error: { code: 'invalid-input' } })
  })
})

test('Ctrl-C pauses a scan, which can be resumed', async () => {
  const data = temporaryFolder()
  const running = startMedulla(['scan', '--cells', '100000', '--time-scale', '50', '--data', data, ...MODEL])
  await new Promise<void>((resolve) => {
    running.process.stderr?.on('data', (text: string) => text.includes('Run 1 in') && resolve())
  })
  running.process.kill('SIGINT')
  const stopped = await running.ended
  expect(stopped.json).toMatchObject({ error: { code: 'interrupted' }, runId: 1 })
  expect(stopped.exitCode).toBe(130)
  const { json } = await medulla(['cases', '--data', data])
  expect(json).toMatchObject({ cases: [{ runs: [{ state: expect.stringMatching(/^(paused|interrupted)$/) }] }] })
  const resumed = startMedulla(['resume', '1', '--data', data, ...MODEL])
  await new Promise<void>((resolve) => {
    resumed.process.stderr?.on('data', () => resolve())
  })
  resumed.process.kill('SIGINT')
  expect((await resumed.ended).exitCode).toBe(130)
})
