/**
 * Makes the pictures of the user guide: `npm run screenshots`. Scans a simulated smear into a folder of its own and takes
 * pictures of the window in Chromium, and of the same slide in Electron where one is at hand.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createORPCClient } from '@orpc/client'
import { RPCLink } from '@orpc/client/fetch'
import type { Page } from 'playwright'
import { serve } from '../src/main/server.ts'
import type { BenchClient } from '../src/shared/contract/index.ts'
import { cellClass } from '../src/shared/taxonomy.ts'
import { findChromium, launchChromium } from '../test/support/chromium.ts'
import { findTestElectron, launchMedulla, openDisplay } from '../test/support/electron.ts'
import { buildIfStale } from './build-if-stale.ts'

const pictures = path.join(path.dirname(import.meta.dirname), 'docs', 'images')
const VIEWPORT = { width: 1440, height: 900 }
/** However busy the machine is. */
const PATIENCE_MS = 600_000
/** While these many cells are counted the scan is shown in the middle. */
const MIDWAY_CELLS = 150

const executable = findChromium()
if (!executable) throw new Error('There is no Chromium; MEDULLA_CHROMIUM can name one.')
mkdirSync(pictures, { recursive: true })
buildIfStale()
const dataFolder = mkdtempSync(path.join(tmpdir(), 'medulla-screenshots-'))
try {
  await takeInBrowser(executable)
  await takeInElectron()
} finally {
  rmSync(dataFolder, { recursive: true, force: true })
}

async function takeInBrowser(chromium: string): Promise<void> {
  const shell = await serve({ dataFolder })
  const browser = await launchChromium(chromium)
  try {
    const page = await browser.newPage({ viewport: VIEWPORT, colorScheme: 'dark' })
    page.setDefaultTimeout(PATIENCE_MS)
    await page.goto(shell.link)
    await page.getByTestId('welcome-scan').waitFor()
    await take(page, 'welcome')

    await page.getByTestId('welcome-other').click()
    await page.getByTestId('speed').selectOption('100')
    await page.getByTestId('open-overview').click()
    await page.getByTestId('look-over').click()
    await page.getByTestId('area-1').waitFor()
    await settle(page)
    await take(page, 'overview')
    await page.keyboard.press('Escape')
    await page.keyboard.press('Escape')

    const url = `http://127.0.0.1:${shell.port}/rpc`
    const headers = () => ({ authorization: `Bearer ${shell.token}` })
    const client: BenchClient = createORPCClient(new RPCLink({ url, headers }))
    const rig = { kind: 'simulated', profile: 'normal', seed: 1, timeScale: 4 } as const
    const { runId } = await client.runs.start({ rig, targetCells: 500 })
    await page.reload()
    let midway = false
    for await (const { run } of await client.runs.events({ runId })) {
      if (!midway && run.counted >= MIDWAY_CELLS) {
        midway = true
        await take(page, 'scanning')
      }
      if (run.state === 'failed') throw new Error(run.failure?.message)
    }
    await page.locator('[data-testid="run-state"][data-state="finished"]').waitFor()
    await settle(page)
    await take(page, 'finished')

    await page.getByTestId('differential-row-PMO').click()
    await page.getByTestId('gallery-cell').first().click()
    await page.keyboard.press('Enter')
    await settle(page)
    await take(page, 'cell')

    await page.keyboard.press('Shift+W')
    await page.locator('[data-testid="why"][data-state="known"]').waitFor()
    await take(page, 'why')
    await page.keyboard.press('Shift+W')

    await page.keyboard.press('Shift+M')
    await page.locator('[data-testid="map-canvas"]:not([data-points="0"])').waitFor()
    await page.keyboard.press('Shift+N')
    await settle(page)
    await take(page, 'map')
    await page.keyboard.press('Shift+M')

    // The same smear in one's hands, at the place and in the focus of one of the scan's fields.
    const { fields } = await client.slide.fields({ runId, after: 0 })
    await client.microscope.connect({ settings: rig })
    await client.microscope.goTo(fields[5].stage ?? {})
    await page.keyboard.press('Shift+B')
    await page.getByTestId('histogram').waitFor()
    await newFrames(client)
    await settle(page)
    await take(page, 'microscope')
    await page.getByTestId('bench-tally').click()
    await page.getByTestId('tally-start').click()
    await page.getByTestId('reader-name').fill('A. Reader')
    await page.getByTestId('reader-save').click()
    await page.getByTestId('tally-already').waitFor()
    for (const key of 'sysl') await page.keyboard.press(key)
    await settle(page)
    await take(page, 'tally')
    await page.keyboard.press('Escape')
    await page.keyboard.press('Shift+B')
    await client.microscope.disconnect()
    await takeComparison(page, client, runId)
    await page.keyboard.press('Shift+H')

    await page.getByTestId('trust-PMO').first().click()
    await page.getByTestId('trust-card').waitFor()
    await take(page, 'evidence')
    await page.keyboard.press('Escape')

    await page.keyboard.press('?')
    await page.getByTestId('shortcuts').waitFor()
    await take(page, 'shortcuts')
    await page.keyboard.press('Escape')

    await page.keyboard.press('Control+Shift+K')
    await page.getByTestId('calibration').waitFor()
    for (const kind of ['flat-field', 'pixel-size']) {
      await page.getByTestId(`kind-${kind}`).click()
      await page.getByTestId('measure').click()
      await page.locator('p.calibration-result').waitFor()
    }
    await take(page, 'calibration')
    await page.keyboard.press('Escape')

    await page.keyboard.press('Control+Shift+L')
    await page.keyboard.press('0')
    await settle(page)
    await take(page, 'light')
  } finally {
    await browser.close()
    await shell.close()
  }
}

/** Counts by hand on the slide what is there, but for every fifth cell, and holds it against the machine. */
async function takeComparison(page: Page, client: BenchClient, runId: number): Promise<void> {
  await page.getByTestId('tally-start').click()
  await page.getByTestId('tally-counted').waitFor()
  await page.keyboard.press('0')
  for (let i = 0; i < 3; i++) await page.keyboard.press('+')
  await settle(page)
  await page.keyboard.press('s')
  await page.locator('[data-testid="tally-counted"]:text("1")').waitFor()
  const { areas } = await client.tally.onSlide({ runId })
  const { x, y, width, height } = areas.find(({ by }) => by.kind === 'sitting' && by.purpose === 'compare')!.area
  const { cells } = await client.cells.list({ runId })
  const there = cells.filter(
    ({ slideX, slideY }) => slideX >= x && slideX < x + width && slideY >= y && slideY < y + height,
  )
  await page.keyboard.press('Backspace')
  for (const [i, cell] of there.entries())
    await page.keyboard.press(i % 5 === 4 ? 'n' : cellClass(cell.class ?? 'NIF').key)
  await settle(page)
  await take(page, 'tally-slide')
  await page.keyboard.press('Escape')
  await page.getByTestId('compare-2').click()
  await page.getByTestId('compare-words').waitFor()
  await take(page, 'compare')
  await page.keyboard.press('Escape')
}

async function takeInElectron(): Promise<void> {
  const electron = findTestElectron()
  if (electron.file === null) {
    console.log(`No picture from Electron: ${electron.reason}`)
    return
  }
  const display = await openDisplay()
  const app = await launchMedulla(electron, display, dataFolder)
  try {
    const page = await app.firstWindow()
    page.setDefaultTimeout(PATIENCE_MS)
    await page.locator('[data-testid="run-state"][data-state="finished"]').waitFor()
    await settle(page)
    await take(page, 'electron')
  } finally {
    await app.close()
    display.close()
  }
}

/** On a busy machine frames from before the stage arrived are shown for a while. */
async function newFrames(client: BenchClient): Promise<void> {
  const first = (await client.microscope.view()).frame?.sequence ?? 0
  for await (const { frame } of await client.microscope.events()) if ((frame?.sequence ?? 0) > first + 4) return
}

/** Tiles and crops come in after the page has drawn: wait until nothing more is asked for. */
async function settle(page: Page): Promise<void> {
  await page.waitForTimeout(2500)
}

async function take(page: Page, name: string): Promise<void> {
  await page.waitForTimeout(300)
  await page.screenshot({ path: path.join(pictures, `${name}.jpg`), type: 'jpeg', quality: 82 })
  console.log(`docs/images/${name}.jpg`)
}
