import { join } from 'node:path'
import { expect, it } from 'vitest'
import { temporaryFolder } from '../support/data-folder.ts'
import { cellsAField, endure } from '../support/endurance/endure.ts'
import { ROOT } from '../support/medulla.ts'
import { noPtys } from '../support/pty.ts'
import { mountVolume } from '../support/volume.ts'

const volume = noPtys() ?? mountVolume(400_000)
if (typeof volume === 'string')
  console.log(`Skipped: a scan through kills, pulled cables, a camera that hangs and full disks. ${volume}.`)

/** No camera is quite straight. */
const MOUNT = 5
/**
 * Some hundred fields: where the processor lags behind the stage, a run that stands still commits up to two dozen before the next disturbance, and on
 * half as many fields a run was once over before all had come.
 */
const CELLS = 100 * cellsAField(MOUNT)

// The whole number, 100 kills, 20 unpluggings, 5 hangs and 5 full disks: `node benchmarks/endurance.ts`.
it.skipIf(typeof volume === 'string')(
  'a scan that is killed, unplugged, given one image again and again, and run out of disk ends as one in peace, to the last byte',
  { timeout: 1_200_000 },
  async () => {
    if (typeof volume === 'string') return
    try {
      const report = await endure({
        seed: 20261126,
        kills: 2,
        unplugs: 2,
        hangs: 1,
        diskFulls: 3,
        cells: CELLS,
        mount: MOUNT,
        model: join(ROOT, 'test/fixtures/models/colour'),
        volume: volume.path,
        folder: temporaryFolder(),
        note: (line) => console.log(line),
      })
      console.log(JSON.stringify(report))
      expect(report).toMatchObject({ kills: 2, unplugs: { stage: 1, camera: 1 }, hangs: 1 })
      expect(report).toMatchObject({ diskFulls: 3, refusedWhileFull: 1 })
      expect(report.missed).toBe(0)
      expect(report.cells).toBeGreaterThanOrEqual(CELLS)
      expect(report.differences).toEqual([])
      expect(report.findings).toEqual([])
    } finally {
      volume.remove()
    }
  },
)
