/**
 * What opening a long finished run in the window takes: `node benchmarks/open-run.ts [--fields N] [--cells N] [--times N]`. One JSON object
 * on stdout.
 *
 * A run of N fields (2,000) of 20 cells and a short one lie in a casebook; the window (headless Chromium, `medulla serve` as a process of its own) shows
 * the short one, and the long one is clicked in the worklist. `ms`, from the click, looked at in every frame: `counted`, the header says how many cells
 * count; `denominator`, so does the differential; `picture`, a tile of the slide is drawn in the middle of the view; `boxes`, every cell is known to the slide;
 * `stillest`, the longest time between two frames. `cpuMs`, until all is there: processor time of the bench and (its main thread) of the window, which says
 * more than the clock does where the machine is busy. `requests`: time and bytes of what was asked for. The first opening finds nothing of the run in memory; then the two
 * runs are opened in turn.
 */
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Page } from 'playwright'
import { buildIfStale } from '../scripts/build-if-stale.ts'
import { findChromium, launchChromium } from '../test/support/chromium.ts'
import { type LongRun, makeLongRun } from '../test/support/long-run.ts'
import { startServer } from '../test/support/served.ts'

const { values } = parseArgs({
  options: {
    fields: { type: 'string', default: '2000' },
    cells: { type: 'string', default: '20' },
    times: { type: 'string', default: '3' },
  },
})
const [fields, cells, times] = [Number(values.fields), Number(values.cells), Number(values.times)]

const executable = findChromium()
if (!executable) throw new Error('There is no Chromium; MEDULLA_CHROMIUM can name one.')
buildIfStale()
const folder = await mkdtemp(join(tmpdir(), 'medulla-open-run-'))
try {
  const long = await makeLongRun(folder, fields, cells)
  const short = await makeLongRun(folder, 3, cells)
  const server = await startServer(folder)
  const browser = await launchChromium(executable)
  try {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
    // What the bench looks after when it starts is none of this.
    const examined = page.waitForResponse(/\/rpc\/system\/doctor/, { timeout: 120_000 })
    await page.goto(server.link)
    await isOpen(page, short)
    await (await examined).finished()
    const opened = []
    for (let time = 0; time < times; time++) {
      opened.push(await open(page, long, server.pid))
      await open(page, short, server.pid)
    }
    console.log(JSON.stringify({ benchmark: 'open-run', fields, cells: long.cells, opened }))
  } finally {
    await browser.close()
    await server.stop()
  }
} finally {
  await rm(folder, { recursive: true, force: true })
}

async function isOpen(page: Page, run: LongRun): Promise<void> {
  await page.locator(`canvas[data-testid="boxes"][data-box-count="${run.cells}"]`).waitFor({ timeout: 120_000 })
}

async function open(page: Page, run: LongRun, benchPid: number) {
  const session = await page.context().newCDPSession(page)
  await session.send('Performance.enable', { timeDomain: 'threadTicks' })
  const windowMs = async () => {
    const { metrics } = await session.send('Performance.getMetrics')
    return 1000 * metrics.find(({ name }) => name === 'TaskDuration')!.value
  }
  const before = { bench: processorMs(benchPid), window: await windowMs() }
  const seen = await page.evaluate(clickAndLook, run)
  await isOpen(page, run)
  const benchMs = processorMs(benchPid)
  const cpuMs = {
    bench: benchMs === null || before.bench === null ? null : benchMs - before.bench,
    window: Math.round((await windowMs()) - before.window),
  }
  await session.detach()
  return { ...seen, cpuMs }
}

/** null: not on Linux. */
function processorMs(pid: number): number | null {
  if (process.platform !== 'linux') return null
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // After the name in brackets: utime is field 14, stime 15, in ticks of 10 ms.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return 10 * (Number(fields[11]) + Number(fields[12]))
}

interface Seen {
  readonly ms: Readonly<Record<string, number>>
  readonly requests: Readonly<Record<string, { count: number; ms: number; bytes: number }>>
}

/** Runs in the page: clicks the run in the worklist and looks at each frame until all is there. */
function clickAndLook({ runId, cells, counted }: LongRun): Promise<Seen> {
  const text = (testId: string) => document.querySelector(`[data-testid="${testId}"]`)?.textContent ?? ''
  const overlay = () => document.querySelector<HTMLCanvasElement>('canvas[data-testid="boxes"]')
  const before = overlay()
  const picture = (): boolean => {
    const slide = [...document.querySelectorAll<HTMLCanvasElement>('.viewer-host canvas')].find(
      (one) => one !== overlay(),
    )
    if (!slide || slide.width === 0) return false
    const { data } = slide.getContext('2d')!.getImageData(slide.width >> 1, slide.height >> 1, 1, 1)
    return data[3] === 255
  }
  const looked: Record<string, () => boolean> = {
    counted: () => text('counted') === String(counted),
    denominator: () => text('denominator') === String(counted),
    picture: () => overlay() !== before && picture(),
    boxes: () => overlay()?.dataset.boxCount === String(cells),
  }
  performance.clearResourceTimings()
  performance.setResourceTimingBufferSize(20_000)
  const startMs = performance.now()
  document.querySelector<HTMLElement>(`[data-testid="worklist-item"][data-run-id="${runId}"]`)!.click()
  const ms: Record<string, number> = { stillest: 0 }
  return new Promise((resolve) => {
    let last = startMs
    const look = (): void => {
      const now = performance.now()
      ms.stillest = Math.max(ms.stillest, Math.round(now - last))
      last = now
      for (const [what, isThere] of Object.entries(looked))
        if (ms[what] === undefined && isThere()) ms[what] = Math.round(now - startMs)
      if (Object.keys(looked).some((what) => ms[what] === undefined) && now - startMs < 60_000) {
        requestAnimationFrame(look)
        return
      }
      const requests: Record<string, { count: number; ms: number; bytes: number }> = {}
      for (const entry of performance.getEntriesByType('resource') as PerformanceResourceTiming[]) {
        const { pathname } = new URL(entry.name)
        const key = pathname.startsWith('/tiles/') ? '/tiles' : pathname.startsWith('/crops/') ? '/crops' : pathname
        requests[key] ??= { count: 0, ms: 0, bytes: 0 }
        const sum = requests[key]
        sum.count++
        sum.ms = Math.round(sum.ms + entry.duration)
        sum.bytes += entry.transferSize
      }
      resolve({ ms, requests })
    }
    requestAnimationFrame(look)
  })
}
