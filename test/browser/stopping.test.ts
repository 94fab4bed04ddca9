import { expect, test } from 'vitest'
import { READER, waitForState } from '../support/desk.ts'
import { describeDesk } from '../support/desk-in-browser.ts'

const PATIENCE_MS = 150_000

describeDesk('stop rules and the search for rare cells', { timeoutMs: 400_000 }, (desk) => {
  test('a scan stops once a share is clear of a threshold, and says so', async () => {
    await desk.page.getByTestId('welcome-other').click({ timeout: PATIENCE_MS })
    await desk.page.getByTestId('profile').selectOption('aml')
    await desk.page.getByTestId('speed').selectOption('100')
    await desk.page.getByTestId('target-cells').fill('')
    await desk.page.getByTestId('by-threshold').check()
    await desk.page.getByTestId('threshold-percent').fill('100')
    await desk.page.getByTestId('start-scan').click()
    await desk.page.getByText('A share is a percentage above 0 and below 100.').waitFor()
    await desk.page.getByTestId('threshold-percent').fill('10')
    await desk.page.getByTestId('threshold-least').fill('40')
    await desk.page.getByTestId('start-scan').click()
    await desk.page.getByTestId('stop-alternative').waitFor({ timeout: PATIENCE_MS })
    await desk.page.locator('[data-testid="run-state"][data-state="finished"]').waitFor({ timeout: PATIENCE_MS })
    expect(await desk.text('stopped-by')).toMatch(
      /^Stopped: blasts \d+(\.\d+)? % \(.*\), above 10 %; 40 cells counted\.$/,
    )
    expect(desk.faults).toEqual([])
  })

  test('it goes on by another rule', async () => {
    const fields = Number(await desk.text('fields'))
    await desk.page.getByTestId('continue-run').click()
    const target = Number(await desk.text('counted')) + 20
    await desk.page.getByTestId('target-cells').fill(String(target))
    await desk.page.getByTestId('continue-start').click()
    await desk.page.getByTestId('continue-dialog').waitFor({ state: 'detached', timeout: PATIENCE_MS })
    await expect
      .poll(async () => Number(await desk.text('counted')), { timeout: PATIENCE_MS })
      .toBeGreaterThanOrEqual(target)
    await waitForState(desk.page, 'finished')
    expect(Number(await desk.text('fields'))).toBeGreaterThan(fields)
  })

  test('rare cells are listed, the likeliest first, and looked at with a signature', async () => {
    await desk.page.keyboard.press('Shift+R')
    await desk.page.getByTestId('search-class').selectOption('MON')
    await desk.page.getByTestId('search-recall').selectOption('1')
    const report = desk.page.locator('[data-testid="search-report"][data-state="pending"]')
    await report.waitFor({ timeout: PATIENCE_MS })
    expect(await report.textContent()).toMatch(
      /candidates? to be looked at among [\d,]+ counted cells\. If none is a monocyte: at most/,
    )
    const listed = await desk.page.getByTestId('gallery-cell').count()
    expect(listed).toBeGreaterThan(0)
    await desk.page.getByTestId('search-sign').click()
    await desk.page.getByTestId('reader-name').fill(READER)
    await desk.page.getByTestId('reader-save').click()
    const signed = desk.page.locator('[data-testid="search-report"]:is([data-state="reviewed"], [data-state="found"])')
    await signed.waitFor({ timeout: PATIENCE_MS })
    expect(await signed.textContent()).toContain(`looked at by ${READER}`)
    expect(await desk.page.getByTestId('search-sign').isDisabled()).toBe(true)
    await desk.page.keyboard.press('Escape')
    await desk.page.getByTestId('search-bar').waitFor({ state: 'detached' })
    expect(desk.faults).toEqual([])
  })
})
