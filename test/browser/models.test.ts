import path from 'node:path'
import type { Browser, Page } from 'playwright'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildIfStale } from '../../scripts/build-if-stale.ts'
import { bundledModelFolder } from '../../src/main/inference/bundled.ts'
import { readDescription } from '../../src/main/inference/package.ts'
import { findChromium, launchChromium } from '../support/chromium.ts'
import { temporaryFolder } from '../support/data-folder.ts'
import { watchForFaults } from '../support/desk.ts'
import { ROOT } from '../support/medulla.ts'
import { type Served, startServer } from '../support/served.ts'

const executable = findChromium()
if (!executable) console.log('Skipped: models in a browser. There is no Chromium; MEDULLA_CHROMIUM can name one.')

const PATIENCE_MS = 90_000
const PACKAGE = path.join(ROOT, 'test/fixtures/models/colour-full')

describe.skipIf(!executable)('the models page', { timeout: 240_000 }, () => {
  let browser: Browser
  let server: Served
  let page: Page
  let faults: string[]
  /** The model that comes with Medulla, NAME@VERSION. */
  let bundled: string

  beforeAll(async () => {
    buildIfStale()
    const { manifest } = await readDescription(bundledModelFolder())
    bundled = `${manifest.name}@${manifest.version}`
    browser = await launchChromium(executable!)
    server = await startServer(temporaryFolder())
    page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
    faults = watchForFaults(page)
    await page.goto(server.link)
    await page.getByTestId('welcome-scan').waitFor({ timeout: PATIENCE_MS })
    await page.getByTestId('model').click()
    await page.getByTestId('to-models').click()
    await page.getByTestId('model-list').waitFor({ timeout: PATIENCE_MS })
  }, 240_000)
  afterAll(async () => {
    await browser?.close()
    await server?.stop()
  }, 60_000)

  const inUse = (ref: string) => page.locator(`[data-testid="model-${ref}"][data-in-use="true"]`)

  test('lists the model that comes with Medulla, in use and not to be removed', async () => {
    await inUse(bundled).waitFor({ timeout: PATIENCE_MS })
    expect(await page.getByTestId(`remove-${bundled}`).count()).toBe(0)
  })

  test('says what is wrong with a folder that is no package, and keeps what there is', async () => {
    await page.getByTestId('model-path').fill(path.join(ROOT, 'docs'))
    await page.getByTestId('model-add').click()
    const problem = page.getByTestId('models-problem')
    await problem.waitFor({ timeout: PATIENCE_MS })
    expect(await problem.textContent()).toContain('manifest.json')
    expect(await page.getByTestId('model-list').locator('li[data-in-use]').count()).toBe(1)
  })

  test('adds a package, verifies it, shows its card', async () => {
    await page.getByTestId('model-path').fill(PACKAGE)
    await page.getByTestId('model-add').click()
    await page.getByTestId('model-colour-full@1').waitFor({ timeout: PATIENCE_MS })
    await page.getByTestId('verify-colour-full@1').click()
    const report = page.getByTestId('verified-colour-full@1')
    await report.waitFor({ timeout: PATIENCE_MS })
    expect(await report.getAttribute('data-holds')).toBe('true')
    expect(await report.textContent()).toContain('6 test crops')
    await page.getByTestId('card-colour-full@1').click()
    const card = page.getByTestId('model-card')
    await expect.poll(() => card.textContent(), { timeout: PATIENCE_MS }).toContain('colour-full, version 1')
    expect(await card.textContent()).toContain('90 % (68–99)')
    await page.getByTestId('to-models').click()
  })

  test('puts a model to use, then the first one again, and removes the other', async () => {
    await page.getByTestId('use-colour-full@1-int8').click()
    await inUse('colour-full@1').waitFor({ timeout: PATIENCE_MS })
    await expect.poll(() => page.getByTestId('model').textContent(), { timeout: PATIENCE_MS }).toContain('colour-full')
    await page.getByTestId(`use-${bundled}-float`).click()
    await inUse(bundled).waitFor({ timeout: PATIENCE_MS })
    await page.getByTestId('remove-colour-full@1').click()
    await page.getByTestId('remove-colour-full@1').click()
    await page.getByTestId('model-colour-full@1').waitFor({ state: 'detached', timeout: PATIENCE_MS })
    expect(faults).toEqual([])
  })
})
