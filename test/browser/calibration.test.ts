import type { Browser, Page } from 'playwright'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildIfStale } from '../../scripts/build-if-stale.ts'
import { findChromium, launchChromium } from '../support/chromium.ts'
import { temporaryFolder } from '../support/data-folder.ts'
import { watchForFaults } from '../support/desk.ts'
import { type Served, startServer } from '../support/served.ts'

const executable = findChromium()
if (!executable) console.log('Skipped: calibration in a browser. There is no Chromium; MEDULLA_CHROMIUM can name one.')

const PATIENCE_MS = 120_000

describe.skipIf(!executable)('the calibration wizard', { timeout: 300_000 }, () => {
  let browser: Browser
  let server: Served
  let page: Page
  let faults: string[]

  beforeAll(async () => {
    buildIfStale()
    browser = await launchChromium(executable!)
    server = await startServer(temporaryFolder())
    page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
    faults = watchForFaults(page)
    await page.goto(server.link)
    await page.getByTestId('welcome-scan').waitFor({ timeout: PATIENCE_MS })
    await page.keyboard.press('Control+Shift+K')
    await page.getByTestId('calibration').waitFor({ timeout: PATIENCE_MS })
  }, 300_000)
  afterAll(async () => {
    await browser?.close()
    await server?.stop()
  }, 60_000)

  const kind = (name: string) => page.getByTestId(`kind-${name}`)

  test('says of a microscope that was never measured that everything is unknown', async () => {
    await expect.poll(() => page.locator('.calibration-unknown').count(), { timeout: PATIENCE_MS }).toBe(7)
    await expect.poll(() => kind('settle').textContent(), { timeout: PATIENCE_MS }).toContain('unknown')
    expect(await page.getByTestId('calibration').textContent()).toContain('For Research Use Only')
  })

  test('goes from one measurement to the next by keys, measures, and shows value, error and date', async () => {
    await kind('pixel-size').focus()
    await page.keyboard.press('ArrowDown')
    expect(await kind('dark-frame').getAttribute('aria-selected')).toBe('true')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('ArrowDown')
    expect(await kind('white-balance').getAttribute('aria-selected')).toBe('true')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    const result = page.getByTestId('calibration-result')
    await expect.poll(() => result.textContent(), { timeout: PATIENCE_MS }).toMatch(/red 1\.\d+.*±.*Measured \d{4}-/)
    await expect.poll(() => kind('white-balance').getAttribute('data-known'), { timeout: PATIENCE_MS }).toBe('true')
    expect(await kind('flat-field').getAttribute('data-known')).toBe('false')
  })

  test('keeps nothing of what is stopped half way, and what was measured belongs to its objective', async () => {
    await kind('pixel-size').click()
    await page.getByTestId('measure').click()
    await expect.poll(() => page.getByRole('progressbar').count(), { timeout: PATIENCE_MS }).toBe(1)
    await page.getByTestId('stop-measuring').click()
    await expect
      .poll(() => page.getByTestId('calibration-result').textContent(), { timeout: PATIENCE_MS })
      .toContain('Nothing of it is kept')
    expect(await kind('pixel-size').getAttribute('data-known')).toBe('false')
    await page.getByTestId('calibration-objective').fill('40x')
    await expect.poll(() => kind('white-balance').getAttribute('data-known'), { timeout: PATIENCE_MS }).toBe('false')
    await page.getByTestId('calibration-objective').fill('')
    await expect.poll(() => kind('white-balance').getAttribute('data-known'), { timeout: PATIENCE_MS }).toBe('true')
  })

  test('met no error of its own', () => {
    expect(faults).toEqual([])
  })
})
