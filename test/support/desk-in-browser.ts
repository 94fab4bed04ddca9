import type { Browser, Page } from 'playwright'
import { afterAll, beforeAll, describe } from 'vitest'
import { buildIfStale } from '../../scripts/build-if-stale.ts'
import type { BenchClient } from '../../src/shared/contract/index.ts'
import { clientOf } from './bench-client.ts'
import { findChromium, launchChromium } from './chromium.ts'
import { temporaryFolder } from './data-folder.ts'
import { watchForFaults } from './desk.ts'
import { type Served, startServer } from './served.ts'

/** The window of one bench in a real Chromium, from before the first test to after the last one. */
export interface DeskInBrowser {
  readonly dataFolder: string
  readonly browser: Browser
  readonly server: Served
  readonly page: Page
  /** Calls the same bench beside the window. */
  readonly client: BenchClient
  /** Errors the page met; empty: none. */
  readonly faults: string[]
  /** Of the first element of that test id; empty: it has none. */
  text(testId: string): Promise<string>
  /** In both themes (under a dialog in one), into the folder that MEDULLA_PICTURES names; without one, none is taken. */
  picture(name: string): Promise<void>
}

interface Options {
  /** Of each test. */
  readonly timeoutMs: number
  readonly viewport?: { readonly width: number; readonly height: number }
  /** Where the bench keeps what it has; left out: a temporary folder. */
  readonly dataFolder?: string
  /** Puts into the data folder what is there before the bench starts. */
  readonly fill?: (dataFolder: string) => Promise<void> | void
  /** What happens at the bench before there is a window. */
  readonly before?: (client: BenchClient) => Promise<void>
}

/** The most that a bench with its window takes to be there; scans before that included. */
const OPENING_MS = 400_000

/** Tests of one window; without a Chromium they are skipped, and said to be. */
export function describeDesk(what: string, options: Options, tests: (desk: DeskInBrowser) => void): void {
  const executable = findChromium()
  if (!executable) console.log(`Skipped: ${what}, in a browser. There is no Chromium; MEDULLA_CHROMIUM can name one.`)
  const { timeoutMs, viewport = { width: 1440, height: 900 }, dataFolder = temporaryFolder(), fill, before } = options
  describe.skipIf(!executable)(what, { timeout: timeoutMs }, () => {
    let browser: Browser
    let server: Served
    let page: Page
    let client: BenchClient
    let faults: string[]

    beforeAll(async () => {
      buildIfStale()
      await fill?.(dataFolder)
      browser = await launchChromium(executable!)
      server = await startServer(dataFolder)
      client = clientOf(server)
      await before?.(client)
      page = await browser.newPage({ viewport })
      faults = watchForFaults(page)
      await page.goto(server.link)
    }, OPENING_MS)
    afterAll(async () => {
      await browser?.close()
      await server?.stop()
    }, 60_000)

    tests({
      dataFolder,
      get browser() {
        return browser
      },
      get server() {
        return server
      },
      get page() {
        return page
      },
      get client() {
        return client
      },
      get faults() {
        return faults
      },
      text: async (testId) => (await page.getByTestId(testId).first().textContent()) ?? '',
      async picture(name) {
        const { MEDULLA_PICTURES } = process.env
        if (!MEDULLA_PICTURES) return
        await page.screenshot({ path: `${MEDULLA_PICTURES}/${name}.png` })
        if ((await page.locator('dialog[open]').count()) > 0) return
        await page.keyboard.press('Control+Shift+L')
        await page.screenshot({ path: `${MEDULLA_PICTURES}/${name}-other-theme.png` })
        await page.keyboard.press('Control+Shift+L')
      },
    })
  })
}
