import { fileURLToPath } from 'node:url'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../../../test/support/data-folder.ts'
import { Models } from './models.ts'

const FOLDER = fileURLToPath(new URL('../../../test/fixtures/models/colour', import.meta.url))

test('closing waits for a model that was only just given back, while its threads still compute', async () => {
  const settings = { model: FOLDER, precision: null, provider: 'cpu' } as const
  const models = new Models(temporaryFolder(), settings, pino({ level: 'silent' }))
  // One of its own, as a run that is resumed has.
  const { classifier, giveBack } = await models.borrowAt({ folder: FOLDER, variant: 'float' })
  const { sizePx } = classifier.manifest.input
  let settled = false
  const classified = classifier.classify(new Uint8Array(400 * sizePx * sizePx * 3), 400).then(
    () => {
      settled = true
    },
    () => {
      settled = true
    },
  )
  giveBack()
  expect(settled).toBe(false)
  await models.close()
  // Not because this test waited for it.
  expect(settled).toBe(true)
  await classified
})
