import { expect, test } from 'vitest'
import { openCasebook } from '../../src/main/casebook/open-casebook.ts'
import { CLASS_CODES } from '../../src/shared/taxonomy.ts'
import { CASE, newCell, newField, newRun } from '../support/casebook-rows.ts'
import { READER } from '../support/desk.ts'
import { describeDesk } from '../support/desk-in-browser.ts'

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

describeDesk('fields that do not count', { timeoutMs: 300_000, fill: madeRun }, (desk) => {
  const denominator = (expected: string) =>
    expect.poll(() => desk.text('denominator'), { timeout: PATIENCE_MS }).toBe(expected)

  test('are said with their reason, beside the drift of the light', async () => {
    await desk.page.getByTestId('left-out-toggle').click({ timeout: PATIENCE_MS })
    await denominator('4')
    expect(await desk.text('fields-left-out')).toBe('1')
    expect(await desk.text('left-out-1')).toContain('Field 2: out of focus: edges 0.41 um wide')
    expect(await desk.text('chip-left-out')).toContain('2')
    expect(await desk.text('run-flags')).toContain('light drifts')
    expect(await desk.text('run-flag-list')).toContain('9 % weaker')
    expect(await desk.text('run-area')).toMatch(/^Area 0\.24 × 0\.11 mm at 0\.02, -0\.06, 1 left out\. Named by hand/)
    expect(await desk.page.locator('canvas[data-testid="boxes"]').getAttribute('data-areas')).toBe('1')
    expect(await desk.text('left-out-number')).toBe('1 left out (2 cells)')
    await desk.picture('left-out')
  })

  test('keep their cells in sight, dimmed, and say how many may be of a rare class', async () => {
    const boxes = desk.page.locator('canvas[data-testid="boxes"]')
    await expect.poll(() => boxes.getAttribute('data-box-count'), { timeout: PATIENCE_MS }).toBe(String(6 + DEBRIS))
    await desk.page.keyboard.press('Shift+R')
    await desk.page.getByTestId('search-class').selectOption('BLA')
    await expect.poll(() => desk.text('search-report'), { timeout: PATIENCE_MS }).toContain('2 candidates')
    expect(await desk.text('search-report')).toContain('1 more lies in a field that is left out.')
    await desk.page.keyboard.press('Shift+M')
    const map = desk.page.getByTestId('map-canvas')
    await expect.poll(() => map.getAttribute('data-left-out'), { timeout: PATIENCE_MS }).toBe('2')
    expect(await desk.text('cell-map')).toContain('in a field left out')
    await desk.picture('left-out-map')
    await desk.page.keyboard.press('Shift+M')
    await desk.page.keyboard.press('Shift+R')
  })

  test('are brought back with a name, and U takes that back', async () => {
    await desk.page.getByTestId('bring-back-1').click()
    await desk.page.getByTestId('reader-name').fill(READER)
    await desk.page.keyboard.press('Enter')
    await denominator('6')
    await expect.poll(() => desk.text('announcement'), { timeout: PATIENCE_MS }).toContain('Field 2 brought back')
    expect(await desk.page.getByTestId('left-out').count()).toBe(0)
    await desk.page.keyboard.press('u')
    await denominator('4')
    await expect.poll(() => desk.text('announcement'), { timeout: PATIENCE_MS }).toContain('Field 2 left out')
    expect(await desk.text('left-out-1')).toContain(`(${READER})`)
  })

  test('are left out by hand, by the key, from a selected cell', async () => {
    await desk.page.getByTestId('chip-all').click()
    const cell = desk.page.locator('[data-testid="gallery-cell"][data-cell-id="1"]')
    await cell.click()
    await expect.poll(() => cell.getAttribute('aria-selected'), { timeout: PATIENCE_MS }).toBe('true')
    await desk.page.keyboard.press('Shift+F')
    await denominator('2')
    expect(await desk.text('left-out-0')).toContain('left out by hand')
    expect(await desk.text('inspector-left-out')).toContain('by hand')
    await desk.page.keyboard.press('Shift+F')
    await denominator('4')
    expect(desk.faults).toEqual([])
  })
})
