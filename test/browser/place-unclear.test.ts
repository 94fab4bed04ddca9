import { expect, test } from 'vitest'
import type { Field, Stitch } from '../../src/shared/contract/slide.ts'
import { describeDesk } from '../support/desk-in-browser.ts'
import { medulla } from '../support/medulla.ts'
import { scanWithFault } from '../support/scan-with-fault.ts'

const PATIENCE_MS = 60_000

let out: number[]

async function knocked(dataFolder: string): Promise<void> {
  const { casebook, runId } = await scanWithFault(dataFolder, 'knock', null)
  out = [...casebook.gateReasons(runId)].filter(([, reason]) => reason === 'stitch').map(([index]) => index)
  casebook.close()
}

describeDesk('fields whose place is unclear', { timeoutMs: 300_000, fill: knocked }, (desk) => {
  test('are listed with what to make of them, and their seams say that they show different things', async () => {
    await desk.page.getByTestId('left-out-toggle').click({ timeout: PATIENCE_MS })
    expect(out.length).toBeGreaterThan(1)
    expect(await desk.text('left-out')).toContain(`${out.length} place unclear`)
    expect(await desk.text(`left-out-${out[0]}`)).toContain('place unclear: shows something else than')
    expect(await desk.text('left-out-advice')).toContain('Look at the seams')
    expect(await desk.text('run-flags')).toContain('slide slipped')
    expect(await desk.text('run-flag-list')).toContain('the slide was knocked')
    await desk.page.keyboard.press('Shift+J')
    const boxes = desk.page.locator('canvas[data-testid="boxes"]')
    const seams = async () => Number(await boxes.getAttribute('data-stitches-in-view'))
    await expect.poll(seams, { timeout: PATIENCE_MS }).toBeGreaterThan(out.length)
    await desk.picture('place-unclear')
    await desk.page.getByTestId(`left-out-${out[0]}`).getByRole('button').first().click()
    await desk.picture('place-unclear-near')
    expect(desk.faults).toEqual([])
  })

  test('are listed by command', async () => {
    const { fields } = (await medulla(['fields', '1', '--data', desk.dataFolder])).json as { fields: Field[] }
    const unclear = fields.filter(({ leftOut }) => leftOut?.reason === 'stitch')
    expect(unclear.map(({ index }) => index)).toEqual(out)
    const { stitches } = (await medulla(['seams', '1', '--data', desk.dataFolder])).json as { stitches: Stitch[] }
    expect(stitches.filter(({ unlike, to }) => unlike && out.includes(to)).length).toBeGreaterThanOrEqual(out.length)
    expect(stitches.filter(({ unlike, offset }) => unlike && offset !== null)).toEqual([])
  })
})
