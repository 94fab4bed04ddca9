import { beforeAll, expect, test } from 'vitest'
import type { BenchClient } from '../../src/shared/contract/index.ts'
import { READER, waitForState } from '../support/desk.ts'
import { describeDesk } from '../support/desk-in-browser.ts'

const PATIENCE_MS = 90_000
/** The first of a new casebook. */
const RUN = 1
const RIG = { kind: 'simulated', profile: 'normal', seed: 1, timeScale: 20 } as const

/** However long it takes on a busy machine. */
async function over(client: BenchClient, runId: number): Promise<void> {
  for await (const { run } of await client.runs.events({ runId })) if (run.state === 'finished') return
}

async function scan(client: BenchClient): Promise<void> {
  const { runId } = await client.runs.start({ rig: RIG, targetCells: 120 })
  await over(client, runId)
}

describeDesk('counting by hand', { timeoutMs: 400_000, before: scan }, (desk) => {
  const expectCount = (testId: string, count: number) =>
    expect.poll(async () => Number(await desk.text(testId)), { timeout: PATIENCE_MS }).toBe(count)

  beforeAll(() => waitForState(desk.page, 'finished'), PATIENCE_MS)

  test('at the live image: an area that the run counted says so at once and is shaded; keys count and are taken back', async () => {
    const { fields } = await desk.client.slide.fields({ runId: RUN, after: 0 })
    await desk.client.microscope.connect({ settings: RIG })
    await desk.client.microscope.goTo(fields[3]!.stage!)
    await desk.page.keyboard.press('Shift+B')
    await desk.page.getByTestId('bench-picture').locator('img').waitFor({ timeout: PATIENCE_MS })
    await desk.page.getByTestId('bench-tally').click()
    expect(await desk.page.getByTestId('tally-place').inputValue()).toBe('live')
    expect(await desk.page.getByTestId('tally-purpose').inputValue()).toBe('add')
    await desk.page.getByTestId('tally-target').selectOption('100')
    await desk.page.getByTestId('tally-start').click()
    await desk.page.getByTestId('reader-name').fill(READER)
    await desk.page.getByTestId('reader-save').click()
    await desk.page.getByTestId('tally-already').waitFor({ timeout: PATIENCE_MS })
    expect(await desk.text('tally-already')).toMatch(/^Already counted: run 1, field \d+ \(\d+ %\);.* % of this view\./)
    await desk.page.getByTestId('live-shade').waitFor()
    await desk.picture('tally-already')

    // Away from what was scanned nobody has counted: the shade goes, and keys count.
    await desk.client.microscope.goTo({ xUm: fields[3]!.stage!.xUm, yUm: fields[3]!.stage!.yUm + 4000 })
    await expect.poll(() => desk.text('tally-look'), { timeout: PATIENCE_MS }).toContain('Nobody has counted here')
    expect(await desk.page.getByTestId('live-shade').count()).toBe(0)
    for (const key of ['s', 's', 'y', 'b', 'q']) await desk.page.keyboard.press(key)
    await expectCount('tally-counted', 4)
    await expectCount('tally-count-NGS', 2)
    await expectCount('tally-count-ART', 1)
    expect(await desk.text('tally-last')).toContain('Artefact')
    await desk.page.keyboard.press('Backspace')
    await desk.page.keyboard.press('Backspace')
    await expectCount('tally-counted', 3)
    await expectCount('tally-count-BLA', 0)
    expect(await desk.text('tally-last')).toContain('Taken back: Blast')
    // A key that is held down is one cell.
    await desk.page.keyboard.down('l')
    await desk.page.keyboard.down('l')
    await desk.page.keyboard.up('l')
    await desk.page.getByTestId('tally-row-EOS').click()
    await expectCount('tally-count-LYT', 1)
    await expectCount('tally-counted', 5)
  })

  test('it rings at the number asked for, stops with Esc, and goes on where it was', async () => {
    for (let i = 0; i < 94; i++) await desk.page.keyboard.press(i % 3 === 0 ? 'y' : 's')
    await expectCount('tally-counted', 99)
    expect(await desk.page.getByTestId('tally-total').getAttribute('data-rung')).toBeNull()
    await desk.page.keyboard.press('d')
    await expectCount('tally-counted', 100)
    await expect.poll(() => desk.page.getByTestId('tally-total').getAttribute('data-rung')).toBe('100')
    await desk.picture('tally-rung')
    await desk.page.keyboard.press('Escape')
    await desk.page.getByTestId('tally-sittings').waitFor({ timeout: PATIENCE_MS })
    await desk.page.keyboard.press('s')
    await expect.poll(() => desk.text('sitting-1')).toContain(`${READER} 100 cells`)
    await desk.page.reload()
    await waitForState(desk.page, 'finished')
    await desk.page.keyboard.press('Shift+B')
    await desk.page.keyboard.press('Shift+H')
    await desk.page.getByTestId('continue-1').click()
    await expectCount('tally-counted', 100)
    // Away and back: its own place of before.
    await desk.page.keyboard.press('s')
    await expectCount('tally-counted', 101)
    await desk.page.keyboard.press('Escape')
    expect((await desk.client.tally.get({ sittingId: 1 })).sitting).toMatchObject({
      cells: 101,
      views: 1,
      reader: READER,
    })
  })

  test('on the slide: counted to compare, without the machine’s boxes, and held against it in the same places', async () => {
    await desk.page.keyboard.press('Shift+B')
    await desk.page.getByTestId('viewer').waitFor()
    await desk.page.getByTestId('differential').waitFor({ state: 'detached' })
    // One image pixel a screen pixel, round a cell in the middle of a field: all of the view is what that field owns.
    const { fields } = await desk.client.slide.fields({ runId: RUN, after: 0 })
    const { cells } = await desk.client.cells.list({ runId: RUN })
    const middle = cells.find(({ xPx, yPx }) => Math.abs(xPx - 1024) < 350 && Math.abs(yPx - 768) < 250)!
    await desk.page.locator(`[data-testid="gallery-cell"][data-cell-id="${middle.id}"]`).click({ timeout: PATIENCE_MS })
    await desk.page.keyboard.press('Enter')
    await desk.page.waitForTimeout(1000)
    expect(await desk.page.getByTestId('tally-place').inputValue()).toBe('slide')
    expect(await desk.page.getByTestId('tally-purpose').inputValue()).toBe('compare')
    await desk.page.getByTestId('tally-start').click()
    await desk.page.getByTestId('tally-counted').waitFor({ timeout: PATIENCE_MS })
    await desk.page.keyboard.press('1')
    expect(await desk.page.locator('canvas[data-testid="boxes"]').getAttribute('data-box-count')).toBe('0')
    await desk.page.waitForTimeout(1500)
    await expect
      .poll(() => desk.text('tally-look'), { timeout: PATIENCE_MS })
      .toContain('The machine counted 100 % of this view')
    for (let i = 0; i < 20; i++) await desk.page.keyboard.press(i < 16 ? 'l' : 's')
    await expectCount('tally-counted', 20)
    await desk.picture('tally-slide')
    await desk.page.keyboard.press('Escape')
    await expect
      .poll(async () => Number(await desk.page.locator('canvas[data-testid="boxes"]').getAttribute('data-box-count')))
      .toBe(cells.length)
    await desk.page.getByTestId('compare-2').click()
    await desk.page.getByTestId('compare-row-LYT').waitFor({ timeout: PATIENCE_MS })
    await desk.picture('tally-compare')
    const { sameArea, whole, views } = await desk.client.tally.compare({ sittingId: 2, runId: RUN })
    expect(views).toEqual({ covered: 1, all: 1 })
    const [{ areaUm }] = (await desk.client.tally.areas({ caseId: 1 })).areas.filter(
      ({ by }) => by.kind === 'sitting' && by.sittingId === 2,
    )
    // The machine's cells in the very place that was counted, found again from what the window shows.
    const { pixelSizeUm } = await desk.client.slide.info({ runId: RUN })
    const view = await desk.client.tally.onSlide({ runId: RUN })
    const place = view.areas.find(({ by }) => by.kind === 'sitting' && by.sittingId === 2)!.area
    expect(place.width * pixelSizeUm).toBeCloseTo(areaUm!.width, 6)
    expect(place.width).toBeLessThan(fields[0]!.widthPx)
    const inside = cells.filter(
      ({ slideX, slideY }) =>
        slideX >= place.x && slideX < place.x + place.width && slideY >= place.y && slideY < place.y + place.height,
    )
    expect(inside.length).toBeGreaterThan(0)
    expect(sameArea?.machine.cells).toBe(inside.length)
    expect(await desk.page.getByTestId('compare-row-LYT').getAttribute('data-differs')).toBe('true')
    expect(await desk.text('compare-words')).toMatch(
      /differ by more than chance explains: .*lymphocyte \(80\.0 % by hand/,
    )
    expect(whole.machine.cells).toBe(cells.length)
    await desk.page.keyboard.press('Escape')
    expect(await desk.text('case-count')).toContain(`${READER} (sitting 1) found 101`)
  })

  test('a new scan of the case says what was counted by hand, and its cells there count once', async () => {
    await desk.page.keyboard.press('Control+Enter')
    await desk.page.getByTestId('case').selectOption('1')
    await desk.page.getByTestId('counted-ahead').waitFor({ timeout: PATIENCE_MS })
    expect(await desk.text('counted-ahead')).toContain(`${READER} counted 101 cells by hand (sitting 1) on this slide`)
    await desk.picture('tally-ahead')
    await desk.page.getByTestId('profile').selectOption('aml')
    await expect.poll(() => desk.text('counted-ahead'), { timeout: PATIENCE_MS }).toContain('a stage of its own')
    await desk.page.keyboard.press('Escape')
    const { counts } = await desk.client.tally.ofCase({ caseId: 1 })
    expect(counts).toHaveLength(1)
  })

  test('a run that comes where a person had counted says how many of its cells lie there', async () => {
    const { fields } = await desk.client.slide.fields({ runId: RUN, after: 0 })
    const { caseId } = await desk.client.cases.create({ accession: '26-1184' })
    await desk.client.microscope.goTo(fields[0]!.stage!)
    const { sitting } = await desk.client.tally.start({ caseId, reader: READER, place: 'live' })
    for (const code of ['NGS', 'EBO'] as const)
      await desk.client.tally.count({ sittingId: sitting.sittingId, class: code, at: { kind: 'live' } })
    await over(desk.client, (await desk.client.runs.start({ rig: RIG, caseId, targetCells: 10 })).runId)
    await desk.page.reload()
    await waitForState(desk.page, 'finished')
    await desk.page.getByTestId('counted-before').waitFor({ timeout: PATIENCE_MS })
    const said = /^(\d+) of its (\d+) cells lie where Test reader had counted by hand \(sitting 3\)/.exec(
      await desk.text('counted-before'),
    )
    expect(Number(said?.[1])).toBeGreaterThan(5)
    expect(Number(said?.[1])).toBeLessThanOrEqual(Number(said?.[2]))
    await desk.picture('tally-before')
    await desk.page.getByTestId('open-tally').click()
    await desk.page.getByTestId('case-count').waitFor({ timeout: PATIENCE_MS })
    expect(await desk.text('case-count')).toContain(`${said![1]} of them counted before`)
    expect(desk.faults).toEqual([])
  })
})
