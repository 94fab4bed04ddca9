import { expect, test } from 'vitest'
import type { Field, Stitch } from '../../src/shared/contract/slide.ts'
import { describeDesk } from '../support/desk-in-browser.ts'
import { medulla } from '../support/medulla.ts'

const PATIENCE_MS = 150_000

async function scanWithWornStage(folder: string): Promise<void> {
  const scan = ['scan', '--seed', '3', '--stage', 'worn', '--cells', '130', '--time-scale', '100', '--data', folder]
  const { exitCode, stderr } = await medulla(scan)
  expect(exitCode, stderr).toBe(0)
}

describeDesk('the seams of a scan with a worn stage', { timeoutMs: 400_000, fill: scanWithWornStage }, (desk) => {
  const inView = async () =>
    Number(await desk.page.locator('canvas[data-testid="boxes"]').getAttribute('data-stitches-in-view'))

  test('are shown when asked for, and a field says by whom it was placed', async () => {
    await desk.page.getByTestId('gallery-cell').first().waitFor({ timeout: PATIENCE_MS })
    expect(await inView()).toBe(0)
    await desk.page.keyboard.press('Shift+J')
    await expect.poll(inView, { timeout: PATIENCE_MS }).toBeGreaterThan(4)
    await desk.picture('seams')
    await desk.page.getByTestId('gallery-cell').last().click()
    expect(await desk.page.getByTestId('inspector-placed').textContent()).toMatch(/placed by/)
    await desk.page.keyboard.press('Shift+J')
    await expect.poll(inView, { timeout: PATIENCE_MS }).toBe(0)
    expect(desk.faults).toEqual([])
  })

  test('are listed by command, and lie where the images say', async () => {
    const { json } = await medulla(['seams', '1', '--data', desk.dataFolder])
    const { stitches } = json as { stitches: Stitch[] }
    expect(stitches.length).toBeGreaterThan(4)
    for (const { from, to, offset, offPx, score } of stitches) {
      if (offset === null) continue
      expect(score, `fields ${from} and ${to}`).toBeGreaterThan(0.4)
      expect(offPx, `fields ${from} and ${to}`).toBeLessThan(2)
    }
    const fields = ((await medulla(['fields', '1', '--data', desk.dataFolder])).json as { fields: Field[] }).fields
    expect(fields[0]!.stitch).toEqual({ compared: 0, matched: 0, score: null })
    expect(fields.at(-1)!.stitch!.matched).toBeGreaterThan(0)
  })
})
