import type { Browser, Page } from 'playwright'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildIfStale } from '../../scripts/build-if-stale.ts'
import type { Field, Stitch } from '../../src/shared/contract/slide.ts'
import { findChromium, launchChromium } from '../support/chromium.ts'
import { temporaryFolder } from '../support/data-folder.ts'
import { watchForFaults } from '../support/desk.ts'
import { medulla } from '../support/medulla.ts'
import { type Served, startServer } from '../support/served.ts'

const executable = findChromium()
if (!executable) console.log('Skipped: seams in a browser. There is no Chromium; MEDULLA_CHROMIUM can name one.')

const PATIENCE_MS = 150_000

describe.skipIf(!executable)('the seams of a scan with a worn stage', { timeout: 400_000 }, () => {
  const folder = temporaryFolder()
  let browser: Browser
  let server: Served
  let page: Page
  let faults: string[]

  const inView = async () =>
    Number(await page.locator('canvas[data-testid="boxes"]').getAttribute('data-stitches-in-view'))

  beforeAll(async () => {
    buildIfStale()
    const scan = ['scan', '--seed', '3', '--stage', 'worn', '--cells', '130', '--time-scale', '100', '--data', folder]
    const { exitCode, stderr } = await medulla(scan)
    expect(exitCode, stderr).toBe(0)
    browser = await launchChromium(executable!)
    server = await startServer(folder)
    page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
    faults = watchForFaults(page)
    await page.goto(server.link)
  }, 390_000)
  afterAll(async () => {
    await browser?.close()
    await server?.stop()
  }, 60_000)

  test('are shown when asked for, and a field says by whom it was placed', async () => {
    await page.getByTestId('gallery-cell').first().waitFor({ timeout: PATIENCE_MS })
    expect(await inView()).toBe(0)
    await page.keyboard.press('Shift+J')
    await expect.poll(inView, { timeout: PATIENCE_MS }).toBeGreaterThan(4)
    if (process.env.MEDULLA_PICTURES) await page.screenshot({ path: `${process.env.MEDULLA_PICTURES}/seams.png` })
    await page.getByTestId('gallery-cell').last().click()
    expect(await page.getByTestId('inspector-placed').textContent()).toMatch(/placed by/)
    await page.keyboard.press('Shift+J')
    await expect.poll(inView, { timeout: PATIENCE_MS }).toBe(0)
    expect(faults).toEqual([])
  })

  test('are listed by command, and lie where the images say', async () => {
    const { json } = await medulla(['seams', '1', '--data', folder])
    const { stitches } = json as { stitches: Stitch[] }
    expect(stitches.length).toBeGreaterThan(4)
    for (const { from, to, offset, offPx, score } of stitches) {
      if (offset === null) continue
      expect(score, `fields ${from} and ${to}`).toBeGreaterThan(0.4)
      expect(offPx, `fields ${from} and ${to}`).toBeLessThan(2)
    }
    const fields = ((await medulla(['fields', '1', '--data', folder])).json as { fields: Field[] }).fields
    expect(fields[0]!.stitch).toEqual({ compared: 0, matched: 0, score: null })
    expect(fields.at(-1)!.stitch!.matched).toBeGreaterThan(0)
  })
})
