import { expect, test } from 'vitest'
import { openCasebook } from '../../src/main/casebook/open-casebook.ts'
import { CLASS_CODES, type ClassCode, cellClass } from '../../src/shared/taxonomy.ts'
import { CASE, newCell, newField, newRun } from '../support/casebook-rows.ts'
import { READER, waitForState } from '../support/desk.ts'
import { describeDesk } from '../support/desk-in-browser.ts'
import { slowBench } from '../support/slow-bench.ts'

const PATIENCE_MS = 120_000
const PER_FIELD = 12
/** Two runs of three fields, all neutrophils but for a blast at the end of each field; the cells of the first are 1 to 39. */
function madeRuns(dataFolder: string): void {
  const casebook = openCasebook(dataFolder)
  const { caseId } = casebook.createCase(CASE)
  for (let run = 0; run < 2; run++) {
    const { runId } = casebook.createRun(newRun(caseId))
    for (const index of [0, 1, 2]) {
      const cell = (code: ClassCode, i: number) =>
        newCell(CLASS_CODES.indexOf(code), { x: index * 1843 + 200 + 120 * i, y: 300 + 60 * i })
      const neutrophils = Array.from({ length: PER_FIELD }, (_, i) => cell('NGS', i))
      casebook.commitField(newField(runId, index, [...neutrophils, cell('BLA', PER_FIELD)]))
    }
    casebook.setRunState(runId, 'finished', { stopped: 'user' })
  }
  casebook.close()
}

describeDesk('corrections faster than the bench', { timeoutMs: 300_000, fill: madeRuns }, (desk) => {
  const open = (runId: number) => desk.page.locator(`[data-testid="worklist-item"][data-run-id="${runId}"]`).click()
  const crop = (id: number) => desk.page.locator(`[data-testid="gallery-cell"][data-cell-id="${id}"]`)
  /** The cell that the person sees selected at this moment; null: none. */
  const shown = async (): Promise<number | null> => {
    const id = await desk.page.getByTestId('gallery').getAttribute('aria-activedescendant')
    return id === null ? null : Number(id.replace('cell-', ''))
  }
  /** Presses the key of a class and answers which cell was shown just then. */
  const label = async (code: ClassCode): Promise<number | null> => {
    const id = await shown()
    await desk.page.keyboard.press(cellClass(code).key)
    return id
  }
  const settled = () => desk.page.getByTestId('correcting').waitFor({ state: 'detached', timeout: PATIENCE_MS })
  const labels = async (runId: number): Promise<ReadonlyMap<number, ClassCode | null>> => {
    const { cells } = await desk.client.cells.list({ runId })
    return new Map(cells.map((cell) => [cell.id, cell.class]))
  }
  const announced = (text: string) =>
    expect.poll(() => desk.text('announcement'), { timeout: PATIENCE_MS }).toContain(text)
  const field0 = async (): Promise<string | null> => {
    const { fields } = await desk.client.slide.fields({ runId: 1 })
    return fields.find(({ index }) => index === 0)?.leftOut?.reason ?? null
  }

  test('each land on the cell that was shown, where labelled cells leave the list', async () => {
    await open(1)
    await desk.page.getByTestId('chip-NGS').click({ timeout: PATIENCE_MS })
    await desk.page.getByTestId('gallery-cell').first().click()
    // The first one asks for the reader's name.
    const named = await label('PMO')
    await desk.page.getByTestId('reader-name').fill(READER)
    await desk.page.keyboard.press('Enter')
    await settled()
    expect((await labels(1)).get(named!)).toBe('PMO')

    const bench = await slowBench(desk.page, 'cells/relabel')
    const said: [number | null, ClassCode][] = []
    for (const code of ['BAS', 'EOS', 'PLM', 'LYT', 'MON', 'BAS'] as const) said.push([await label(code), code])
    expect(new Set(said.map(([id]) => id)).size).toBe(said.length)
    expect(await desk.text('correcting')).toBe('6 corrections on their way to the bench')
    // Nothing is shown as labelled before the bench has it.
    for (const [id] of said) expect(await crop(id!).getAttribute('data-class')).toBe('NGS')
    await desk.picture('corrections-waiting')
    bench.quicken()
    await settled()
    const at = await labels(1)
    for (const [id, code] of said) expect([id, at.get(id!)]).toEqual([id, code])
    for (const [id] of said) expect(await crop(id!).count()).toBe(0)
  })

  test('each land on the cell that was shown, between steps through the list', async () => {
    await desk.page.getByTestId('chip-all').click()
    await desk.page.getByTestId('gallery-cell').first().click()
    const bench = await slowBench(desk.page, 'cells/relabel')
    const said: [number | null, ClassCode][] = []
    for (const code of ['MMZ', 'EBO', 'MYB', 'NGB'] as const) {
      said.push([await label(code), code])
      await desk.page.keyboard.press('.')
    }
    await desk.page.keyboard.press(',')
    const last = await shown()
    expect(last).toBe(said.at(-1)![0])
    // What is said of one cell again stands in the order in which it was said.
    said.splice(-1, 1, [await label('KSC'), 'KSC'])
    bench.quicken()
    await settled()
    const at = await labels(1)
    for (const [id, code] of said) expect([id, at.get(id!)]).toEqual([id, code])
    expect(await shown()).toBe(last)
  })

  test('are taken back in the reverse order, and the next key is about what was taken back', async () => {
    const before = await labels(1)
    await desk.page.getByTestId('chip-BLA').click()
    await desk.page.getByTestId('gallery-cell').first().click()
    const bench = await slowBench(desk.page, 'cells/relabel', 'cells/undo')
    const first = await label('LYT')
    const second = await label('MON')
    expect(second).not.toBe(first)
    await desk.page.keyboard.press('u')
    expect(await shown()).toBe(second)
    await label('PLM')
    await desk.page.keyboard.press('u')
    await desk.page.keyboard.press('u')
    expect(await shown()).toBe(first)
    bench.quicken()
    await settled()
    const at = await labels(1)
    expect([at.get(first!), at.get(second!)]).toEqual([before.get(first!), before.get(second!)])
    await announced('Undone')
  })

  test('are made once by a key that is held down', async () => {
    await desk.page.getByTestId('chip-BLA').click()
    await desk.page.getByTestId('gallery-cell').first().click()
    const bench = await slowBench(desk.page, 'cells/relabel')
    const held = await shown()
    const { key } = cellClass('LYT')
    for (let i = 0; i < 5; i++) await desk.page.keyboard.down(key)
    await desk.page.keyboard.up(key)
    expect(await desk.text('correcting')).toBe('1 correction on its way to the bench')
    bench.quicken()
    await settled()
    expect((await labels(1)).get(held!)).toBe('LYT')
    expect([...(await labels(1)).values()].filter((code) => code === 'BLA')).toHaveLength(2)
    await desk.page.keyboard.press('u')
    await settled()
  })

  test('leave a field out and bring it back, as often as the key was pressed', async () => {
    await desk.page.getByTestId('chip-all').click()
    await desk.page.getByTestId('gallery-cell').first().click()
    const bench = await slowBench(desk.page, 'fields/leaveOut', 'fields/bringBack')
    await desk.page.keyboard.press('Shift+F')
    await desk.page.keyboard.press('Shift+F')
    await desk.page.keyboard.press('Shift+F')
    bench.quicken()
    await settled()
    expect(await field0()).toBe('person')
    await announced('Field 1 left out')
    await desk.page.keyboard.press('u')
    await settled()
    expect(await field0()).toBeNull()
  })

  test('that the bench did not keep are told with the way to their cells, and nobody signs over them', async () => {
    await desk.page.keyboard.press('Shift+R')
    await desk.page.getByTestId('search-class').selectOption('BLA')
    await expect.poll(() => desk.text('search-report'), { timeout: PATIENCE_MS }).toContain('candidates')
    await desk.page.getByTestId('gallery-cell').first().click()
    const bench = await slowBench(desk.page, 'cells/relabel')
    const lost = [await label('LYT')]
    await desk.page.keyboard.press('.')
    lost.push(await label('MON'))
    await desk.page.getByTestId('search-sign').click()
    bench.cutOff()
    await desk.page.getByText('Not signed: a correction made before was not kept.').waitFor({ timeout: PATIENCE_MS })
    await settled()
    bench.quicken()
    expect(await desk.page.getByTestId('notice').count()).toBe(2)
    expect(await desk.text('notice')).toContain('2 cells kept the label before')
    const { reviews } = await desk.client.search.candidates({ runId: 1, class: 'BLA', recall: 0.95 })
    expect(reviews).toEqual([])
    await desk.picture('corrections-not-kept')
    await desk.page.getByTestId('notice-way').click()
    const listed = await desk.page
      .getByTestId('gallery-cell')
      .evaluateAll((all) => all.map((each) => Number((each as HTMLElement).dataset.cellId)))
    expect(listed).toEqual([...lost].sort((a, b) => a! - b!))
    for (const id of lost) expect(await crop(id!).getAttribute('data-class')).toBe('BLA')
  })

  test('stay with the cells of their run when another is opened meanwhile', async () => {
    await desk.page.getByTestId('chip-all').click()
    await desk.page.getByTestId('gallery-cell').nth(3).click()
    const bench = await slowBench(desk.page, 'cells/relabel')
    const id = await label('EOS')
    await open(2)
    const boxes = desk.page.locator('canvas[data-testid="boxes"]')
    const all = String(3 * (PER_FIELD + 1))
    await expect.poll(() => boxes.getAttribute('data-box-count'), { timeout: PATIENCE_MS }).toBe(all)
    bench.quicken()
    await settled()
    expect((await labels(1)).get(id!)).toBe('EOS')
    expect(await boxes.getAttribute('data-box-count')).toBe(all)
    // What was done on the other slide is not taken back from here.
    await desk.page.getByTestId('gallery-cell').first().click()
    await desk.page.keyboard.press('u')
    await announced('Nothing to undo.')
    expect((await labels(1)).get(id!)).toBe('EOS')
    expect(desk.faults).toEqual([])
  })

  test('hold the window open until the bench has them', async () => {
    await desk.page.getByTestId('gallery-cell').nth(5).click()
    const bench = await slowBench(desk.page, 'cells/relabel')
    const id = await label('MON')
    const asked = desk.page.waitForEvent('dialog', { timeout: PATIENCE_MS })
    // Not at once: the answer to this call would wait for the dialog's.
    const leave = () => desk.page.evaluate(() => void setTimeout(() => location.reload()))
    await leave()
    const dialog = await asked
    expect(dialog.type()).toBe('beforeunload')
    await dialog.dismiss()
    bench.quicken()
    await settled()
    expect((await labels(2)).get(id!)).toBe('MON')
    // Now nothing is lost by leaving it: a dialog that nobody answers would keep it.
    const loaded = desk.page.waitForEvent('load', { timeout: PATIENCE_MS })
    await leave()
    await loaded
    expect(desk.faults).toEqual([])
  })
})

/** After the two that were made. */
const SCAN = 3
const RIG = { kind: 'simulated', profile: 'normal', seed: 4, timeScale: 4 } as const

describeDesk(
  'a scan whose reader is ahead of the bench',
  {
    timeoutMs: 300_000,
    fill: madeRuns,
    before: async (client) => {
      await client.runs.start({ rig: RIG, targetCells: 5000 })
    },
  },
  (desk) => {
    test('is paused by Space, also if it is pressed again before the bench has answered', async () => {
      await waitForState(desk.page, 'scanning')
      const bench = await slowBench(desk.page, 'runs/pause', 'runs/resume')
      for (let i = 0; i < 3; i++) await desk.page.keyboard.press(' ')
      bench.quicken()
      await waitForState(desk.page, 'paused')
      await expect.poll(() => desk.page.getByTestId('pause-resume').isEnabled(), { timeout: PATIENCE_MS }).toBe(true)
      expect((await desk.client.runs.get({ runId: SCAN })).state).toBe('paused')
      await desk.page.keyboard.press(' ')
      await waitForState(desk.page, 'scanning')
    })

    test('stops when a person says so, whatever waits for the bench', async () => {
      const open = (runId: number) => desk.page.locator(`[data-testid="worklist-item"][data-run-id="${runId}"]`).click()
      await open(1)
      const cell = desk.page.getByTestId('gallery-cell').first()
      await cell.click({ timeout: PATIENCE_MS })
      const id = Number(await cell.getAttribute('data-cell-id'))
      await desk.page.keyboard.press(cellClass('BAS').key)
      const pausing = await slowBench(desk.page, 'runs/pause')
      const labelling = await slowBench(desk.page, 'cells/relabel')
      await desk.page.getByTestId('reader-name').fill(READER)
      await desk.page.keyboard.press('Enter')
      expect(await desk.text('correcting')).toContain('1 correction')
      await open(SCAN)
      // A stop waits for the pause that was asked for before it, not for the label.
      await desk.page.getByTestId('pause-resume').click()
      await desk.page.getByTestId('stop').click()
      const { client } = desk
      const label = async () => (await client.cells.list({ runId: 1 })).cells.find((each) => each.id === id)?.reader
      const stopAsked = desk.page.waitForRequest('**/rpc/runs/stop', { timeout: PATIENCE_MS })
      pausing.quicken()
      await stopAsked
      expect(await label()).toBeNull()
      labelling.quicken()
      await desk.page.getByTestId('correcting').waitFor({ state: 'detached', timeout: PATIENCE_MS })
      expect(await label()).toBe(READER)
      await desk.page.locator('[data-testid="run-state"][data-state="finished"]').waitFor({ timeout: PATIENCE_MS })
      expect(desk.faults).toEqual([])
    })
  },
)
