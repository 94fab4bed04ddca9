import { beforeAll, expect, test } from 'vitest'
import { describeDesk } from '../support/desk-in-browser.ts'

const PATIENCE_MS = 120_000

describeDesk('the calibration wizard', { timeoutMs: 300_000, viewport: { width: 1280, height: 800 } }, (desk) => {
  beforeAll(async () => {
    await desk.page.getByTestId('welcome-scan').waitFor({ timeout: PATIENCE_MS })
    await desk.page.keyboard.press('Control+Shift+K')
    await desk.page.getByTestId('calibration').waitFor({ timeout: PATIENCE_MS })
  }, 300_000)

  const kind = (name: string) => desk.page.getByTestId(`kind-${name}`)

  test('says of a microscope that was never measured that everything is unknown', async () => {
    await expect.poll(() => desk.page.locator('.calibration-unknown').count(), { timeout: PATIENCE_MS }).toBe(7)
    await expect.poll(() => kind('settle').textContent(), { timeout: PATIENCE_MS }).toContain('unknown')
    expect(await desk.page.getByTestId('calibration').textContent()).toContain('For Research Use Only')
  })

  test('goes from one measurement to the next by keys, measures, and shows value, error and date', async () => {
    await kind('pixel-size').focus()
    await desk.page.keyboard.press('ArrowDown')
    expect(await kind('dark-frame').getAttribute('aria-selected')).toBe('true')
    await desk.page.keyboard.press('ArrowDown')
    await desk.page.keyboard.press('ArrowDown')
    expect(await kind('white-balance').getAttribute('aria-selected')).toBe('true')
    await desk.page.keyboard.press('Tab')
    await desk.page.keyboard.press('Enter')
    const result = desk.page.getByTestId('calibration-result')
    await expect.poll(() => result.textContent(), { timeout: PATIENCE_MS }).toMatch(/red 1\.\d+.*±.*Measured \d{4}-/)
    await expect.poll(() => kind('white-balance').getAttribute('data-known'), { timeout: PATIENCE_MS }).toBe('true')
    expect(await kind('flat-field').getAttribute('data-known')).toBe('false')
  })

  test('keeps nothing of what is stopped half way, and what was measured belongs to its objective', async () => {
    await kind('pixel-size').click()
    await desk.page.getByTestId('measure').click()
    await expect.poll(() => desk.page.getByRole('progressbar').count(), { timeout: PATIENCE_MS }).toBe(1)
    await desk.page.getByTestId('stop-measuring').click()
    await expect
      .poll(() => desk.page.getByTestId('calibration-result').textContent(), { timeout: PATIENCE_MS })
      .toContain('Nothing of it is kept')
    expect(await kind('pixel-size').getAttribute('data-known')).toBe('false')
    await desk.page.getByTestId('calibration-objective').fill('40x')
    await expect.poll(() => kind('white-balance').getAttribute('data-known'), { timeout: PATIENCE_MS }).toBe('false')
    await desk.page.getByTestId('calibration-objective').fill('')
    await expect.poll(() => kind('white-balance').getAttribute('data-known'), { timeout: PATIENCE_MS }).toBe('true')
  })

  test('met no error of its own', () => {
    expect(desk.faults).toEqual([])
  })
})
