import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../support/data-folder.ts'
import { medulla, ROOT } from '../support/medulla.ts'

const EXAMPLE = path.join(ROOT, 'docs/rigs/emulated-asi.json')

test('rig files are checked, taken in and listed', async () => {
  const folder = temporaryFolder()
  const data = ['--data', path.join(folder, 'data')]
  const checked = await medulla(['rig', 'check', EXAMPLE, ...data])
  expect(checked).toMatchObject({ exitCode: 0, json: { problems: [], rig: { stage: { driver: 'asi' } } } })

  const broken = path.join(folder, 'broken.json')
  writeFileSync(broken, readFileSync(EXAMPLE, 'utf8').replace('"asi"', '"zeiss"'))
  const refused = await medulla(['rig', 'check', broken, ...data])
  expect(refused).toMatchObject({
    exitCode: 1,
    json: { rig: null, problems: [expect.stringContaining('stage.driver')] },
  })
  expect(await medulla(['rig', 'add', broken, ...data])).toMatchObject({
    exitCode: 1,
    json: { error: { code: 'invalid-input', message: expect.stringContaining('stage.driver') } },
  })
  expect(await medulla(['rig', 'check', path.join(folder, 'none.json'), ...data])).toMatchObject({
    exitCode: 1,
    json: { error: { code: 'not-found' } },
  })

  const added = await medulla(['rig', 'add', EXAMPLE, ...data])
  expect(added).toMatchObject({ exitCode: 0, json: { rigId: 'emulated-asi-stage-simulated-camera', problem: null } })
  const { json } = await medulla(['rig', 'list', ...data])
  expect(json).toMatchObject({ rigs: [{ rigId: 'emulated-asi-stage-simulated-camera' }] })
})
