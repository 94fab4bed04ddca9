/**
 * How long after its commit a field is seen in the window: `node benchmarks/slide-window.ts [--fields N] [--time-scale T] [--viewport WxH] [--electron]`.
 * One JSON object on stdout.
 *
 * A simulated smear is scanned by `medulla serve`, a process of its own, and looked at in a headless Chromium; `--electron`: by Medulla's own window
 * and the bench it starts. Linux shares the processor among sessions first: Chromium has one of its own, Electron's window and bench are in the same. The view follows the
 * scan. In every frame the page looks at the pixels in the middle of each field that is expected, in the slide's own canvas; the field is
 * seen once these differ by more than a compressed blank ever does. `ms`: from the moment the casebook's row says to the frame after
 * which that was noticed, so that what a frame takes to reach the screen (16 ms) is in. Fields that come into view later (the view moves when
 * the scanned area outgrows it) are counted from their commit all the same. Of all fields committed after the page was ready.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { createORPCClient } from '@orpc/client'
import { RPCLink } from '@orpc/client/fetch'
import Database from 'better-sqlite3'
import type { Page } from 'playwright'
import { buildIfStale } from '../scripts/build-if-stale.ts'
import type { BenchClient } from '../src/shared/contract/index.ts'
import { clientOf } from '../test/support/bench-client.ts'
import { findChromium, launchChromium } from '../test/support/chromium.ts'
import { findTestElectron, launchMedulla, openDisplay } from '../test/support/electron.ts'
import { startServer } from '../test/support/served.ts'

const { values } = parseArgs({
  options: {
    fields: { type: 'string', default: '80' },
    'time-scale': { type: 'string', default: '1' },
    viewport: { type: 'string', default: '1440x900' },
    electron: { type: 'boolean', default: false },
  },
})
const wanted = Number(values.fields)
const [width, height] = values.viewport.split('x').map(Number)

interface Expected {
  readonly ordinal: number
  readonly slide_x: number
  readonly slide_y: number
  readonly width_px: number
  readonly height_px: number
  readonly committed_at: string
}

/** What is looked at, and from where. */
interface Desk {
  readonly page: Page
  readonly client: BenchClient
  /** Lets the page show the run. */
  show(): Promise<unknown>
  close(): Promise<void>
}

async function openBrowser(folder: string): Promise<Desk> {
  const executable = findChromium()
  if (!executable) throw new Error('There is no Chromium; MEDULLA_CHROMIUM can name one.')
  const server = await startServer(folder)
  const browser = await launchChromium(executable)
  const page = await browser.newPage({ viewport: { width, height } })
  const close = async () => {
    await browser.close()
    await server.stop()
  }
  return { page, client: clientOf(server), show: () => page.goto(server.link), close }
}

async function openElectron(folder: string): Promise<Desk> {
  const electron = findTestElectron()
  if (electron.file === null) throw new Error(electron.reason)
  const display = await openDisplay()
  const app = await launchMedulla(electron, display, folder)
  const page = await app.firstWindow()
  await page.setViewportSize({ width, height })
  await page.getByTestId('welcome-scan').waitFor({ timeout: 60_000 })
  // The bench answers its own window alone.
  const asWindow = async (request: Request) => {
    const [path, body] = [new URL(request.url).pathname, await request.text()]
    const answer = await page.evaluate(askBench, { path, body })
    return new Response(answer.body, { status: answer.status, headers: { 'content-type': 'application/json' } })
  }
  const close = async () => {
    await app.close()
    display.close()
  }
  const client: BenchClient = createORPCClient(new RPCLink({ url: 'http://bench/rpc', fetch: asWindow }))
  return { page, client, show: () => page.reload(), close }
}

buildIfStale()
const folder = await mkdtemp(join(tmpdir(), 'medulla-window-benchmark-'))
const { page, client, show, close } = await (values.electron ? openElectron : openBrowser)(folder)
try {
  const { runId } = await client.runs.start({
    rig: { kind: 'simulated', profile: 'normal', seed: 1, timeScale: Number(values['time-scale']) },
    targetCells: null,
  })
  await show()
  await page.locator('canvas[data-testid="boxes"][data-placement]').waitFor({ timeout: 60_000 })
  await page.evaluate(watch)
  const database = new Database(join(folder, 'casebook.sqlite'), { readonly: true })
  const newer = database.prepare<[number], Expected>(
    'SELECT * FROM field WHERE run_id = 1 AND ordinal > ? ORDER BY ordinal',
  )
  let last = newer.all(-1).at(-1)?.ordinal ?? -1
  let told = 0
  while (told < wanted) {
    const fields = newer.all(last)
    if (fields.length === 0) {
      await sleep(4)
      continue
    }
    last = fields.at(-1)!.ordinal
    told += fields.length
    await page.evaluate((fresh) => window.expectFields(fresh), fields)
  }
  await client.runs.stop({ runId })
  await sleep(3000)
  const { seen, waiting, frames } = await page.evaluate(() => window.seenFields())
  database.close()
  const ms = seen.map((field) => field.seenAt - Date.parse(field.committedAt)).sort((a, b) => a - b)
  const at = (share: number) => ms[Math.min(ms.length - 1, Math.floor(share * ms.length))]
  console.log(
    JSON.stringify({
      benchmark: 'slide-window',
      window: values.electron ? 'Electron' : 'Chromium',
      fields: ms.length,
      neverSeen: waiting,
      ms: { median: at(0.5), p90: at(0.9), p95: at(0.95), most: ms.at(-1) },
      within300: ms.filter((one) => one <= 300).length / ms.length,
      framesPerS: frames,
      requestMs: await page.evaluate(requests),
    }),
  )
} finally {
  await close()
  await rm(folder, { recursive: true, force: true })
}

declare global {
  interface Window {
    expectFields(fields: readonly Expected[]): void
    seenFields(): {
      seen: { ordinal: number; committedAt: string; seenAt: number }[]
      waiting: number
      frames: number
    }
  }
}

/** Runs in the page. */
async function askBench({ path, body }: { path: string; body: string }): Promise<{ status: number; body: string }> {
  const answer = await fetch(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
  return { status: answer.status, body: await answer.text() }
}

/** Runs in the page: median time of what was asked for. */
function requests(): Record<string, { count: number; median: number }> {
  const all = performance.getEntriesByType('resource') as PerformanceResourceTiming[]
  const of = (part: string) => {
    const ms = all.filter(({ name }) => name.includes(part)).map(({ duration }) => duration)
    return { count: ms.length, median: ms.sort((a, b) => a - b)[Math.floor(ms.length / 2)] }
  }
  return { fields: of('/rpc/slide/fields'), cells: of('/rpc/cells/changes'), tiles: of('/tiles/') }
}

/** Runs in the page. */
function watch(): void {
  const overlay = document.querySelector<HTMLCanvasElement>('canvas[data-testid="boxes"]')!
  const slide = [...document.querySelectorAll<HTMLCanvasElement>('.viewer-host canvas')].find((one) => one !== overlay)!
  const waiting = new Map<number, Expected>()
  const seen: { ordinal: number; committedAt: string; seenAt: number }[] = []
  performance.setResourceTimingBufferSize(20_000)
  const startMs = performance.now()
  let frames = 0
  const isThere = (field: Expected): boolean => {
    const [scale, offsetX, offsetY] = overlay.dataset.placement!.split(' ').map(Number)
    const ratio = slide.width / slide.clientWidth
    const x = ((field.slide_x + field.width_px / 2) * scale + offsetX) * ratio
    const y = ((field.slide_y + field.height_px / 2) * scale + offsetY) * ratio
    const side = Math.max(6, Math.round(field.height_px * scale * ratio * 0.4))
    const [left, top] = [Math.round(x - side / 2), Math.round(y - side / 2)]
    if (left < 0 || top < 0 || left + side > slide.width || top + side > slide.height) return false
    const { data } = slide.getContext('2d')!.getImageData(left, top, side, side)
    let [least, most] = [255, 0]
    for (let i = 0; i < data.length; i += 4) {
      if (data[i + 3] < 255) return false
      least = Math.min(least, data[i + 1])
      most = Math.max(most, data[i + 1])
    }
    // A blank has no more than a few grey values, a smear has cells.
    return most - least > 24
  }
  const look = (): void => {
    frames++
    for (const [ordinal, field] of waiting) {
      if (!isThere(field)) continue
      seen.push({ ordinal, committedAt: field.committed_at, seenAt: Date.now() + 16 })
      waiting.delete(ordinal)
    }
    requestAnimationFrame(look)
  }
  window.expectFields = (fields) => {
    for (const field of fields) waiting.set(field.ordinal, field)
  }
  window.seenFields = () => ({
    seen,
    waiting: waiting.size,
    frames: (1000 * frames) / (performance.now() - startMs),
  })
  requestAnimationFrame(look)
}
