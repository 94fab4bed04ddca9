import { beforeAll, expect, test } from 'vitest'
import { waitForState } from '../support/desk.ts'
import { describeDesk } from '../support/desk-in-browser.ts'
import { slowBench } from '../support/slow-bench.ts'

const PATIENCE_MS = 240_000

describeDesk('looking over a smear in the window', { timeoutMs: 600_000 }, (desk) => {
  beforeAll(async () => {
    await desk.page.getByTestId('welcome-other').click({ timeout: PATIENCE_MS })
    await desk.page.getByTestId('new-scan').waitFor({ timeout: PATIENCE_MS })
  }, PATIENCE_MS)

  test('leads from the form to the map, which grows while the smear is looked at, and proposes areas with reasons', async () => {
    await desk.page.getByTestId('speed').selectOption('100')
    await desk.page.getByTestId('target-cells').fill('40')
    await desk.page.getByTestId('accession').fill('26-77')
    await desk.page.getByTestId('open-overview').click()
    await desk.page.getByTestId('overview').waitFor({ timeout: PATIENCE_MS })
    await desk.page.getByTestId('overview-within').fill('5.5 4.5')
    await desk.page.getByTestId('look-over').click()
    expect(await desk.page.getByRole('alert').first().textContent()).toContain('millimetres')
    await desk.page.getByTestId('overview-within').fill('5.5, 4.5, 4.2, 1.8')
    await desk.page.getByTestId('overview-pitch').fill('600')
    await desk.page.getByTestId('look-over').click()
    const map = desk.page.getByTestId('smear-map')
    await expect
      .poll(async () => Number(await map.getAttribute('data-places').catch(() => 0)), { timeout: PATIENCE_MS })
      .toBeGreaterThan(0)
    await desk.picture('looking')
    await desk.page.getByTestId('area-1').waitFor({ timeout: PATIENCE_MS })
    await expect.poll(() => desk.text('area-1'), { timeout: PATIENCE_MS }).toMatch(/fields \(\d+.*for 40 cells.*singly/)
    expect(await desk.page.getByTestId('overview').textContent()).toContain('For Research Use Only')
    expect(await map.locator('[data-verdict="thick"]').count()).toBeGreaterThan(0)
    await desk.picture('overview')
  })

  test('shows every layer, and reads a place to who points at it', async () => {
    for (const layer of ['thickness', 'cells', 'particles', 'focus', 'score']) {
      await desk.page.getByTestId(`layer-${layer}`).check({ force: true })
      expect(await desk.page.locator(`.place.${layer}`).count()).toBeGreaterThan(0)
      await desk.picture(`layer-${layer}`)
    }
    await desk.page.getByTestId('smear-map').hover({ position: { x: 40, y: 40 } })
    await expect.poll(() => desk.text('pointed')).toMatch(/mm: .*\./)
  })

  test('lets a hand draw, take back and exclude, and keys do the same', async () => {
    const map = desk.page.getByTestId('smear-map')
    const box = (await map.boundingBox())!
    const drag = async (x0: number, y0: number, x1: number, y1: number) => {
      await desk.page.mouse.move(box.x + x0 * box.width, box.y + y0 * box.height)
      await desk.page.mouse.down()
      await desk.page.mouse.move(box.x + x1 * box.width, box.y + y1 * box.height, { steps: 4 })
      await desk.page.mouse.up()
    }
    await drag(0.6, 0.3, 0.75, 0.6)
    await expect.poll(() => desk.text('area-drawn'), { timeout: PATIENCE_MS }).toMatch(/Drawn by hand.*fields/)
    await desk.page.getByTestId('take-back').click()
    await expect.poll(() => desk.page.getByTestId('area-drawn').count()).toBe(0)

    const before = await desk.text('area-1')
    await desk.page.getByTestId('tool-exclude').check({ force: true })
    await drag(0.5, 0.02, 0.98, 0.45)
    await expect.poll(() => desk.text('excluded-count'), { timeout: PATIENCE_MS }).toContain('left out')
    await desk.picture('excluded')
    // What is drawn while areas are still being proposed stays chosen.
    const bench = await slowBench(desk.page, 'overview/propose')
    await desk.page.getByTestId('take-back').click()
    await expect.poll(() => desk.page.getByTestId('excluded-count').count(), { timeout: PATIENCE_MS }).toBe(0)

    await desk.page.getByTestId('tool-draw').check({ force: true })
    await map.focus()
    for (const key of ['ArrowLeft', 'ArrowUp', 'Shift+ArrowRight', 'Shift+ArrowDown', 'Enter'])
      await desk.page.keyboard.press(key)
    await expect.poll(() => desk.text('area-drawn'), { timeout: PATIENCE_MS }).toMatch(/Drawn by hand.*fields/)
    const proposed = desk.page.waitForResponse('**/rpc/overview/propose', { timeout: PATIENCE_MS })
    bench.quicken()
    await (await proposed).finished()
    await expect.poll(() => desk.text('area-drawn'), { timeout: PATIENCE_MS }).toMatch(/Drawn by hand.*fields/)
    expect(await desk.page.getByTestId('area-drawn').getByRole('radio').isChecked()).toBe(true)
    await desk.picture('drawn')
    await map.focus()
    await desk.page.keyboard.press('Backspace')
    await expect.poll(() => desk.page.getByTestId('area-drawn').count()).toBe(0)
    await expect.poll(() => desk.text('area-1'), { timeout: PATIENCE_MS }).toBe(before)
    // A frame that was begun is given up by Escape; the dialog stays.
    await desk.page.keyboard.press('ArrowLeft')
    await desk.page.keyboard.press('Escape')
    expect(await desk.page.getByTestId('overview').count()).toBe(1)
  })

  test('goes back to the form as it was, with the area chosen, and scans it nearest first', async () => {
    await desk.page.getByTestId('accept-area').click()
    await desk.page.getByTestId('new-scan').waitFor({ timeout: PATIENCE_MS })
    expect(await desk.text('scan-area')).toMatch(/\d\.\d\d × \d\.\d\d mm at/)
    expect(await desk.page.getByTestId('accession').inputValue()).toBe('26-77')
    await desk.picture('form')
    await desk.page.getByTestId('scan-order').selectOption('nearest')
    await desk.page.getByTestId('start-scan').click()
    await waitForState(desk.page, 'finished')
    await expect.poll(() => desk.text('counted'), { timeout: PATIENCE_MS }).not.toBe('0')
    expect(await desk.text('run-area')).toMatch(
      /^Area \d\.\d\d × .* mm at .*Chosen on overview 1\. .*red cells lie singly/,
    )
    expect(await desk.page.locator('canvas[data-testid="boxes"]').getAttribute('data-areas')).not.toBe('0')
    await desk.picture('scanned')
    // Of another smear the area would be none.
    await desk.page.keyboard.press('Control+Enter')
    await desk.page.getByTestId('new-scan').waitFor({ timeout: PATIENCE_MS })
    expect(await desk.text('scan-area')).not.toContain('mm at')
  })

  test('opens again what was seen before', async () => {
    await desk.page.getByTestId('speed').selectOption('100')
    await desk.page.getByTestId('open-overview').click()
    await expect
      .poll(() => desk.page.getByTestId('smear-map').getAttribute('data-places'), { timeout: PATIENCE_MS })
      .not.toBe('0')
    expect(await desk.page.getByTestId('earlier-overviews').locator('option').count()).toBeGreaterThan(0)
  })

  test('met no error of its own', () => {
    expect(desk.faults).toEqual([])
  })
})
