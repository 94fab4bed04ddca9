/**
 * How long the simulated slide takes to draw a field: `node benchmarks/render.ts`. JSON on standard output: milliseconds of wall time,
 * and of processor time over all threads (`cpuMs`), which says more on a busy machine: two idle cores take about half of it.
 * Each field is new ground of the countable area, as in a scan; the first few warm the process up and are left out.
 */
import { createWorld } from '../src/main/microscope/simulator/create-world.ts'
import { DEFAULT_EFFECTS } from '../src/main/microscope/simulator/effects.ts'
import type { RenderRequest } from '../src/main/microscope/simulator/world.ts'

const FIELDS = 40
const WARM_UP = 12

const world = createWorld({ seed: 1, profile: 'normal' })

async function measure(
  change: (request: RenderRequest) => RenderRequest,
): Promise<{ medianMs: number; p95Ms: number; cpuMs: number }> {
  const times: number[] = []
  let before = process.cpuUsage()
  for (let i = 0; i < WARM_UP + FIELDS; i++) {
    const { origin } = world.countable
    const centre = { x: origin.x + 100 + (i % 18) * 188, y: origin.y + 80 + Math.floor(i / 18) * 141 }
    const request = change({
      centre,
      zUm: world.bestFocusUm(centre),
      widthPx: 2048,
      heightPx: 1536,
      pixelSizeUm: 0.092,
      travelUm: { x: 0, y: 0 },
      effects: DEFAULT_EFFECTS,
      noiseSeed: i,
    })
    if (i === WARM_UP) before = process.cpuUsage()
    const started = performance.now()
    await world.render(request)
    if (i >= WARM_UP) times.push(performance.now() - started)
  }
  const used = process.cpuUsage(before)
  times.sort((a, b) => a - b)
  const at = (share: number) => Number(times[Math.floor(times.length * share)]!.toFixed(1))
  return { medianMs: at(0.5), p95Ms: at(0.95), cpuMs: Number(((used.user + used.system) / 1000 / FIELDS).toFixed(1)) }
}

/** Fresh ground for every kind, so that none lives on another's cells. */
const down = (rows: number) => (request: RenderRequest) => {
  const centre = { x: request.centre.x, y: request.centre.y + rows * 141 }
  return { ...request, centre, zUm: world.bestFocusUm(centre) }
}

const inFocus = await measure(down(0))
const defocused = await measure((request) => {
  const moved = down(4)(request)
  return { ...moved, zUm: moved.zUm + 2.5 }
})
const smeared = await measure((request) => ({ ...down(8)(request), travelUm: { x: 3, y: 1 } }))
const live = await measure((request) => ({ ...down(12)(request), widthPx: 640, heightPx: 480, pixelSizeUm: 0.294 }))
await world.close()
console.log(
  JSON.stringify(
    { benchmark: 'render', field: '2048x1536', ...inFocus, defocused, smeared, live640x480: live },
    null,
    2,
  ),
)
