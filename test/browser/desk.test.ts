import type { Browser, Page } from 'playwright'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildIfStale } from '../../scripts/build-if-stale.ts'
import type { ClassCode } from '../../src/shared/taxonomy.ts'
import { findChromium, launchChromium } from '../support/chromium.ts'
import { temporaryFolder } from '../support/data-folder.ts'
import {
  expectLabel,
  expectPictures,
  relabelByKey,
  scanFromWelcome,
  stopScan,
  watchForFaults,
} from '../support/desk.ts'
import { type Served, startServer } from '../support/served.ts'

const executable = findChromium()
if (!executable) console.log('Skipped: the window in a browser. There is no Chromium; MEDULLA_CHROMIUM can name one.')

describe.skipIf(!executable)('the window in a browser', { timeout: 180_000 }, () => {
  const data = temporaryFolder()
  let browser: Browser
  let server: Served
  let page: Page
  let faults: string[]
  let labelled: { cellId: string; label: ClassCode }

  const open = async () => {
    server = await startServer(data)
    page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
    faults = watchForFaults(page)
    await page.goto(server.link)
  }

  beforeAll(async () => {
    buildIfStale()
    browser = await launchChromium(executable!)
    await open()
  }, 120_000)
  afterAll(async () => {
    await browser?.close()
    await server?.stop()
  }, 60_000)

  test('scans a simulated smear: boxes and counts grow', async () => {
    await scanFromWelcome(page)
    await expectPictures(page)
    await stopScan(page)
  })

  test('relabels a cell by one key', async () => {
    labelled = await relabelByKey(page)
  })

  test('keeps no token in sight', async () => {
    expect(page.url()).not.toContain('token')
  })

  test('finds the label again after a reload', async () => {
    await page.reload()
    await expectLabel(page, labelled.cellId, labelled.label)
  })

  test('finds the label again with a new process', async () => {
    expect(faults).toEqual([])
    await page.close()
    await server.stop()
    await open()
    await expectLabel(page, labelled.cellId, labelled.label)
    await expectPictures(page)
    expect(faults).toEqual([])
  })

  test('lets no page in that has no token, and none of another site', async () => {
    const bare = `http://127.0.0.1:${server.port}/`
    const stranger = await (await browser.newContext()).newPage()
    await stranger.goto(bare)
    const statuses = await stranger.evaluate(async () => {
      const rpc = await fetch('/rpc/system/info', { method: 'POST', body: '{}' })
      const picture = await fetch('/crops/1.jpg')
      return [rpc.status, picture.status]
    })
    expect(statuses).toEqual([401, 401])
    await stranger.goto('data:text/html,<p>another site</p>')
    const fromElsewhere = await stranger.evaluate(
      (address) =>
        fetch(`${address}rpc/system/info`, { method: 'POST', body: '{}' }).then(
          () => 'answered',
          () => 'refused',
        ),
      bare,
    )
    expect(fromElsewhere).toBe('refused')
    await stranger.context().close()
  })
})
