import type { Browser, Page } from 'playwright'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildIfStale } from '../../scripts/build-if-stale.ts'
import { openCasebook } from '../../src/main/casebook/open-casebook.ts'
import { CLASS_CODES } from '../../src/shared/taxonomy.ts'
import { CASE, newCell, newField, newRun } from '../support/casebook-rows.ts'
import { findChromium, launchChromium } from '../support/chromium.ts'
import { temporaryFolder } from '../support/data-folder.ts'
import { READER, watchForFaults } from '../support/desk.ts'
import { type Served, startServer } from '../support/served.ts'

const executable = findChromium()
if (!executable)
  console.log('Skipped: fields left out, in a browser. There is no Chromium; MEDULLA_CHROMIUM can name one.')

const [NGS, BLA, ART] = ['NGS', 'BLA', 'ART'].map((code) => CLASS_CODES.indexOf(code as 'NGS'))
const PATIENCE_MS = 60_000
const AREA = {
  overviewId: null,
  rects: [{ xUm: 20, yUm: -60, widthUm: 240, heightUm: 110 }],
  excluded: [{ xUm: 200, yUm: 0, widthUm: 80, heightUm: 40 }],
}
/** Debris in the last field, in no denominator: so that there are enough cells for a map. */
const DEBRIS = 20

/** A finished run of three fields with a neutrophil and a blast each: the gate left out the middle one, and the light drifts. */
function madeRun(dataFolder: string): void {
  const casebook = openCasebook(dataFolder)
  const { runId } = casebook.createRun(newRun(casebook.createCase(CASE).caseId, { area: AREA }))
  for (const index of [0, 1, 2]) {
    const at = (dx: number) => ({ x: index * 1843 + 600 + dx, y: 700 })
    const debris = Array.from({ length: index === 2 ? DEBRIS : 0 }, (_, i) => newCell(ART, at(60 * i - 500)))
    const field = newField(runId, index, [newCell(NGS, at(0)), newCell(BLA, at(400)), ...debris])
    const leftOut = {
      reason: 'focus',
      words: 'out of focus: edges 0.41 um wide, at most 0.28 um here',
      reader: null,
    } as const
    const flags = [{ kind: 'light', field: 2, words: 'The light is 9 % weaker than in the first fields.' }] as const
    casebook.commitField({
      ...field,
      field: { ...field.field, leftOut: index === 1 ? leftOut : null },
      flags: index === 2 ? flags : [],
    })
  }
  casebook.setRunState(runId, 'finished', { stopped: 'user' })
  casebook.close()
}

describe.skipIf(!executable)('fields that do not count', { timeout: 300_000 }, () => {
  let browser: Browser
  let server: Served
  let page: Page
  let faults: string[]

  const text = async (testId: string): Promise<string> => (await page.getByTestId(testId).first().textContent()) ?? ''
  const picture = async (name: string) => {
    const { MEDULLA_PICTURES } = process.env
    if (!MEDULLA_PICTURES) return
    await page.screenshot({ path: `${MEDULLA_PICTURES}/${name}.png` })
    await page.keyboard.press('Control+Shift+L')
    await page.screenshot({ path: `${MEDULLA_PICTURES}/${name}-other-theme.png` })
    await page.keyboard.press('Control+Shift+L')
  }
  const denominator = (expected: string) =>
    expect.poll(() => text('denominator'), { timeout: PATIENCE_MS }).toBe(expected)

  beforeAll(async () => {
    buildIfStale()
    const dataFolder = temporaryFolder()
    madeRun(dataFolder)
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

  test('are said with their reason, beside the drift of the light', async () => {
    await page.getByTestId('left-out-toggle').click({ timeout: PATIENCE_MS })
    await denominator('4')
    expect(await text('fields-left-out')).toBe('1')
    expect(await text('left-out-1')).toContain('Field 2: out of focus: edges 0.41 um wide')
    expect(await text('chip-left-out')).toContain('2')
    expect(await text('run-flags')).toContain('light drifts')
    expect(await text('run-flag-list')).toContain('9 % weaker')
    expect(await text('run-area')).toMatch(/^Area 0\.24 × 0\.11 mm at 0\.02, -0\.06, 1 left out\. Named by hand/)
    expect(await page.locator('canvas[data-testid="boxes"]').getAttribute('data-areas')).toBe('1')
    expect(await text('left-out-number')).toBe('1 left out (2 cells)')
    await picture('left-out')
  })

  test('keep their cells in sight, dimmed, and say how many may be of a rare class', async () => {
    const boxes = page.locator('canvas[data-testid="boxes"]')
    await expect.poll(() => boxes.getAttribute('data-box-count'), { timeout: PATIENCE_MS }).toBe(String(6 + DEBRIS))
    await page.keyboard.press('Shift+R')
    await page.getByTestId('search-class').selectOption('BLA')
    await expect.poll(() => text('search-report'), { timeout: PATIENCE_MS }).toContain('2 candidates')
    expect(await text('search-report')).toContain('1 more lies in a field that is left out.')
    await page.keyboard.press('Shift+M')
    const map = page.getByTestId('map-canvas')
    await expect.poll(() => map.getAttribute('data-left-out'), { timeout: PATIENCE_MS }).toBe('2')
    expect(await text('cell-map')).toContain('in a field left out')
    await picture('left-out-map')
    await page.keyboard.press('Shift+M')
    await page.keyboard.press('Shift+R')
  })

  test('are brought back with a name, and U takes that back', async () => {
    await page.getByTestId('bring-back-1').click()
    await page.getByTestId('reader-name').fill(READER)
    await page.keyboard.press('Enter')
    await denominator('6')
    await expect.poll(() => text('announcement'), { timeout: PATIENCE_MS }).toContain('Field 2 brought back')
    expect(await page.getByTestId('left-out').count()).toBe(0)
    await page.keyboard.press('u')
    await denominator('4')
    await expect.poll(() => text('announcement'), { timeout: PATIENCE_MS }).toContain('Field 2 left out')
    expect(await text('left-out-1')).toContain(`(${READER})`)
  })

  test('are left out by hand, by the key, from a selected cell', async () => {
    await page.getByTestId('chip-all').click()
    const cell = page.locator('[data-testid="gallery-cell"][data-cell-id="1"]')
    await cell.click()
    await expect.poll(() => cell.getAttribute('aria-selected'), { timeout: PATIENCE_MS }).toBe('true')
    await page.keyboard.press('Shift+F')
    await denominator('2')
    expect(await text('left-out-0')).toContain('left out by hand')
    expect(await text('inspector-left-out')).toContain('by hand')
    // Counts are told by events before the desk has done what was asked: until then it takes nothing else.
    await expect.poll(() => text('announcement'), { timeout: PATIENCE_MS }).toContain('Field 1 left out')
    await page.keyboard.press('Shift+F')
    await denominator('4')
    expect(faults).toEqual([])
  })
})
