import path from 'node:path'
import type { Locator } from 'playwright'
import { beforeAll, expect, test } from 'vitest'
import { fitted } from '../../src/renderer/features/map/map-geometry.ts'
import type { CellMap } from '../../src/shared/contract/evidence.ts'
import type { BenchClient } from '../../src/shared/contract/index.ts'
import { CLASS_CODES } from '../../src/shared/taxonomy.ts'
import { READER } from '../support/desk.ts'
import { describeDesk } from '../support/desk-in-browser.ts'
import { ROOT } from '../support/medulla.ts'

const PATIENCE_MS = 90_000
/** Enough for a map, and for a class with neighbours. */
const CELLS = 45

async function scan(client: BenchClient): Promise<void> {
  const rig = { kind: 'simulated', profile: 'normal', seed: 2, timeScale: 100 } as const
  const { runId } = await client.runs.start({ rig, targetCells: CELLS })
  for await (const { run } of await client.runs.events({ runId })) if (run.failure) throw new Error(run.failure.message)
}

describeDesk('evidence in the window', { timeoutMs: 240_000, before: scan }, (desk) => {
  let map: CellMap
  let canvas: Locator

  const chipCount = async (filter: string): Promise<number> =>
    Number((await desk.text(`chip-${filter}`)).replace(/\D/g, '') || '0')

  beforeAll(() => {
    canvas = desk.page.getByTestId('map-canvas')
  })

  /** Where the cell of a row of the map is drawn, CSS pixels of the page, while the whole map is shown. */
  async function placeOf(row: number): Promise<{ x: number; y: number }> {
    const box = (await canvas.boundingBox())!
    const { scale, offsetX, offsetY } = fitted(box.width, box.height)
    return { x: box.x + map.x[row] * scale + offsetX, y: box.y + map.y[row] * scale + offsetY }
  }

  /** The row of the cell that lies farthest from any other: a click there can mean no other. */
  function loneliest(): number {
    const apart = map.x.map((x, a) =>
      Math.min(...map.x.map((other, b) => (a === b ? 9 : Math.hypot(x - other, map.y[a] - map.y[b])))),
    )
    return apart.indexOf(Math.max(...apart))
  }

  test('says why a cell has its name, and of the next cell when that is selected', async () => {
    await desk.page.getByTestId('gallery-cell').first().click({ timeout: PATIENCE_MS })
    await desk.page.keyboard.press('Shift+W')
    const why = desk.page.locator('[data-testid="why"][data-state="known"]')
    await why.waitFor({ timeout: PATIENCE_MS })
    expect(await why.textContent()).toMatch(/Lit: what speaks for|No single place speaks for/)
    const veil = desk.page.getByTestId('why-veil')
    const covered = await veil.evaluate((element) => {
      const { width, height } = element as HTMLCanvasElement
      const { data } = (element as HTMLCanvasElement).getContext('2d')!.getImageData(0, 0, width, height)
      let most = 0
      for (let i = 3; i < data.length; i += 4) most = Math.max(most, data[i])
      return most
    })
    expect(covered > 0).toBe((await why.textContent())!.includes('Lit') || (await why.textContent())!.includes('Blue'))
    const first = await veil.getAttribute('aria-label')
    await desk.page.keyboard.press('.')
    await expect.poll(() => veil.getAttribute('aria-label').catch(() => null), { timeout: PATIENCE_MS }).not.toBe(first)
    await desk.page.keyboard.press('Shift+W')
    await why.waitFor({ state: 'detached' })
  })

  test('maps the cells of the run beside the slide', async () => {
    await desk.page.keyboard.press('Shift+M')
    const cells = await chipCount('all')
    await expect.poll(() => canvas.getAttribute('data-points'), { timeout: PATIENCE_MS }).toBe(String(cells))
    for await (const event of await desk.client.evidence.map({ runId: 1 })) if (event.state === 'ready') map = event.map
    expect(map.cellIds).toHaveLength(cells)
    expect(await desk.text('cell-map')).toContain('Near means alike')
  })

  test('shows the cell under the pointer, selects it by a click, and flies to it', async () => {
    const row = loneliest()
    const { x, y } = await placeOf(row)
    await desk.page.mouse.move(x, y)
    const card = desk.page.getByTestId('map-card')
    await card.waitFor()
    await expect
      .poll(() => card.locator('img').evaluate((image) => (image as HTMLImageElement).naturalWidth))
      .toBeGreaterThan(0)
    await desk.page.mouse.click(x, y)
    const selected = desk.page.locator('[data-testid="gallery-cell"][aria-selected="true"]')
    await selected.waitFor()
    expect(await selected.getAttribute('data-cell-id')).toBe(String(map.cellIds[row]))
    await desk.page.keyboard.press('0')
    await desk.page.keyboard.press('Enter')
    const fineness = async () => Number(await desk.page.getByTestId('scale-bar').getAttribute('data-um-per-px'))
    await expect.poll(fineness, { timeout: PATIENCE_MS }).toBeLessThan(0.2)
  })

  test('goes from cell to cell by arrows, and picks the nearest by a key', async () => {
    await canvas.focus()
    const selected = desk.page.locator('[data-testid="gallery-cell"][aria-selected="true"]')
    const before = await selected.getAttribute('data-cell-id')
    // At the map's rim some directions lead nowhere, and a round of all four may end where it began: each step is looked at.
    const seen = [before]
    for (const key of ['ArrowLeft', 'ArrowUp', 'ArrowRight', 'ArrowDown']) {
      await desk.page.keyboard.press(key)
      seen.push(await selected.first().getAttribute('data-cell-id'))
    }
    expect(new Set(seen).size).toBeGreaterThan(1)
    await desk.page.keyboard.press('Shift+N')
    await expect.poll(() => chipCount('picked')).toBe(11)
    await desk.page.keyboard.press('Shift+N')
    await expect.poll(() => chipCount('picked')).toBe(21)
    await desk.page.keyboard.press('Shift+C')
    await expect.poll(() => desk.text('announcement')).toContain('picked')
  })

  test('labels what a lasso takes by one letter, and takes it back by one undo', async () => {
    await desk.page.keyboard.press('Escape')
    await canvas.focus()
    await desk.page.keyboard.press('0')
    const counts = async () =>
      (await desk.client.runs.differential({ runId: 1, view: 'reviewed' })).rows.map((row) => row.count)
    const before = await counts()
    const box = (await canvas.boundingBox())!
    const corners = [
      [2, 2],
      [box.width - 2, 2],
      [box.width - 2, box.height - 2],
      [2, box.height - 2],
    ]
    await desk.page.keyboard.down('Shift')
    await desk.page.mouse.move(box.x + 2, box.y + 2)
    await desk.page.mouse.down()
    for (const [x, y] of corners) await desk.page.mouse.move(box.x + x, box.y + y, { steps: 8 })
    await desk.page.mouse.up()
    await desk.page.keyboard.up('Shift')
    await expect.poll(() => chipCount('picked')).toBe(map.cellIds.length)
    await desk.page.keyboard.press('h')
    await desk.page.getByTestId('reader-name').fill(READER)
    await desk.page.getByTestId('reader-save').click()
    const basophils = CLASS_CODES.indexOf('BAS')
    await expect.poll(async () => (await counts())[basophils], { timeout: PATIENCE_MS }).toBe(map.cellIds.length)
    await desk.page.keyboard.press('u')
    await expect.poll(counts, { timeout: PATIENCE_MS }).toEqual(before)
  })

  test('shows what another model says of the same cells, labels and all, and the first again', async () => {
    await desk.client.models.add({ path: path.join(ROOT, 'test/fixtures/models/places') })
    await desk.page.keyboard.press('Control+Shift+M')
    await desk.page.getByTestId('reread-places@1').click({ timeout: PATIENCE_MS })
    await desk.page.getByTestId('reread-done').waitFor({ timeout: PATIENCE_MS })
    await desk.page.keyboard.press('Escape')
    const firstLine = await desk.text('cell-map')
    const { readings } = await desk.client.runs.readings({ runId: 1 })
    const modelId = readings.find((reading) => reading.name === 'places')!.modelId
    await desk.page.getByTestId('reading').selectOption(String(modelId))
    const { cells } = await desk.client.cells.list({ runId: 1, modelId })
    const named = (code: string) => cells.filter((cell) => cell.class === code).length
    await expect.poll(() => chipCount('LYT'), { timeout: PATIENCE_MS }).toBe(named('LYT'))
    await expect
      .poll(() => desk.text('cell-map'), { timeout: PATIENCE_MS })
      .toContain('By the probabilities of places 1')
    // A label stands beside any reading, and taking it back gives this reading's own name back.
    await desk.page.getByTestId('chip-LYT').click()
    await desk.page.getByTestId('gallery-cell').first().click()
    await desk.page.keyboard.press('h')
    await expect.poll(() => chipCount('LYT'), { timeout: PATIENCE_MS }).toBe(named('LYT') - 1)
    await desk.page.keyboard.press('u')
    await expect.poll(() => chipCount('LYT'), { timeout: PATIENCE_MS }).toBe(named('LYT'))
    await desk.page.getByTestId('reading').selectOption('')
    await expect.poll(() => desk.text('cell-map'), { timeout: PATIENCE_MS }).toBe(firstLine)
  })

  test('opens the card of a class, and the card of the model', async () => {
    await desk.page.getByTestId('trust-BLA').first().click()
    const card = desk.page.getByTestId('trust-card')
    await card.waitFor()
    const { trust } = await desk.client.evidence.model({ runId: 1 })
    const blast = trust.find((entry) => entry.class === 'BLA')!
    expect(await card.textContent()).toContain(`Of ${blast.n} real images of the class`)
    expect(await card.textContent()).toContain('65 %')
    await desk.page.getByTestId('trust-model-card').click()
    await expect.poll(() => desk.page.getByTestId('model-figures').locator('tbody tr').count()).toBe(CLASS_CODES.length)
    await expect.poll(() => desk.text('model-card')).toContain('Where it ends')
    expect(await desk.text('model-card')).toContain('For Research Use Only')
    await desk.page.keyboard.press('Escape')
    await desk.page.getByTestId('model').click()
    await desk.page.getByTestId('model-card').waitFor()
    await desk.page.keyboard.press('Escape')
    expect(desk.faults).toEqual([])
  })
})
