import { mkdirSync } from 'node:fs'
import path from 'node:path'
import sharp from 'sharp'
import { expect, test } from 'vitest'
import { drawCells } from '../../src/main/vision/drawn-cells.ts'
import { waitForState } from '../support/desk.ts'
import { describeDesk } from '../support/desk-in-browser.ts'

const PIXEL_UM = 0.15
const PATIENCE_MS = 90_000

/** A field with red cells and one lymphocyte, or bare glass. */
async function save(file: string, hasCells: boolean): Promise<void> {
  const { data, widthPx, heightPx } = drawCells(600, 440, PIXEL_UM, [{ x: 290, y: 200 }])
  const bytes = hasCells ? Buffer.from(data) : Buffer.alloc(data.length, 226)
  await sharp(bytes, { raw: { width: widthPx, height: heightPx, channels: 3 } })
    .png()
    .toFile(file)
}

const smearIn = (dataFolder: string) => path.join(dataFolder, 'smear')
const bareIn = (dataFolder: string) => path.join(dataFolder, 'bare')

async function drawFolders(dataFolder: string): Promise<void> {
  const [smear, bare] = [smearIn(dataFolder), bareIn(dataFolder)]
  for (const folder of [smear, bare]) mkdirSync(folder)
  for (let i = 0; i < 4; i++) {
    await save(path.join(smear, `field-${i}.png`), true)
    await save(path.join(bare, `field-${i}.png`), false)
  }
}

describeDesk('a folder whose pixel size nobody knows', { timeoutMs: 240_000, fill: drawFolders }, (desk) => {
  const ask = async (images: string): Promise<void> => {
    await desk.page.getByTestId('images').fill(images)
    await desk.page.getByTestId('estimate-pixel-size').check()
    await desk.page.getByTestId('start-scan').click()
  }

  test('the form says why it cannot be estimated, and stays', async () => {
    await desk.page.getByTestId('welcome-other').click({ timeout: PATIENCE_MS })
    await desk.page.getByTestId('new-scan').getByText('Folder', { exact: true }).first().click()
    await ask(bareIn(desk.dataFolder))
    const problem = desk.page.getByTestId('new-scan').getByRole('alert').filter({ hasText: 'red cells' })
    await problem.waitFor({ timeout: PATIENCE_MS })
    expect(await problem.textContent()).toContain('could not be estimated')
    expect(await desk.page.getByTestId('pixel-size').isDisabled()).toBe(true)
  })

  test('the scan goes by the estimate; scale bar and panel say that it is one', async () => {
    await ask(smearIn(desk.dataFolder))
    await waitForState(desk.page, 'finished')
    const bar = desk.page.getByTestId('scale-bar')
    await bar.waitFor({ timeout: PATIENCE_MS })
    expect(await bar.textContent()).toMatch(/^≈ .*estimated$/)
    expect(await bar.getAttribute('title')).toMatch(/estimated from \d+ red cells in 4 images/)
    const panel = await desk.page.locator('.microscope-note').allTextContents()
    expect(panel.join(' ')).toMatch(/0\.1[45]\d* µm a pixel, estimated from \d+ red cells/)
    expect(desk.faults).toEqual([])
  })
})
