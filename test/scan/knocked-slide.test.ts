import { rmSync } from 'node:fs'
import { afterAll, describe, expect, it } from 'vitest'
import { openCasebook } from '../../src/main/casebook/open-casebook.ts'
import { temporaryFolder } from '../support/data-folder.ts'
import { scanWithFault } from '../support/scan-with-fault.ts'

describe('a slide that is knocked while it is scanned', { timeout: 600_000 }, () => {
  const folders = [temporaryFolder(), temporaryFolder()] as const
  afterAll(() => {
    for (const folder of folders) rmSync(folder, { recursive: true, force: true })
  })

  it('costs the fields that reach over what was scanned before, and they can be brought back', async () => {
    const { casebook, runId, lineUm } = await scanWithFault(folders[0], 'knock', null)
    try {
      const run = casebook.run(runId)
      expect(run).toMatchObject({ state: 'finished', stopped: 'region' })
      const fields = casebook.fields(runId)
      const below = fields.filter(({ stage }) => stage!.yUm > lineUm)
      const firstRowUm = Math.min(...below.map(({ stage }) => stage!.yUm))
      const out = fields.filter(({ leftOut }) => leftOut?.reason === 'stitch')
      expect(out.length).toBeGreaterThan(1)
      // Sure with the second of them, which fits the first.
      expect(run.flags).toMatchObject([{ kind: 'slip', field: out[1]!.index }])
      // All of the row that was scanned first after it, and none but these.
      expect(out.map(({ index }) => index)).toEqual(
        below.filter(({ stage }) => stage!.yUm < firstRowUm + 10).map(({ index }) => index),
      )
      for (const { leftOut } of out) expect(leftOut!.words).toMatch(/^place unclear: shows something else than/)
      expect(run.fieldsLeftOut).toBe(fields.filter(({ leftOut }) => leftOut).length)
      const areas = casebook.machineAreas(runId).map(({ field }) => field)
      for (const { index } of out) expect(areas).not.toContain(index)
      casebook.bringBackFields(
        runId,
        out.map(({ index }) => index),
        'A. Reader',
        'the seam was looked at',
      )
      const back = casebook.run(runId)
      expect(back.fieldsLeftOut).toBe(run.fieldsLeftOut - out.length)
      expect(back.counted).toBeGreaterThan(run.counted)
      expect(casebook.check()).toEqual([])
    } finally {
      casebook.close()
    }
  })

  it('costs the same fields where the run is broken off right behind it and resumed', async () => {
    const quiet = openCasebook(folders[0])
    const { casebook, runId } = await scanWithFault(folders[1], 'knock', 9)
    try {
      expect(casebook.gateReasons(runId)).toEqual(quiet.gateReasons(1))
      expect(casebook.stitches(runId)).toEqual(quiet.stitches(1))
      expect(casebook.run(runId).flags).toEqual(quiet.run(1).flags)
    } finally {
      casebook.close()
      quiet.close()
    }
  })
})
