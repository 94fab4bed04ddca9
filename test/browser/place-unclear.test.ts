import type { Browser, Page } from 'playwright'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildIfStale } from '../../scripts/build-if-stale.ts'
import type { Stitch } from '../../src/shared/contract/slide.ts'
import { findChromium, launchChromium } from '../support/chromium.ts'
import { temporaryFolder } from '../support/data-folder.ts'
import { watchForFaults } from '../support/desk.ts'
import { scanKnockedSlide } from '../support/knocked-slide.ts'
import { medulla } from '../support/medulla.ts'
import { type Served, startServer } from '../support/served.ts'

const executable = findChromium()
if (!executable)
  console.log(
    'Skipped: fields whose place is unclear, in a browser. There is no Chromium; MEDULLA_CHROMIUM can name one.',
  )

const PATIENCE_MS = 60_000

describe.skipIf(!executable)('fields whose place is unclear', { timeout: 300_000 }, () => {
  const folder = temporaryFolder()
  let browser: Browser
  let server: Served
  let page: Page
  let faults: string[]
  let out: number[]

  const text = async (testId: string): Promise<string> => (await page.getByTestId(testId).first().textContent()) ?? ''
  const picture = async (name: string) => {
    const { MEDULLA_PICTURES } = process.env
    if (!MEDULLA_PICTURES) return
    await page.screenshot({ path: `${MEDULLA_PICTURES}/${name}.png` })
    await page.keyboard.press('Control+Shift+L')
    await page.screenshot({ path: `${MEDULLA_PICTURES}/${name}-other-theme.png` })
    await page.keyboard.press('Control+Shift+L')
  }

  beforeAll(async () => {
    buildIfStale()
    const { casebook, runId } = await scanKnockedSlide(folder, null)
    out = [...casebook.gateReasons(runId)].filter(([, reason]) => reason === 'stitch').map(([index]) => index)
    casebook.close()
    browser = await launchChromium(executable!)
    server = await startServer(folder)
    page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
    faults = watchForFaults(page)
    await page.goto(server.link)
  }, 240_000)
  afterAll(async () => {
    await browser?.close()
    await server?.stop()
  }, 60_000)

  test('are listed with what to make of them, and their seams say that they show different things', async () => {
    await page.getByTestId('left-out-toggle').click({ timeout: PATIENCE_MS })
    expect(out.length).toBeGreaterThan(1)
    expect(await text('left-out')).toContain(`${out.length} place unclear`)
    expect(await text(`left-out-${out[0]}`)).toContain('place unclear: shows something else than')
    expect(await text('left-out-advice')).toContain('Look at the seams')
    expect(await text('run-flags')).toContain('slide slipped')
    expect(await text('run-flag-list')).toContain('the slide was knocked')
    await page.keyboard.press('Shift+J')
    const boxes = page.locator('canvas[data-testid="boxes"]')
    const seams = async () => Number(await boxes.getAttribute('data-stitches-in-view'))
    await expect.poll(seams, { timeout: PATIENCE_MS }).toBeGreaterThan(out.length)
    await picture('place-unclear')
    await page.getByTestId(`left-out-${out[0]}`).getByRole('button').first().click()
    await picture('place-unclear-near')
    expect(faults).toEqual([])
  })

  test('are listed by command', async () => {
    const listed = await medulla(['fields', '1', '--data', folder])
    expect(listed.stdout).toContain('place unclear')
    const { stitches } = (await medulla(['seams', '1', '--data', folder])).json as { stitches: Stitch[] }
    expect(stitches.filter(({ unlike, to }) => unlike && out.includes(to)).length).toBeGreaterThanOrEqual(out.length)
    expect(stitches.filter(({ unlike, offset }) => unlike && offset !== null)).toEqual([])
  })
})
