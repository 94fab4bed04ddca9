import { expect, test } from 'vitest'
import { describeDesk } from '../support/desk-in-browser.ts'
import { type LongRun, makeLongRun } from '../support/long-run.ts'

const PATIENCE_MS = 120_000

let long: LongRun
let short: LongRun

async function fill(dataFolder: string): Promise<void> {
  // Cells of three pages.
  long = await makeLongRun(dataFolder, 120, 40)
  short = await makeLongRun(dataFolder, 3, 20)
}

describeDesk('a long run, opened from the worklist', { timeoutMs: 300_000, fill }, (desk) => {
  const shows = async (run: LongRun): Promise<void> => {
    await desk.page
      .locator(`canvas[data-testid="boxes"][data-box-count="${run.cells}"]`)
      .waitFor({ timeout: PATIENCE_MS })
    for (const what of ['counted', 'denominator'])
      await expect
        .poll(() => desk.page.getByTestId(what).textContent(), { timeout: PATIENCE_MS })
        .toBe(String(run.counted))
  }
  const open = (run: LongRun) => desk.page.locator(`[data-testid="worklist-item"][data-run-id="${run.runId}"]`).click()

  test('shows its counts, and every cell of it, and so does the one before it', async () => {
    await shows(short)
    await open(long)
    await shows(long)
    await desk.page
      .getByTestId('chip-all')
      .filter({ hasText: String(long.cells - long.cellsLeftOut) })
      .waitFor({ timeout: PATIENCE_MS })
    await open(short)
    await shows(short)
    expect(desk.faults).toEqual([])
  })

  test('has its counts before anything of it was read', async () => {
    await desk.page.route('**/rpc/runs/get', () => undefined)
    await open(long)
    await expect
      .poll(() => desk.page.getByTestId('counted').textContent(), { timeout: PATIENCE_MS })
      .toBe(String(long.counted))
    expect(await desk.page.locator('.viewer-empty').textContent()).toBe('Reading the fields…')
  })

  test('shows the slide while the rest of its cells is on its way', async () => {
    await desk.page.unroute('**/rpc/runs/get')
    await desk.page.goto('about:blank')
    await desk.page.goto(desk.server.link)
    await shows(short)
    let pages = 0
    await desk.page.route('**/rpc/cells/changes', (route) => (++pages > 1 ? undefined : route.continue()))
    await open(long)
    await expect
      .poll(() => desk.page.getByTestId('denominator').textContent(), { timeout: PATIENCE_MS })
      .toBe(String(long.counted))
    const drawn = () =>
      desk.page.evaluate(() =>
        [...document.querySelectorAll<HTMLCanvasElement>('.viewer-host canvas')]
          .filter((canvas) => canvas.dataset.testid !== 'boxes')
          .some(
            (canvas) =>
              canvas.getContext('2d')?.getImageData(canvas.width >> 1, canvas.height >> 1, 1, 1).data[3] === 255,
          ),
      )
    await expect.poll(drawn, { timeout: PATIENCE_MS }).toBe(true)
    await expect.poll(() => pages, { timeout: PATIENCE_MS }).toBe(2)
  })
})
