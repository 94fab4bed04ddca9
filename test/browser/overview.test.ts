import type { Browser, Page } from 'playwright'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildIfStale } from '../../scripts/build-if-stale.ts'
import { findChromium, launchChromium } from '../support/chromium.ts'
import { temporaryFolder } from '../support/data-folder.ts'
import { waitForState, watchForFaults } from '../support/desk.ts'
import { type Served, startServer } from '../support/served.ts'

const executable = findChromium()
if (!executable) console.log('Skipped: an overview in a browser. There is no Chromium; MEDULLA_CHROMIUM can name one.')

const PATIENCE_MS = 240_000

describe.skipIf(!executable)('looking over a smear in the window', { timeout: 600_000 }, () => {
  let browser: Browser
  let server: Served
  let page: Page
  let faults: string[]

  beforeAll(async () => {
    buildIfStale()
    browser = await launchChromium(executable!)
    server = await startServer(temporaryFolder())
    page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
    faults = watchForFaults(page)
    await page.goto(server.link)
    await page.getByTestId('welcome-other').click({ timeout: PATIENCE_MS })
    await page.getByTestId('new-scan').waitFor({ timeout: PATIENCE_MS })
  }, 300_000)
  afterAll(async () => {
    await browser?.close()
    await server?.stop()
  }, 60_000)

  const text = (testId: string) => page.getByTestId(testId).textContent()
  const shot = async (name: string) => {
    const folder = process.env.MEDULLA_SCREENSHOTS
    if (folder) await page.screenshot({ path: `${folder}/${name}.png` })
  }

  test('leads from the form to the map, which grows while the smear is looked at, and proposes areas with reasons', async () => {
    await page.getByTestId('speed').selectOption('100')
    await page.getByTestId('target-cells').fill('40')
    await page.getByTestId('accession').fill('26-77')
    await page.getByTestId('open-overview').click()
    await page.getByTestId('overview').waitFor({ timeout: PATIENCE_MS })
    await page.getByTestId('overview-within').fill('5.5 4.5')
    await page.getByTestId('look-over').click()
    expect(await page.getByRole('alert').first().textContent()).toContain('millimetres')
    await page.getByTestId('overview-within').fill('5.5, 4.5, 4.2, 1.8')
    await page.getByTestId('overview-pitch').fill('600')
    await page.getByTestId('look-over').click()
    const map = page.getByTestId('smear-map')
    await expect
      .poll(async () => Number(await map.getAttribute('data-places').catch(() => 0)), { timeout: PATIENCE_MS })
      .toBeGreaterThan(0)
    await shot('looking')
    await page.getByTestId('area-1').waitFor({ timeout: PATIENCE_MS })
    await expect.poll(() => text('area-1'), { timeout: PATIENCE_MS }).toMatch(/fields \(\d+.*for 40 cells.*singly/)
    expect(await page.getByTestId('overview').textContent()).toContain('For Research Use Only')
    expect(await map.locator('[data-verdict="thick"]').count()).toBeGreaterThan(0)
    await shot('overview')
  })

  test('shows every layer, and reads a place to who points at it', async () => {
    for (const layer of ['thickness', 'cells', 'particles', 'focus', 'score']) {
      await page.getByTestId(`layer-${layer}`).check({ force: true })
      expect(await page.locator(`.place.${layer}`).count()).toBeGreaterThan(0)
      await shot(`layer-${layer}`)
    }
    await page.getByTestId('smear-map').hover({ position: { x: 40, y: 40 } })
    await expect.poll(() => text('pointed')).toMatch(/mm: .*\./)
  })

  test('lets a hand draw, take back and exclude, and keys do the same', async () => {
    const map = page.getByTestId('smear-map')
    const box = (await map.boundingBox())!
    const drag = async (x0: number, y0: number, x1: number, y1: number) => {
      await page.mouse.move(box.x + x0 * box.width, box.y + y0 * box.height)
      await page.mouse.down()
      await page.mouse.move(box.x + x1 * box.width, box.y + y1 * box.height, { steps: 4 })
      await page.mouse.up()
    }
    await drag(0.6, 0.3, 0.75, 0.6)
    await expect.poll(() => text('area-drawn'), { timeout: PATIENCE_MS }).toMatch(/Drawn by hand.*fields/)
    await page.getByTestId('take-back').click()
    await expect.poll(() => page.getByTestId('area-drawn').count()).toBe(0)

    const before = await text('area-1')
    await page.getByTestId('tool-exclude').check({ force: true })
    await drag(0.5, 0.02, 0.98, 0.45)
    await expect.poll(() => text('excluded-count'), { timeout: PATIENCE_MS }).toContain('left out')
    await shot('excluded')
    await page.getByTestId('take-back').click()
    await expect.poll(() => page.getByTestId('excluded-count').count(), { timeout: PATIENCE_MS }).toBe(0)
    await expect.poll(() => text('area-1'), { timeout: PATIENCE_MS }).toBe(before)

    await page.getByTestId('tool-draw').check({ force: true })
    await map.focus()
    for (const key of ['ArrowLeft', 'ArrowUp', 'Shift+ArrowRight', 'Shift+ArrowDown', 'Enter'])
      await page.keyboard.press(key)
    await expect.poll(() => text('area-drawn'), { timeout: PATIENCE_MS }).toMatch(/Drawn by hand.*fields/)
    await shot('drawn')
    await map.focus()
    await page.keyboard.press('Backspace')
    await expect.poll(() => page.getByTestId('area-drawn').count()).toBe(0)
    // A frame that was begun is given up by Escape; the dialog stays.
    await page.keyboard.press('ArrowLeft')
    await page.keyboard.press('Escape')
    expect(await page.getByTestId('overview').count()).toBe(1)
  })

  test('goes back to the form as it was, with the area chosen, and scans it nearest first', async () => {
    await page.getByTestId('accept-area').click()
    await page.getByTestId('new-scan').waitFor({ timeout: PATIENCE_MS })
    expect(await text('scan-area')).toMatch(/\d\.\d\d × \d\.\d\d mm at/)
    expect(await page.getByTestId('accession').inputValue()).toBe('26-77')
    await shot('form')
    await page.getByTestId('scan-order').selectOption('nearest')
    await page.getByTestId('start-scan').click()
    await waitForState(page, 'finished')
    await expect.poll(() => text('counted'), { timeout: PATIENCE_MS }).not.toBe('0')
    expect(await text('run-area')).toMatch(/^Area \d\.\d\d × .* mm at .*Chosen on overview 1\. .*red cells lie singly/)
    expect(await page.locator('canvas[data-testid="boxes"]').getAttribute('data-areas')).not.toBe('0')
    await shot('scanned')
    // Of another smear the area would be none.
    await page.keyboard.press('Control+Enter')
    await page.getByTestId('new-scan').waitFor({ timeout: PATIENCE_MS })
    expect(await text('scan-area')).not.toContain('mm at')
  })

  test('opens again what was seen before', async () => {
    await page.getByTestId('speed').selectOption('100')
    await page.getByTestId('open-overview').click()
    await expect
      .poll(() => page.getByTestId('smear-map').getAttribute('data-places'), { timeout: PATIENCE_MS })
      .not.toBe('0')
    expect(await page.getByTestId('earlier-overviews').locator('option').count()).toBeGreaterThan(0)
  })

  test('met no error of its own', () => {
    expect(faults).toEqual([])
  })
})
