import { mkdirSync } from 'node:fs'
import path from 'node:path'
import type { Browser, Page } from 'playwright'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildIfStale } from '../../scripts/build-if-stale.ts'
import { drawCells } from '../../src/main/vision/drawn-cells.ts'
import { findChromium, launchChromium } from '../support/chromium.ts'
import { temporaryFolder } from '../support/data-folder.ts'
import { waitForState, watchForFaults } from '../support/desk.ts'
import { type Served, startServer } from '../support/served.ts'

const executable = findChromium()
if (!executable) console.log('Skipped: a pixel size nobody knows, in a browser. MEDULLA_CHROMIUM can name a Chromium.')

const PIXEL_UM = 0.15
const PATIENCE_MS = 90_000

/** A field with red cells and one lymphocyte, or bare glass. */
async function save(file: string, hasCells: boolean): Promise<void> {
  const { data, widthPx, heightPx } = drawCells(600, 440, PIXEL_UM, [{ x: 290, y: 200 }])
  const bytes = hasCells ? Buffer.from(data) : Buffer.alloc(data.length, 226)
  await sharp(bytes, { raw: { width: widthPx, height: heightPx, channels: 3 } })
    .png()
    .toFile(file)
}

describe.skipIf(!executable)('a folder whose pixel size nobody knows', { timeout: 240_000 }, () => {
  const data = temporaryFolder()
  const smear = path.join(data, 'smear')
  const bare = path.join(data, 'bare')
  let browser: Browser
  let server: Served
  let page: Page
  let faults: string[]

  beforeAll(async () => {
    for (const folder of [smear, bare]) mkdirSync(folder)
    for (let i = 0; i < 4; i++) {
      await save(path.join(smear, `field-${i}.png`), true)
      await save(path.join(bare, `field-${i}.png`), false)
    }
    buildIfStale()
    browser = await launchChromium(executable!)
    server = await startServer(path.join(data, 'bench'))
    page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
    faults = watchForFaults(page)
    await page.goto(server.link)
  }, 240_000)
  afterAll(async () => {
    await browser?.close()
    await server?.stop()
  }, 60_000)

  const ask = async (images: string): Promise<void> => {
    await page.getByTestId('images').fill(images)
    await page.getByTestId('estimate-pixel-size').check()
    await page.getByTestId('start-scan').click()
  }

  test('the form says why it cannot be estimated, and stays', async () => {
    await page.getByTestId('welcome-other').click({ timeout: PATIENCE_MS })
    await page.getByTestId('new-scan').getByText('Folder', { exact: true }).first().click()
    await ask(bare)
    const problem = page.getByTestId('new-scan').getByRole('alert').filter({ hasText: 'red cells' })
    await problem.waitFor({ timeout: PATIENCE_MS })
    expect(await problem.textContent()).toContain('could not be estimated')
    expect(await page.getByTestId('pixel-size').isDisabled()).toBe(true)
  })

  test('the scan goes by the estimate; scale bar and panel say that it is one', async () => {
    await ask(smear)
    await waitForState(page, 'finished')
    const bar = page.getByTestId('scale-bar')
    await bar.waitFor({ timeout: PATIENCE_MS })
    expect(await bar.textContent()).toMatch(/^≈ .*estimated$/)
    expect(await bar.getAttribute('title')).toMatch(/estimated from \d+ red cells in 4 images/)
    const panel = await page.locator('.microscope-note').allTextContents()
    expect(panel.join(' ')).toMatch(/0\.1[45]\d* µm a pixel, estimated from \d+ red cells/)
    expect(faults).toEqual([])
  })
})
