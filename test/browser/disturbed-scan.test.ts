import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { RESERVE_BYTES } from '../../src/main/scan/disk-room.ts'
import { temporaryFolder } from '../support/data-folder.ts'
import { describeDesk } from '../support/desk-in-browser.ts'
import { emulatedRig } from '../support/emulated-rig.ts'
import { noPtys, PtyCable } from '../support/pty.ts'
import { grey } from '../support/slide-picture.ts'
import { emptyVolume, fillVolume, mountVolume, type Volume } from '../support/volume.ts'

const KIBIBYTES = 600 * 1024
const RUN = { runId: 1 }

const mounted = mountVolume(KIBIBYTES)
const volume: Volume | null = typeof mounted === 'string' ? null : mounted
const missing = typeof mounted === 'string' ? mounted : noPtys()
if (missing) console.log(`Skipped: a disturbed scan that is looked at. This machine ${missing}.`)
afterAll(() => volume?.remove())

const ports = temporaryFolder()
const rig = emulatedRig(ports)
const cable = new PtyCable(rig.stage.port, rig.camera.emulator)
afterAll(() => cable.unplug())

if (!missing)
  describeDesk(
    'a scan whose stage is unplugged and whose disk fills, with the window looking on',
    {
      timeoutMs: 400_000,
      dataFolder: join(volume!.path, 'data'),
      before: async (client) => {
        await cable.plug()
        await client.runs.start({ rig: { kind: 'microscope', rig }, targetCells: 2000 })
      },
    },
    (desk) => {
      const committed = async () => (await desk.client.runs.get(RUN)).fields
      const goesOn = async () => {
        const before = await committed()
        await expect.poll(committed, { timeout: 120_000 }).toBeGreaterThan(before + 2)
      }
      const obstacle = () => desk.page.getByTestId('run-obstacle')
      const problem = () => desk.page.getByTestId('run-problem')

      test('says what is in the way of it, then goes on, and shows every field', async () => {
        await goesOn()
        await cable.unplug()
        // The stage is waited for; where that takes too long the run fails, and says what to do.
        const told = async () => `${await desk.text('activity')} ${(await problem().count()) > 0}`
        await expect.poll(told, { timeout: 60_000 }).toMatch(/waiting for the stage|waiting for stage|true$/)
        await desk.picture('unplugged')
        await cable.plug()
        // On a busy machine it may be back later than the stage is waited for: then it is for the person to go on.
        if ((await problem().count()) > 0) {
          expect(await problem().textContent()).toMatch(/cable|stage/i)
          await desk.page
            .getByRole('button', { name: /Resume|Continue|Go on/ })
            .first()
            .click()
        }
        await goesOn()

        fillVolume(volume!.path, RESERVE_BYTES / 2)
        await obstacle().waitFor({ timeout: 60_000 })
        expect(await obstacle().textContent()).toMatch(/The scan is paused\. Disk nearly full: \d+ MB left/)
        await desk.picture('disk-full')
        emptyVolume(volume!.path)
        await obstacle().waitFor({ state: 'detached', timeout: 60_000 })
        await goesOn()

        const run = await desk.client.runs.stop(RUN)
        const { fields } = await desk.client.slide.fields(RUN)
        expect(fields).toHaveLength(run.fields)
        await expect.poll(() => desk.text('run-state'), { timeout: 60_000 }).toMatch(/finished/)
        await desk.page.keyboard.press('f')
        for (const { slideX, slideY, widthPx, heightPx } of fields) {
          const square = { x: slideX + widthPx / 2, y: slideY + heightPx / 2, side: heightPx / 2 }
          await expect.poll(() => desk.page.evaluate(grey, square), { timeout: 30_000 }).not.toBeNull()
        }
        expect(await desk.text('counted')).toBe(String(run.counted))
        expect(desk.faults).toEqual([])
      })
    },
  )
