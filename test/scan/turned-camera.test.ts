import { rmSync } from 'node:fs'
import { afterAll, describe, expect, it } from 'vitest'
import { temporaryFolder } from '../support/data-folder.ts'
import { scanWithFault } from '../support/scan-with-fault.ts'

describe('a camera that is mounted upside down and was not calibrated', { timeout: 600_000 }, () => {
  const folders = [temporaryFolder(), temporaryFolder()] as const
  afterAll(() => {
    for (const folder of folders) rmSync(folder, { recursive: true, force: true })
  })

  it('is told of once, after a few fields, with what to do; broken off and resumed as well', async () => {
    const told = []
    for (const [folder, brokenOffAfter] of [
      [folders[0], null],
      [folders[1], 3],
    ] as const) {
      const { casebook, runId } = await scanWithFault(folder, 'half-turn', brokenOffAfter)
      const { flags, fields, fieldsLeftOut } = casebook.run(runId)
      casebook.close()
      expect(fieldsLeftOut).toBeGreaterThan(fields / 2)
      expect(flags.map(({ kind }) => kind)).toEqual(['misfit'])
      expect(flags[0]!.field).toBeLessThan(6)
      expect(flags[0]!.words).toContain('calibrate')
      told.push(flags)
    }
    expect(told[1]).toEqual(told[0])
  })
})
