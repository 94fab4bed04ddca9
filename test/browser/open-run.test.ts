import type { Browser, Page } from 'playwright'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildIfStale } from '../../scripts/build-if-stale.ts'
import { findChromium, launchChromium } from '../support/chromium.ts'
import { temporaryFolder } from '../support/data-folder.ts'
import { watchForFaults } from '../support/desk.ts'
import { type LongRun, makeLongRun } from '../support/long-run.ts'
import { type Served, startServer } from '../support/served.ts'

const executable = findChromium()
if (!executable)
  console.log('Skipped: opening a long run, in a browser. There is no Chromium; MEDULLA_CHROMIUM can name one.')

const PATIENCE_MS = 120_000

describe.skipIf(!executable)('a long run, opened from the worklist', { timeout: 300_000 }, () => {
  let browser: Browser
  let server: Served
  let page: Page
  let faults: string[]
  let long: LongRun
  let short: LongRun

  const shows = async (run: LongRun): Promise<void> => {
    await page.locator(`canvas[data-testid="boxes"][data-box-count="${run.cells}"]`).waitFor({ timeout: PATIENCE_MS })
    for (const what of ['counted', 'denominator'])
      await expect.poll(() => page.getByTestId(what).textContent(), { timeout: PATIENCE_MS }).toBe(String(run.counted))
  }
  const open = (run: LongRun) => page.locator(`[data-testid="worklist-item"][data-run-id="${run.runId}"]`).click()

  beforeAll(async () => {
    buildIfStale()
    const dataFolder = temporaryFolder()
    // Cells of three pages.
    long = await makeLongRun(dataFolder, 120, 40)
    short = await makeLongRun(dataFolder, 3, 20)
    browser = await launchChromium(executable!)
    server = await startServer(dataFolder)
    page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
    faults = watchForFaults(page)
    await page.goto(server.link)
  }, 240_000)
  afterAll(async () => {
    await browser?.close()
    await server?.stop()
  }, 60_000)

  test('shows its counts, and every cell of it, and so does the one before it', async () => {
    await shows(short)
    await open(long)
    await shows(long)
    await page
      .getByTestId('chip-all')
      .filter({ hasText: String(long.cells - long.cellsLeftOut) })
      .waitFor({ timeout: PATIENCE_MS })
    await open(short)
    await shows(short)
    expect(faults).toEqual([])
  })

  test('has its counts before anything of it was read', async () => {
    await page.route('**/rpc/runs/get', () => undefined)
    await open(long)
    await expect
      .poll(() => page.getByTestId('counted').textContent(), { timeout: PATIENCE_MS })
      .toBe(String(long.counted))
    expect(await page.locator('.viewer-empty').textContent()).toBe('Reading the fields…')
  })

  test('shows the slide while the rest of its cells is on its way', async () => {
    await page.unroute('**/rpc/runs/get')
    await page.goto('about:blank')
    await page.goto(server.link)
    await shows(short)
    let pages = 0
    await page.route('**/rpc/cells/changes', (route) => (++pages > 1 ? undefined : route.continue()))
    await open(long)
    await expect
      .poll(() => page.getByTestId('denominator').textContent(), { timeout: PATIENCE_MS })
      .toBe(String(long.counted))
    const drawn = () =>
      page.evaluate(() =>
        [...document.querySelectorAll<HTMLCanvasElement>('.viewer-host canvas')]
          .filter((canvas) => canvas.dataset.testid !== 'boxes')
          .some(
            (canvas) =>
              canvas.getContext('2d')?.getImageData(canvas.width >> 1, canvas.height >> 1, 1, 1).data[3] === 255,
          ),
      )
    await expect.poll(drawn, { timeout: PATIENCE_MS }).toBe(true)
    await expect.poll(() => pages, { timeout: PATIENCE_MS }).toBe(2)
  })
})
