import { expect, test } from 'vitest'
import { openCasebook } from '../../src/main/casebook/open-casebook.ts'
import { CASE, newField, newRun } from '../support/casebook-rows.ts'
import { describeDesk } from '../support/desk-in-browser.ts'

const PATIENCE_MS = 60_000

function madeRun(dataFolder: string): void {
  const casebook = openCasebook(dataFolder)
  const { runId } = casebook.createRun(newRun(casebook.createCase(CASE).caseId))
  for (let index = 0; index < 4; index++) casebook.commitField(newField(runId, index, 10))
  casebook.setRunState(runId, 'finished', { stopped: 'user' })
  casebook.close()
}

describeDesk('moves of the slide that follow each other at once', { timeoutMs: 300_000, fill: madeRun }, (desk) => {
  /** The point of the slide in the middle of the view, SlidePx. */
  const middle = () =>
    desk.page.locator('canvas[data-testid="boxes"]').evaluate((canvas: HTMLCanvasElement) => {
      const [scale, offsetX, offsetY] = canvas.dataset.placement!.split(' ').map(Number)
      return { x: (canvas.clientWidth / 2 - offsetX) / scale, y: (canvas.clientHeight / 2 - offsetY) / scale, scale }
    })
  /** Once nothing moves any more. */
  const settled = async () => {
    let before = await middle()
    for (;;) {
      await desk.page.waitForTimeout(300)
      const now = await middle()
      if (now.x === before.x && now.y === before.y && now.scale === before.scale) return now
      before = now
    }
  }

  test('end where they would one by one', async () => {
    await desk.page.getByTestId('gallery-cell').first().click({ timeout: PATIENCE_MS })
    await settled()
    await desk.page.keyboard.press('0')
    await settled()
    await desk.page.keyboard.press('+')
    const slowly = await settled()
    await desk.page.keyboard.press('Enter')
    const atCell = await settled()
    expect(Math.abs(atCell.x - slowly.x)).toBeGreaterThan(500)
    for (const key of ['0', '+']) await desk.page.keyboard.press(key)
    const quickly = await settled()
    expect(quickly.x).toBeCloseTo(slowly.x, 0)
    expect(quickly.y).toBeCloseTo(slowly.y, 0)
    await desk.page.keyboard.press('Enter')
    await desk.page.keyboard.press('1')
    const close = await settled()
    expect(Math.abs(close.x - atCell.x)).toBeLessThan(1)
    expect(desk.faults).toEqual([])
  })
})
