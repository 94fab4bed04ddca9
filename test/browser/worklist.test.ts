import type { Browser, Page } from 'playwright'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildIfStale } from '../../scripts/build-if-stale.ts'
import { openCasebook } from '../../src/main/casebook/open-casebook.ts'
import { CASE, newField, newRun } from '../support/casebook-rows.ts'
import { findChromium, launchChromium } from '../support/chromium.ts'
import { temporaryFolder } from '../support/data-folder.ts'
import { waitForState, watchForFaults } from '../support/desk.ts'
import { type Served, startServer } from '../support/served.ts'

const executable = findChromium()
if (!executable)
  console.log('Skipped: the worklist, in a browser. There is no Chromium; MEDULLA_CHROMIUM can name one.')

const PATIENCE_MS = 60_000

describe.skipIf(!executable)('a case that was not scanned yet', { timeout: 300_000 }, () => {
  let browser: Browser
  const served: Served[] = []
  let page: Page
  let faults: string[]

  const open = async (dataFolder: string) => {
    served.push(await startServer(dataFolder))
    page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
    faults = watchForFaults(page)
    await page.goto(served.at(-1)!.link)
  }
  const caseInForm = () =>
    page.getByTestId('case').evaluate((element) => {
      const { selectedOptions } = element as HTMLSelectElement
      return selectedOptions[0].textContent
    })

  beforeAll(async () => {
    buildIfStale()
    browser = await launchChromium(executable!)
  }, 240_000)
  afterAll(async () => {
    await browser?.close()
    for (const server of served) await server.stop()
  }, 60_000)

  test('is there on the empty desk, and begins its first scan from there', async () => {
    const dataFolder = temporaryFolder()
    const casebook = openCasebook(dataFolder)
    casebook.createCase({ ...CASE, accession: '26-7' })
    casebook.close()
    await open(dataFolder)
    await page.getByTestId('welcome-case').click({ timeout: PATIENCE_MS })
    expect(await caseInForm()).toBe('26-7')
    await page.getByTestId('stage').selectOption('worn')
    await page.getByTestId('speed').selectOption('100')
    await page.getByTestId('start-scan').click()
    await waitForState(page, 'scanning')
    await page.locator('[data-testid="worklist-item"]', { hasText: '26-7' }).waitFor({ timeout: PATIENCE_MS })
    await page.getByTestId('stop').click()
    await waitForState(page, 'finished')
    expect(faults).toEqual([])
  })

  test('is a line of the worklist like any other', async () => {
    const dataFolder = temporaryFolder()
    const casebook = openCasebook(dataFolder)
    const { runId } = casebook.createRun(newRun(casebook.createCase(CASE).caseId))
    casebook.commitField(newField(runId, 0, 3))
    casebook.setRunState(runId, 'finished', { stopped: 'user' })
    casebook.createCase({ ...CASE, accession: '26-1184', sex: null, birthYear: null })
    casebook.close()
    await open(dataFolder)
    const line = page.getByTestId('worklist-case')
    await line.waitFor({ timeout: PATIENCE_MS })
    expect(await line.textContent()).toBe('26-1184not scanned yet')
    const { MEDULLA_PICTURES } = process.env
    await line.click()
    expect(await caseInForm()).toBe('26-1184')
    if (MEDULLA_PICTURES) {
      await page.screenshot({ path: `${MEDULLA_PICTURES}/worklist-case.png` })
      await page.evaluate(() => document.documentElement.setAttribute('data-theme', 'dark'))
      await page.screenshot({ path: `${MEDULLA_PICTURES}/worklist-case-dark.png` })
    }
    // Closed, and opened for any case.
    await page.keyboard.press('Escape')
    await page.getByTestId('scan').click()
    expect(await caseInForm()).toBe('New case')
    expect(faults).toEqual([])
  })
})
