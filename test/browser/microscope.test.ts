import { readFileSync } from 'node:fs'
import path from 'node:path'
import type { Browser, Page } from 'playwright'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { buildIfStale } from '../../scripts/build-if-stale.ts'
import { rigFile } from '../../src/shared/contract/rig.ts'
import { findChromium, launchChromium } from '../support/chromium.ts'
import { temporaryFolder } from '../support/data-folder.ts'
import { waitForState, watchForFaults } from '../support/desk.ts'
import { ROOT } from '../support/medulla.ts'
import { noPtys, PtyCable } from '../support/pty.ts'
import { type Served, startServer } from '../support/served.ts'

const executable = findChromium()
if (!executable)
  console.log('Skipped: the microscope in a browser. There is no Chromium; MEDULLA_CHROMIUM can name one.')
const noCable = noPtys()
if (noCable) console.log(`Skipped: a microscope over a pseudo-terminal in a browser. On this machine ${noCable}.`)

const PATIENCE_MS = 90_000
/** A folder for pictures of what the tests see; null: none are taken. */
const PICTURES = process.env.MEDULLA_PICTURES ?? null

describe.skipIf(!executable)('the microscope in the window', { timeout: 300_000 }, () => {
  let browser: Browser
  let server: Served
  let page: Page
  let faults: string[]

  beforeAll(async () => {
    buildIfStale()
    browser = await launchChromium(executable!)
  }, 240_000)
  afterAll(() => browser?.close(), 60_000)
  beforeEach(async () => {
    server = await startServer(temporaryFolder())
    page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
    faults = watchForFaults(page)
    await page.goto(server.link)
    await page.getByTestId('welcome-connect').click({ timeout: PATIENCE_MS })
  }, 240_000)
  afterEach(async () => {
    expect(faults).toEqual([])
    await page.close()
    await server.stop()
  }, 60_000)

  const picture = async (name: string): Promise<void> => {
    if (PICTURES) await page.screenshot({ path: path.join(PICTURES, `${name}.png`) })
  }
  /** Of the stage, as the large view shows it: millimetres, and micrometres for z. */
  const position = async (): Promise<[number, number, number]> => {
    const words = (await page.getByTestId('bench-view').getByTestId('stage-position').textContent()) ?? ''
    const found = /x(-?[\d.]+) mmy(-?[\d.]+) mmz(-?[\d.]+) µm/.exec(words)
    return [Number(found?.[1]), Number(found?.[2]), Number(found?.[3])]
  }
  const known = () => expect.poll(() => position(), { timeout: PATIENCE_MS }).not.toContain(Number.NaN)
  const still = () =>
    expect.poll(() => page.getByTestId('bench-state').getAttribute('data-activity'), { timeout: PATIENCE_MS }).toBe('')

  test('a simulated one: moves by buttons, keys and coordinates, stops when let go, and belongs to a scan alone', async () => {
    await page.getByTestId('connect-simulated').click()
    const bench = page.getByTestId('bench-view')
    await bench.waitFor({ timeout: PATIENCE_MS })
    await page.getByTestId('bench-picture').locator('img').waitFor({ timeout: PATIENCE_MS })
    await page.getByTestId('histogram').waitFor()
    await known()
    const start = await position()
    await page.waitForTimeout(800)
    expect(await position()).toEqual(start)
    await page.getByTestId('go-z').fill(String(start[2] + 900))
    await page.getByTestId('go').click()
    await expect.poll(async () => (await position())[2], { timeout: PATIENCE_MS }).toBeCloseTo(start[2] + 900, 0)
    await still()

    await page.getByTestId('step-xy').selectOption('100')
    await page.getByTestId('joystick-right').click()
    await expect.poll(async () => (await position())[0], { timeout: PATIENCE_MS }).toBeCloseTo(start[0] + 0.1, 3)
    await still()
    // Held by a key: it goes on; let go: it stops.
    await page.getByTestId('joystick-right').focus()
    await page.keyboard.down('ArrowDown')
    await expect.poll(async () => (await position())[1], { timeout: PATIENCE_MS }).toBeGreaterThan(start[1] + 0.25)
    await page.keyboard.up('ArrowDown')
    await still()
    const stopped = await position()
    await page.waitForTimeout(900)
    expect(await position()).toEqual(stopped)
    await picture('bench-simulated-dark')

    // Beyond the limits: refused in words.
    await page.getByTestId('go-x').fill('9999')
    await page.getByTestId('go').click()
    await page.getByTestId('bench-problem').waitFor({ timeout: PATIENCE_MS })
    expect(await page.getByTestId('bench-problem').textContent()).toContain('within the limits')

    // The first scan is with the same microscope: it takes it, and gives it back.
    await page.keyboard.press('Control+Enter')
    await page.getByTestId('start-scan').click({ timeout: PATIENCE_MS })
    await waitForState(page, 'scanning')
    await expect
      .poll(() => page.getByTestId('bench-state').getAttribute('data-holder'), { timeout: PATIENCE_MS })
      .toBe('scan')
    expect(await page.getByTestId('joystick-left').isDisabled()).toBe(true)
    expect(await page.getByTestId('bench-state').textContent()).toContain('A scan has the microscope')
    await picture('bench-scan-dark')
    await page.getByTestId('stop').click()
    await waitForState(page, 'finished')
    await expect
      .poll(() => page.getByTestId('bench-state').getAttribute('data-holder'), { timeout: PATIENCE_MS })
      .toBe('hands')
    await page.keyboard.press('Shift+B')
    await bench.waitFor({ state: 'detached' })
    await page.getByTestId('disconnect').waitFor({ state: 'detached' })
    await picture('desk-dark')
  })

  test.skipIf(noCable)(
    'an ASI stage on a pseudo-terminal: found, set up, tried, saved, driven, unplugged and plugged in again',
    async () => {
      const folder = temporaryFolder()
      const [port, far] = [path.join(folder, 'stage'), path.join(folder, 'controller')]
      const cable = new PtyCable(port, far)
      await cable.plug()
      try {
        await page.getByTestId('rig-new').click()
        await page.getByTestId('draft-port').fill(port)
        await page.getByTestId('wizard-next').click()
        for (const [axis, min, max] of [
          ['x', 2500, 13_500],
          ['y', 1500, 9500],
          ['z', -3500, 100],
        ] as const) {
          await page.getByTestId(`draft-${axis}-min`).fill(String(min))
          await page.getByTestId(`draft-${axis}-max`).fill(String(max))
        }
        await page.getByTestId('draft-retractedZUm').fill('-1000')
        await page.getByTestId('draft-workingZUm').fill('0')
        // Slow enough to be halted on the way.
        await page.getByTestId('draft-speedXy').fill('0.5')
        await page.getByTestId('wizard-next').click()
        await page.getByTestId('draft-camera').selectOption('simulated')
        await page.getByTestId('draft-emulator').fill(far)
        await page.getByTestId('wizard-next').click()
        expect(await page.getByTestId('save-draft').isDisabled()).toBe(true)
        await page.getByTestId('draft-name').fill('ASI by the window')
        await page.getByTestId('try-rig').click({ timeout: PATIENCE_MS })
        const trial = page.getByTestId('trial-result')
        await trial.waitFor({ timeout: PATIENCE_MS })
        await expect.poll(() => trial.textContent(), { timeout: PATIENCE_MS }).toContain('MS-2000')
        await trial.locator('img').waitFor({ timeout: PATIENCE_MS })
        await picture('wizard-trial-dark')
        await page.getByTestId('save-draft').click()
        await page.getByTestId('bench-view').waitFor({ timeout: PATIENCE_MS })
        await known()
        const start = await position()
        await page.getByTestId('step-xy').selectOption('100')
        await page.getByTestId('joystick-left').click()
        await expect.poll(async () => (await position())[0], { timeout: PATIENCE_MS }).toBeCloseTo(start[0] - 0.1, 2)
        await still()
        // A long way, halted by Escape.
        await page.getByTestId('go-x').fill(String(start[0] + 3))
        await page.getByTestId('go').click()
        await expect
          .poll(() => page.getByTestId('bench-state').getAttribute('data-activity'), { timeout: PATIENCE_MS })
          .toContain('moving')
        await page.getByTestId('bench-picture').click()
        await page.keyboard.press('Escape')
        await expect
          .poll(() => page.getByTestId('bench-log').textContent(), { timeout: PATIENCE_MS })
          .toContain('Halted')
        await still()
        expect((await position())[0]).toBeLessThan(start[0] + 2.9)
        const halted = await position()

        await cable.unplug()
        await page.getByTestId('bench-problem').waitFor({ timeout: PATIENCE_MS })
        expect(await page.getByTestId('bench-problem').textContent()).toContain('Plug')
        await picture('bench-unplugged-dark')
        await cable.plug()
        await page.getByTestId('bench-problem').waitFor({ state: 'detached', timeout: PATIENCE_MS })
        await known()
        await page.getByTestId('joystick-right').click()
        await expect.poll(async () => (await position())[0], { timeout: PATIENCE_MS }).toBeCloseTo(halted[0] + 0.1, 2)
        await still()
        await page.keyboard.press('Control+Shift+L')
        await picture('bench-asi-light')

        // The file can be read, checked and shared; the form of a new scan offers it.
        await page.getByTestId('bench-connect').click()
        await page.getByTestId('edit-asi-by-the-window').click()
        const text = await page.getByTestId('rig-text').inputValue()
        expect(rigFile.parse(JSON.parse(text)).name).toBe('ASI by the window')
        await page.getByTestId('rig-text').fill(text.replace('"asi"', '"zeiss"'))
        await expect
          .poll(() => page.getByTestId('rig-problems').textContent(), { timeout: PATIENCE_MS })
          .toContain('stage.driver')
        expect(await page.getByTestId('rig-save').isDisabled()).toBe(true)
        await picture('rig-editor-light')
        await page.getByTestId('rig-text').fill(text)
        const download = page.waitForEvent('download')
        await page.getByTestId('rig-share').click()
        const shared = await (await download).path()
        expect(rigFile.parse(JSON.parse(readFileSync(shared, 'utf8')))).toEqual(rigFile.parse(JSON.parse(text)))
        await page.keyboard.press('Escape')
        await page.keyboard.press('Control+Enter')
        await page.getByTestId('scan-rig').waitFor({ timeout: PATIENCE_MS })
        expect(await page.getByTestId('scan-rig').inputValue()).toBe('asi-by-the-window')
        await picture('new-scan-light')
        await page.getByTestId('target-cells').fill('20')
        await page.getByTestId('start-scan').click()
        await waitForState(page, 'scanning')
        await page.getByTestId('stop').click()
        await waitForState(page, 'finished')
      } finally {
        await cable.unplug()
      }
    },
  )

  test('a rig file of another laboratory is checked before it is taken', async () => {
    await page.getByTestId('rig-from-file').click()
    await page.getByTestId('rig-file').setInputFiles(path.join(ROOT, 'docs/rigs/emulated-asi.json'))
    await expect
      .poll(() => page.getByTestId('rig-problems').textContent(), { timeout: PATIENCE_MS })
      .toContain('This is a rig file')
    await page.getByTestId('rig-save').click()
    await page.getByTestId('rig-emulated-asi-stage-simulated-camera').waitFor({ timeout: PATIENCE_MS })
    // Nobody is at its port.
    await page.getByTestId('connect-emulated-asi-stage-simulated-camera').click()
    await page.getByTestId('connect-problem').waitFor({ timeout: PATIENCE_MS })
    await picture('microscopes-dark')
  })
})
