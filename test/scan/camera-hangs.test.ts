import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, it } from 'vitest'
import { temporaryFolder } from '../support/data-folder.ts'
import { benchOnCables } from '../support/endurance/bench-on-cables.ts'
import { compareRuns, fieldsIn } from '../support/endurance/compare-runs.ts'
import { type CommandResult, medulla, ROOT, type RunningCommand, startMedulla } from '../support/medulla.ts'
import { noPtys } from '../support/pty.ts'

const missing = noPtys()
if (missing) console.log(`Skipped: a scan whose camera hangs. On this machine ${missing}.`)

/** About fifty fields: twice what may be exposed ahead of the last one that is committed, so that a camera which hangs is met. */
const CELLS = '1000'
const MODEL = ['--model', join(ROOT, 'test/fixtures/models/colour')]

const cleanUps: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
})

function expectHangs({ exitCode, json, stderr }: CommandResult): void {
  expect(exitCode, stderr).toBe(1)
  expect((json as { error: unknown }).error).toMatchObject({
    code: 'device-failed',
    message: expect.stringContaining('hangs'),
    remedy: expect.stringContaining('Unplug the camera'),
  })
}

it.skipIf(missing)(
  'a scan whose camera hangs says so, also when it was killed meanwhile, and ends with the cells of one left in peace',
  { timeout: 600_000 },
  async () => {
    const folder = temporaryFolder()
    const { rigPath, cables, hangCamera } = benchOnCables(folder, null)
    for (const cable of Object.values(cables)) {
      await cable.plug()
      cleanUps.push(() => cable.unplug())
    }
    const plugAnew = async () => {
      await cables.camera.unplug()
      await cables.camera.plug()
    }
    const [quiet, disturbed] = [join(folder, 'quiet'), join(folder, 'disturbed')]
    const scan = (data: string) => ['scan', '--rig', rigPath, '--cells', CELLS, ...MODEL, '--data', data]
    const resume = ['resume', '1', ...MODEL, '--data', disturbed]
    expect((await medulla(scan(quiet))).exitCode).toBe(0)

    const until = async (fields: number, { ended }: RunningCommand) => {
      const early = ended.then(({ stderr }) => expect.fail(`it ended before ${fields} fields: ${stderr}`))
      const there = async () => {
        while (fieldsIn(disturbed) < fields) await sleep(25)
      }
      await Promise.race([there(), early])
      early.catch(() => undefined)
    }
    const first = startMedulla(scan(disturbed))
    await until(2, first)
    hangCamera()
    expectHangs(await first.ended)
    // Resumed with nothing done about it, it is told before anything else, and nothing is added.
    const kept = fieldsIn(disturbed)
    expectHangs(await medulla(resume))
    expect(fieldsIn(disturbed)).toBe(kept)

    await plugAnew()
    const second = startMedulla(resume)
    await until(kept + 2, second)
    hangCamera()
    second.process.kill('SIGKILL')
    await second.ended
    expectHangs(await medulla(resume))

    await plugAnew()
    const { exitCode, stderr } = await medulla(resume)
    expect(exitCode, stderr).toBe(0)
    const { compared, differences } = compareRuns(quiet, disturbed)
    expect(differences).toEqual([])
    expect(compared.cells).toBeGreaterThanOrEqual(Number(CELLS))
  },
)
