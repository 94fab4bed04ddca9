import type { Browser, Page } from 'playwright'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildIfStale } from '../../scripts/build-if-stale.ts'
import { findChromium, launchChromium } from '../support/chromium.ts'
import { temporaryFolder } from '../support/data-folder.ts'
import { READER, waitForState, watchForFaults } from '../support/desk.ts'
import { type Served, startServer } from '../support/served.ts'

const executable = findChromium()
if (!executable) console.log('Skipped: stop rules in a browser. There is no Chromium; MEDULLA_CHROMIUM can name one.')

const PATIENCE_MS = 150_000

describe.skipIf(!executable)('stop rules and the search for rare cells', { timeout: 400_000 }, () => {
  let browser: Browser
  let server: Served
  let page: Page
  let faults: string[]

  const text = async (testId: string): Promise<string> => (await page.getByTestId(testId).first().textContent()) ?? ''

  beforeAll(async () => {
    buildIfStale()
    browser = await launchChromium(executable!)
    server = await startServer(temporaryFolder())
    page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
    faults = watchForFaults(page)
    await page.goto(server.link)
  }, 240_000)
  afterAll(async () => {
    await browser?.close()
    await server?.stop()
  }, 60_000)

  test('a scan stops once a share is clear of a threshold, and says so', async () => {
    await page.getByTestId('welcome-other').click({ timeout: PATIENCE_MS })
    await page.getByTestId('profile').selectOption('aml')
    await page.getByTestId('speed').selectOption('100')
    await page.getByTestId('target-cells').fill('')
    await page.getByTestId('by-threshold').check()
    await page.getByTestId('threshold-percent').fill('100')
    await page.getByTestId('start-scan').click()
    await page.getByText('A share is a percentage above 0 and below 100.').waitFor()
    await page.getByTestId('threshold-percent').fill('10')
    await page.getByTestId('threshold-least').fill('40')
    await page.getByTestId('start-scan').click()
    await page.getByTestId('stop-alternative').waitFor({ timeout: PATIENCE_MS })
    await page.locator('[data-testid="run-state"][data-state="finished"]').waitFor({ timeout: PATIENCE_MS })
    expect(await text('stopped-by')).toMatch(/^Stopped: blasts \d+(\.\d+)? % \(.*\), above 10 %; 40 cells counted\.$/)
    expect(faults).toEqual([])
  })

  test('it goes on by another rule', async () => {
    const fields = Number(await text('fields'))
    await page.getByTestId('continue-run').click()
    const target = Number(await text('counted')) + 20
    await page.getByTestId('target-cells').fill(String(target))
    await page.getByTestId('continue-start').click()
    await page.getByTestId('continue-dialog').waitFor({ state: 'detached', timeout: PATIENCE_MS })
    await expect
      .poll(async () => Number(await text('counted')), { timeout: PATIENCE_MS })
      .toBeGreaterThanOrEqual(target)
    await waitForState(page, 'finished')
    expect(Number(await text('fields'))).toBeGreaterThan(fields)
  })

  test('rare cells are listed, the likeliest first, and looked at with a signature', async () => {
    await page.keyboard.press('Shift+R')
    await page.getByTestId('search-class').selectOption('MON')
    await page.getByTestId('search-recall').selectOption('1')
    const report = page.locator('[data-testid="search-report"][data-state="pending"]')
    await report.waitFor({ timeout: PATIENCE_MS })
    expect(await report.textContent()).toMatch(
      /candidates? to be looked at among [\d,]+ counted cells\. If none is a monocyte: at most/,
    )
    const listed = await page.getByTestId('gallery-cell').count()
    expect(listed).toBeGreaterThan(0)
    await page.getByTestId('search-sign').click()
    await page.getByTestId('reader-name').fill(READER)
    await page.getByTestId('reader-save').click()
    const signed = page.locator('[data-testid="search-report"]:is([data-state="reviewed"], [data-state="found"])')
    await signed.waitFor({ timeout: PATIENCE_MS })
    expect(await signed.textContent()).toContain(`looked at by ${READER}`)
    expect(await page.getByTestId('search-sign').isDisabled()).toBe(true)
    await page.keyboard.press('Escape')
    await page.getByTestId('search-bar').waitFor({ state: 'detached' })
    expect(faults).toEqual([])
  })
})
