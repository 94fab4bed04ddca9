import path from 'node:path'
import { createORPCClient } from '@orpc/client'
import { RPCLink } from '@orpc/client/fetch'
import type { Browser, Page } from 'playwright'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildIfStale } from '../../scripts/build-if-stale.ts'
import type { BenchClient } from '../../src/shared/contract/index.ts'
import { findChromium, launchChromium } from '../support/chromium.ts'
import { temporaryFolder } from '../support/data-folder.ts'
import { READER, waitForState, watchForFaults } from '../support/desk.ts'
import { type Served, startServer } from '../support/served.ts'

const executable = findChromium()
if (!executable)
  console.log('Skipped: counting by hand in a browser. There is no Chromium; MEDULLA_CHROMIUM can name one.')

const PATIENCE_MS = 90_000
/** A folder: pictures of the window on the way are put there. */
const PICTURES = process.env.MEDULLA_PICTURES
const RIG = { kind: 'simulated', profile: 'normal', seed: 1, timeScale: 20 } as const

describe.skipIf(!executable)('counting by hand', { timeout: 400_000 }, () => {
  let browser: Browser
  let server: Served
  let page: Page
  let faults: string[]
  let client: BenchClient
  let runId: number

  const text = async (testId: string): Promise<string> => (await page.getByTestId(testId).first().textContent()) ?? ''
  const picture = async (name: string): Promise<void> => {
    if (PICTURES) await page.screenshot({ path: path.join(PICTURES, `${name}.png`) })
  }
  /** However long it takes on a busy machine. */
  const over = async (id: number): Promise<void> => {
    for await (const { run } of await client.runs.events({ runId: id })) if (run.state === 'finished') return
  }
  const expectCount = (testId: string, count: number) =>
    expect.poll(async () => Number(await text(testId)), { timeout: PATIENCE_MS }).toBe(count)

  beforeAll(async () => {
    buildIfStale()
    browser = await launchChromium(executable!)
    server = await startServer(temporaryFolder())
    const token = new URLSearchParams(new URL(server.link).hash.slice(1)).get('token')
    client = createORPCClient(
      new RPCLink({
        url: `http://127.0.0.1:${server.port}/rpc`,
        headers: () => ({ authorization: `Bearer ${token}` }),
      }),
    )
    runId = (await client.runs.start({ rig: RIG, targetCells: 120 })).runId
    await over(runId)
    page = await browser.newPage({ viewport: { width: 1440, height: 900 }, colorScheme: 'dark' })
    faults = watchForFaults(page)
    await page.goto(server.link)
    await waitForState(page, 'finished')
  }, 400_000)
  afterAll(async () => {
    await browser?.close()
    await server?.stop()
  }, 60_000)

  test('at the live image: an area that the run counted says so at once and is shaded; keys count and are taken back', async () => {
    const { fields } = await client.slide.fields({ runId, after: 0 })
    await client.microscope.connect({ settings: RIG })
    await client.microscope.goTo(fields[3]!.stage!)
    await page.keyboard.press('Shift+B')
    await page.getByTestId('bench-picture').locator('img').waitFor({ timeout: PATIENCE_MS })
    await page.getByTestId('bench-tally').click()
    expect(await page.getByTestId('tally-place').inputValue()).toBe('live')
    expect(await page.getByTestId('tally-purpose').inputValue()).toBe('add')
    await page.getByTestId('tally-target').selectOption('100')
    await page.getByTestId('tally-start').click()
    await page.getByTestId('reader-name').fill(READER)
    await page.getByTestId('reader-save').click()
    await page.getByTestId('tally-already').waitFor({ timeout: PATIENCE_MS })
    expect(await text('tally-already')).toMatch(/^Already counted: run 1, field \d+ \(\d+ %\);.* % of this view\./)
    await page.getByTestId('live-shade').waitFor()
    await picture('tally-already')

    // Away from what was scanned nobody has counted: the shade goes, and keys count.
    await client.microscope.goTo({ xUm: fields[3]!.stage!.xUm, yUm: fields[3]!.stage!.yUm + 4000 })
    await expect.poll(() => text('tally-look'), { timeout: PATIENCE_MS }).toContain('Nobody has counted here')
    expect(await page.getByTestId('live-shade').count()).toBe(0)
    for (const key of ['s', 's', 'y', 'b', 'q']) await page.keyboard.press(key)
    await expectCount('tally-counted', 4)
    await expectCount('tally-count-NGS', 2)
    await expectCount('tally-count-ART', 1)
    expect(await text('tally-last')).toContain('Artefact')
    await page.keyboard.press('Backspace')
    await page.keyboard.press('Backspace')
    await expectCount('tally-counted', 3)
    await expectCount('tally-count-BLA', 0)
    expect(await text('tally-last')).toContain('Taken back: Blast')
    // A key that is held down is one cell.
    await page.keyboard.down('l')
    await page.keyboard.down('l')
    await page.keyboard.up('l')
    await page.getByTestId('tally-row-EOS').click()
    await expectCount('tally-count-LYT', 1)
    await expectCount('tally-counted', 5)
  })

  test('it rings at the number asked for, stops with Esc, and goes on where it was', async () => {
    for (let i = 0; i < 94; i++) await page.keyboard.press(i % 3 === 0 ? 'y' : 's')
    await expectCount('tally-counted', 99)
    expect(await page.getByTestId('tally-total').getAttribute('data-rung')).toBeNull()
    await page.keyboard.press('d')
    await expectCount('tally-counted', 100)
    await expect.poll(() => page.getByTestId('tally-total').getAttribute('data-rung')).toBe('100')
    await picture('tally-rung')
    await page.keyboard.press('Escape')
    await page.getByTestId('tally-sittings').waitFor({ timeout: PATIENCE_MS })
    await page.keyboard.press('s')
    await expect.poll(() => text('sitting-1')).toContain(`${READER} 100 cells`)
    await page.reload()
    await waitForState(page, 'finished')
    await page.keyboard.press('Shift+B')
    await page.keyboard.press('Shift+H')
    await page.getByTestId('continue-1').click()
    await expectCount('tally-counted', 100)
    // Away and back: its own place of before.
    await page.keyboard.press('s')
    await expectCount('tally-counted', 101)
    await page.keyboard.press('Escape')
    expect((await client.tally.get({ sittingId: 1 })).sitting).toMatchObject({ cells: 101, views: 1, reader: READER })
  })

  test('on the slide: counted to compare, without the machine’s boxes, and held against it in the same places', async () => {
    await page.keyboard.press('Shift+B')
    await page.getByTestId('viewer').waitFor()
    await page.getByTestId('differential').waitFor({ state: 'detached' })
    // One image pixel a screen pixel, round a cell in the middle of a field: all of the view is what that field owns.
    const { fields } = await client.slide.fields({ runId, after: 0 })
    const { cells } = await client.cells.list({ runId })
    const middle = cells.find(({ xPx, yPx }) => Math.abs(xPx - 1024) < 350 && Math.abs(yPx - 768) < 250)!
    await page.locator(`[data-testid="gallery-cell"][data-cell-id="${middle.id}"]`).click({ timeout: PATIENCE_MS })
    await page.keyboard.press('Enter')
    await page.waitForTimeout(1000)
    expect(await page.getByTestId('tally-place').inputValue()).toBe('slide')
    expect(await page.getByTestId('tally-purpose').inputValue()).toBe('compare')
    await page.getByTestId('tally-start').click()
    await page.getByTestId('tally-counted').waitFor({ timeout: PATIENCE_MS })
    await page.keyboard.press('1')
    expect(await page.locator('canvas[data-testid="boxes"]').getAttribute('data-box-count')).toBe('0')
    await page.waitForTimeout(1500)
    await expect
      .poll(() => text('tally-look'), { timeout: PATIENCE_MS })
      .toContain('The machine counted 100 % of this view')
    for (let i = 0; i < 20; i++) await page.keyboard.press(i < 16 ? 'l' : 's')
    await expectCount('tally-counted', 20)
    await picture('tally-slide')
    await page.keyboard.press('Escape')
    await expect
      .poll(async () => Number(await page.locator('canvas[data-testid="boxes"]').getAttribute('data-box-count')))
      .toBe(cells.length)
    await page.getByTestId('compare-2').click()
    await page.getByTestId('compare-row-LYT').waitFor({ timeout: PATIENCE_MS })
    await picture('tally-compare')
    const { sameArea, whole, views } = await client.tally.compare({ sittingId: 2, runId })
    expect(views).toEqual({ covered: 1, all: 1 })
    const [{ areaUm }] = (await client.tally.areas({ caseId: 1 })).areas.filter(
      ({ by }) => by.kind === 'sitting' && by.sittingId === 2,
    )
    // The machine's cells in the very place that was counted, found again from what the window shows.
    const { pixelSizeUm } = await client.slide.info({ runId })
    const view = await client.tally.onSlide({ runId })
    const place = view.areas.find(({ by }) => by.kind === 'sitting' && by.sittingId === 2)!.area
    expect(place.width * pixelSizeUm).toBeCloseTo(areaUm!.width, 6)
    expect(place.width).toBeLessThan(fields[0]!.widthPx)
    const inside = cells.filter(
      ({ slideX, slideY }) =>
        slideX >= place.x && slideX < place.x + place.width && slideY >= place.y && slideY < place.y + place.height,
    )
    expect(inside.length).toBeGreaterThan(0)
    expect(sameArea?.machine.cells).toBe(inside.length)
    expect(await page.getByTestId('compare-row-LYT').getAttribute('data-differs')).toBe('true')
    expect(await text('compare-words')).toMatch(/differ by more than chance explains: .*lymphocyte \(80\.0 % by hand/)
    expect(whole.machine.cells).toBe(cells.length)
    await page.keyboard.press('Escape')
    expect(await text('case-count')).toContain(`${READER} (sitting 1) found 101`)
  })

  test('a new scan of the case says what was counted by hand, and its cells there count once', async () => {
    await page.keyboard.press('Control+Enter')
    await page.getByTestId('case').selectOption('1')
    await page.getByTestId('counted-ahead').waitFor({ timeout: PATIENCE_MS })
    expect(await text('counted-ahead')).toContain(`${READER} counted 101 cells by hand (sitting 1) on this slide`)
    await picture('tally-ahead')
    await page.getByTestId('profile').selectOption('aml')
    await expect.poll(() => text('counted-ahead'), { timeout: PATIENCE_MS }).toContain('a stage of its own')
    await page.keyboard.press('Escape')
    const { counts } = await client.tally.ofCase({ caseId: 1 })
    expect(counts).toHaveLength(1)
  })

  test('a run that comes where a person had counted says how many of its cells lie there', async () => {
    const { fields } = await client.slide.fields({ runId, after: 0 })
    const { caseId } = await client.cases.create({ accession: '26-1184' })
    await client.microscope.goTo(fields[0]!.stage!)
    const { sitting } = await client.tally.start({ caseId, reader: READER, place: 'live' })
    for (const code of ['NGS', 'EBO'] as const)
      await client.tally.count({ sittingId: sitting.sittingId, class: code, at: { kind: 'live' } })
    await over((await client.runs.start({ rig: RIG, caseId, targetCells: 10 })).runId)
    await page.reload()
    await waitForState(page, 'finished')
    await page.getByTestId('counted-before').waitFor({ timeout: PATIENCE_MS })
    const said = /^(\d+) of its (\d+) cells lie where Test reader had counted by hand \(sitting 3\)/.exec(
      await text('counted-before'),
    )
    expect(Number(said?.[1])).toBeGreaterThan(5)
    expect(Number(said?.[1])).toBeLessThanOrEqual(Number(said?.[2]))
    await picture('tally-before')
    await page.getByTestId('open-tally').click()
    await page.getByTestId('case-count').waitFor({ timeout: PATIENCE_MS })
    expect(await text('case-count')).toContain(`${said![1]} of them counted before`)
    expect(faults).toEqual([])
  })
})
