import path from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { bundledModelFolder } from '../../src/main/inference/bundled.ts'
import { readDescription } from '../../src/main/inference/package.ts'
import { describeDesk } from '../support/desk-in-browser.ts'
import { ROOT } from '../support/medulla.ts'

const PATIENCE_MS = 90_000
const PACKAGE = path.join(ROOT, 'test/fixtures/models/colour-full')

describeDesk('the models page', { timeoutMs: 240_000, viewport: { width: 1280, height: 800 } }, (desk) => {
  /** The model that comes with Medulla, NAME@VERSION. */
  let bundled: string

  beforeAll(async () => {
    const { manifest } = await readDescription(bundledModelFolder())
    bundled = `${manifest.name}@${manifest.version}`
    await desk.page.getByTestId('welcome-scan').waitFor({ timeout: PATIENCE_MS })
    await desk.page.getByTestId('model').click()
    await desk.page.getByTestId('to-models').click()
    await desk.page.getByTestId('model-list').waitFor({ timeout: PATIENCE_MS })
  }, 240_000)

  const inUse = (ref: string) => desk.page.locator(`[data-testid="model-${ref}"][data-in-use="true"]`)

  test('lists the model that comes with Medulla, in use and not to be removed', async () => {
    await inUse(bundled).waitFor({ timeout: PATIENCE_MS })
    expect(await desk.page.getByTestId(`remove-${bundled}`).count()).toBe(0)
  })

  test('says what is wrong with a folder that is no package, and keeps what there is', async () => {
    await desk.page.getByTestId('model-path').fill(path.join(ROOT, 'docs'))
    await desk.page.getByTestId('model-add').click()
    const problem = desk.page.getByTestId('models-problem')
    await problem.waitFor({ timeout: PATIENCE_MS })
    expect(await problem.textContent()).toContain('manifest.json')
    expect(await desk.page.getByTestId('model-list').locator('li[data-in-use]').count()).toBe(1)
  })

  test('adds a package, verifies it, shows its card', async () => {
    await desk.page.getByTestId('model-path').fill(PACKAGE)
    await desk.page.getByTestId('model-add').click()
    await desk.page.getByTestId('model-colour-full@1').waitFor({ timeout: PATIENCE_MS })
    await desk.page.getByTestId('verify-colour-full@1').click()
    const report = desk.page.getByTestId('verified-colour-full@1')
    await report.waitFor({ timeout: PATIENCE_MS })
    expect(await report.getAttribute('data-holds')).toBe('true')
    expect(await report.textContent()).toContain('6 test crops')
    await desk.page.getByTestId('card-colour-full@1').click()
    const card = desk.page.getByTestId('model-card')
    await expect.poll(() => card.textContent(), { timeout: PATIENCE_MS }).toContain('colour-full, version 1')
    expect(await card.textContent()).toContain('90 % (68–99)')
    await desk.page.getByTestId('to-models').click()
  })

  test('puts a model to use, then the first one again, and removes the other', async () => {
    await desk.page.getByTestId('use-colour-full@1-int8').click()
    await inUse('colour-full@1').waitFor({ timeout: PATIENCE_MS })
    await expect
      .poll(() => desk.page.getByTestId('model').textContent(), { timeout: PATIENCE_MS })
      .toContain('colour-full')
    await desk.page.getByTestId(`use-${bundled}-float`).click()
    await inUse(bundled).waitFor({ timeout: PATIENCE_MS })
    await desk.page.getByTestId('remove-colour-full@1').click()
    await desk.page.getByTestId('remove-colour-full@1').click()
    await desk.page.getByTestId('model-colour-full@1').waitFor({ state: 'detached', timeout: PATIENCE_MS })
    expect(desk.faults).toEqual([])
  })
})
