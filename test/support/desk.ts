import type { Page } from 'playwright'
import { expect } from 'vitest'
import { type ClassCode, cellClass, isClassCode, RESEARCH_USE_ONLY } from '../../src/shared/taxonomy.ts'

/** What a person does at the window, the same in a browser and in Electron. */

export const READER = 'Test reader'
const PATIENCE_MS = 60_000

/** Errors the page met, and whatever its content security policy stopped; empty: none. */
export function watchForFaults(page: Page): string[] {
  const faults: string[] = []
  page.on('pageerror', (error) => faults.push(error.message))
  page.on('console', (message) => {
    if (/Content Security Policy|Refused to/i.test(message.text())) faults.push(message.text())
  })
  return faults
}

async function countIn(page: Page, testId: string): Promise<number> {
  return Number(await page.getByTestId(testId).textContent())
}

/** What the window showed, each time it changed. */
interface Shown {
  readonly counted: readonly number[]
  readonly boxes: readonly number[]
  readonly denominator: readonly number[]
}

declare global {
  interface Window {
    shownSoFar: Shown
  }
}

/** From the empty desk: presses the one button and watches cells, boxes and the differential grow. */
export async function scanFromWelcome(page: Page): Promise<void> {
  await page.getByTestId('welcome-scan').waitFor({ timeout: PATIENCE_MS })
  await page.evaluate(recordShown)
  await page.getByTestId('welcome-scan').click({ timeout: PATIENCE_MS })
  for (const what of ['counted', 'boxes', 'denominator'] as const) {
    const steps = () => page.evaluate((name) => window.shownSoFar[name].filter((count) => count > 0), what)
    await expect.poll(async () => (await steps()).length, { timeout: PATIENCE_MS }).toBeGreaterThan(1)
    const grown = await steps()
    expect(grown, what).toEqual(grown.toSorted((a, b) => a - b))
  }
  const differentialGrew = () =>
    page.evaluate(() => {
      const { counted, denominator } = window.shownSoFar
      return denominator.at(-1)! > counted.find((count) => count > 0)!
    })
  await expect.poll(differentialGrew, { timeout: PATIENCE_MS }).toBe(true)
  expect(await page.getByTestId('research-use-only').first().textContent()).toContain(RESEARCH_USE_ONLY)
}

/** Runs in the page, which sees each step of a scan: from outside a scan may be over between two looks. */
function recordShown(): void {
  const shown = { counted: [] as number[], boxes: [] as number[], denominator: [] as number[] }
  window.shownSoFar = shown
  const look = (): void => {
    const one = (testId: string) => document.querySelector<HTMLElement>(`[data-testid="${testId}"]`)
    const now = {
      counted: one('counted')?.textContent,
      boxes: one('boxes')?.dataset.boxCount,
      denominator: one('denominator')?.textContent,
    }
    for (const what of ['counted', 'boxes', 'denominator'] as const) {
      const count = Number(now[what] ?? Number.NaN)
      if (!Number.isNaN(count) && shown[what].at(-1) !== count) shown[what].push(count)
    }
  }
  new MutationObserver(look).observe(document.body, {
    subtree: true,
    childList: true,
    characterData: true,
    attributes: true,
    attributeFilter: ['data-box-count'],
  })
}

export async function waitForState(page: Page, state: string): Promise<void> {
  await page.locator(`[data-testid="run-state"][data-state="${state}"]`).waitFor({ timeout: PATIENCE_MS })
}

export async function stopScan(page: Page): Promise<void> {
  await page.getByTestId('stop').click()
  await waitForState(page, 'finished')
}

/** Gives a cell another class with one key; the first label asks for the reader's name. */
export async function relabelByKey(page: Page): Promise<{ readonly cellId: string; readonly label: ClassCode }> {
  const cell = page.getByTestId('gallery-cell').first()
  await cell.click({ timeout: PATIENCE_MS })
  const cellId = (await cell.getAttribute('data-cell-id')) ?? ''
  const before = await cell.getAttribute('data-class')
  expect(before !== null && isClassCode(before)).toBe(true)
  const label: ClassCode = before === 'BAS' ? 'PLM' : 'BAS'
  await page.keyboard.press(cellClass(label).key)
  const dialog = page.getByTestId('reader-dialog')
  await dialog.waitFor({ timeout: PATIENCE_MS })
  await page.getByTestId('reader-name').fill(READER)
  await page.getByTestId('reader-save').click()
  await dialog.waitFor({ state: 'detached' })
  await expectLabel(page, cellId, label)
  return { cellId, label }
}

/** Shows the cells of the class and finds the cell among them, marked as read by a person. */
export async function expectLabel(page: Page, cellId: string, label: ClassCode): Promise<void> {
  await page.getByTestId('view-reviewed').check({ force: true, timeout: PATIENCE_MS })
  await page.getByTestId(`chip-${label}`).click({ timeout: PATIENCE_MS })
  const cell = page.locator(`[data-testid="gallery-cell"][data-cell-id="${cellId}"]`)
  await cell.waitFor({ timeout: PATIENCE_MS })
  expect(await cell.getAttribute('data-class')).toBe(label)
  expect(await cell.getAttribute('aria-label')).toContain(`labelled by ${READER}`)
  await expect.poll(() => countIn(page, `differential-count-${label}`), { timeout: PATIENCE_MS }).toBeGreaterThan(0)
}

/** Whether crops and tiles really are pictures, not broken links. */
export async function expectPictures(page: Page): Promise<void> {
  const loaded = () =>
    page.evaluate(
      () =>
        [...document.querySelectorAll<HTMLImageElement>('[data-testid="gallery-cell"] img')].filter(
          (image) => image.complete && image.naturalWidth > 0,
        ).length,
    )
  await expect.poll(loaded, { timeout: PATIENCE_MS }).toBeGreaterThan(0)
}
