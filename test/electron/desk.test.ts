import { existsSync } from 'node:fs'
import path from 'node:path'
import Database from 'better-sqlite3'
import type { ElectronApplication, Page } from 'playwright'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildIfStale } from '../../scripts/build-if-stale.ts'
import { type ClassCode, cellClass } from '../../src/shared/taxonomy.ts'
import { temporaryFolder } from '../support/data-folder.ts'
import {
  expectLabel,
  expectPictures,
  relabelByKey,
  scanFromWelcome,
  stopScan,
  waitForState,
  watchForFaults,
} from '../support/desk.ts'
import { benchPid, type Display, findTestElectron, launchMedulla, openDisplay } from '../support/electron.ts'

const electron = findTestElectron()
if (electron.file === null) console.log(`Skipped: the window in Electron. ${electron.reason}`)

describe.skipIf(electron.file === null)('the window in Electron', { timeout: 180_000 }, () => {
  const data = temporaryFolder()
  let display: Display
  let app: ElectronApplication
  let page: Page
  let faults: string[]
  let labelled: { cellId: string; label: ClassCode }

  const open = async () => {
    if (electron.file === null) throw new Error(electron.reason)
    app = await launchMedulla(electron, display, data)
    page = await app.firstWindow()
    faults = watchForFaults(page)
  }

  beforeAll(async () => {
    buildIfStale()
    display = await openDisplay()
    await open()
  }, 120_000)
  afterAll(async () => {
    await app?.close()
    display?.close()
  }, 60_000)

  test('opens on a scheme of its own, with the page locked in', async () => {
    expect(page.url()).toBe('medulla://app/')
    await page.getByTestId('welcome-scan').waitFor({ timeout: 60_000 })
    const seen = await page.evaluate(async () => ({
      require: typeof Reflect.get(globalThis, 'require'),
      process: typeof Reflect.get(globalThis, 'process'),
      desktop: Object.keys(window.medullaDesktop ?? {}).sort(),
      opened: window.open('https://example.org') !== null,
      camera: await navigator.mediaDevices.getUserMedia({ video: true }).then(
        () => 'granted',
        () => 'refused',
      ),
      elsewhere: await fetch('https://example.org').then(
        () => 'answered',
        () => 'refused',
      ),
    }))
    expect(seen).toEqual({
      require: 'undefined',
      process: 'undefined',
      desktop: ['chooseFolder', 'chooseModel', 'onMenu', 'revealInFolder', 'userName'],
      opened: false,
      camera: 'refused',
      elsewhere: 'refused',
    })
    // That the policy spoke up just now is what it is there for.
    faults.length = 0
  })

  test('scans a simulated smear: boxes and counts grow', async () => {
    await scanFromWelcome(page)
    await expectPictures(page)
  })

  test('stays up when the bench is killed, comes back and resumes the run', async () => {
    const killed = benchPid(data)
    expect(killed).not.toBeNull()
    const before = Number(await page.getByTestId('counted').textContent())
    process.kill(killed!, 'SIGKILL')
    await waitForState(page, 'interrupted')
    expect(benchPid(data)).not.toBe(killed)
    await page.getByTestId('resume').first().click()
    await waitForState(page, 'scanning')
    await expect
      .poll(async () => Number(await page.getByTestId('counted').textContent()), { timeout: 60_000 })
      .toBeGreaterThan(before)
    await stopScan(page)
  })

  test('relabels a cell by one key', async () => {
    labelled = await relabelByKey(page)
    expect(faults).toEqual([])
  })

  test('asks before it closes on a correction that the bench does not have', async () => {
    await app.evaluate(({ dialog }) => {
      const asked: string[] = []
      Reflect.set(globalThis, 'asked', asked)
      // As a person who waits: what the system's own dialog would answer.
      dialog.showMessageBoxSync = (...words: unknown[]) => {
        asked.push((words.at(-1) as { message: string }).message)
        return 0
      }
    })
    const bench = benchPid(data)!
    process.kill(bench, 'SIGSTOP')
    const cell = page.getByTestId('gallery-cell').first()
    await cell.click()
    const cellId = (await cell.getAttribute('data-cell-id'))!
    await page.keyboard.press(cellClass('PLM').key)
    await page.getByTestId('correcting').waitFor()
    await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0].close())
    const asked = () => app.evaluate(() => Reflect.get(globalThis, 'asked') as string[])
    await expect.poll(asked).toEqual(['Corrections are still on their way to the bench.'])
    process.kill(bench, 'SIGCONT')
    await page.getByTestId('correcting').waitFor({ state: 'detached', timeout: 60_000 })
    labelled = { cellId, label: 'PLM' }
    await expectLabel(page, cellId, 'PLM')
    expect(faults).toEqual([])
  })

  // Playwright waits for a navigation that never comes, so nothing but closing may follow this.
  test('leads nowhere else', async () => {
    await page.evaluate(() => {
      location.href = 'https://example.org/'
    })
    await new Promise((resolve) => setTimeout(resolve, 500))
    expect(await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0].webContents.getURL())).toBe(
      'medulla://app/',
    )
  })

  test('closes with its bench, and finds the label again when it is opened', async () => {
    await app.close()
    expect(benchPid(data)).toBeNull()
    expect(existsSync(path.join(data, 'window', 'state.json'))).toBe(true)
    await open()
    await expectLabel(page, labelled.cellId, labelled.label)
    await expectPictures(page)
    expect(faults).toEqual([])
  })

  test('says why the bench cannot open, and opens once that is mended', async () => {
    await app.close()
    const setVersion = (version: number) => {
      const database = new Database(path.join(data, 'casebook.sqlite'))
      const before = database.pragma('user_version', { simple: true }) as number
      database.pragma(`user_version = ${version}`)
      database.close()
      return before
    }
    const version = setVersion(9999)
    await open()
    const text = page.locator('body')
    await expect.poll(() => text.textContent(), { timeout: 60_000 }).toContain('The bench could not be opened')
    expect(await text.textContent()).toContain('casebook-newer')
    setVersion(version)
    await page.getByText('Try again').click()
    await page.getByTestId('differential').waitFor({ timeout: 60_000 })
  })
})
