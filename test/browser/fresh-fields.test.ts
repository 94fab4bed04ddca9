import type { Route } from 'playwright'
import { expect, test } from 'vitest'
import { describeDesk } from '../support/desk-in-browser.ts'
import { difference, grey, type Square } from '../support/slide-picture.ts'

const RUN = { runId: 1 }
const FIELDS = 4

describeDesk(
  'a field that was just committed',
  {
    timeoutMs: 240_000,
    before: async (client) => {
      await client.runs.start({
        rig: { kind: 'simulated', profile: 'normal', seed: 1, timeScale: 2 },
        targetCells: null,
      })
      await client.runs.pause(RUN)
    },
  },
  (desk) => {
    const page = () => desk.page
    const client = () => desk.client
    const seen = (square: Square) => page().evaluate(grey, square)

    test('is seen though none of its tiles is there, and looks as they do when they come', async () => {
      const held: Route[] = []
      let isHeld = true
      await page().route('**/tiles/**', (route) => {
        if (isHeld) held.push(route)
        else void route.continue()
      })
      await page().reload()
      await page().locator('canvas[data-testid="boxes"][data-placement]').waitFor({ timeout: 60_000 })
      // The window follows the run's events.
      await expect.poll(() => desk.text('run-state'), { timeout: 60_000 }).not.toBe('')
      const before = (await client().slide.fields(RUN)).fields.length
      await client().runs.resume(RUN)
      const fields = async () => (await client().slide.fields(RUN)).fields
      await expect
        .poll(async () => (await fields()).length, { timeout: 120_000 })
        .toBeGreaterThanOrEqual(before + FIELDS)
      await client().runs.stop(RUN)
      const places = (await fields()).slice(before).map(({ slideX, slideY, widthPx, heightPx }) => ({
        x: slideX + widthPx / 2,
        y: slideY + heightPx / 2,
        side: heightPx / 2,
      }))
      const placement = () => page().locator('canvas[data-testid="boxes"]').getAttribute('data-placement')
      for (let at = ''; at !== (await placement()); await page().waitForTimeout(600)) at = (await placement())!
      const sketches: number[][] = []
      for (const place of places) {
        await expect.poll(() => seen(place), { timeout: 20_000 }).not.toBeNull()
        sketches.push((await seen(place))!)
      }
      await desk.picture('fresh-fields')
      // A smear has cells: no blank looks like this.
      for (const values of sketches) expect(Math.max(...values) - Math.min(...values)).toBeGreaterThan(24)
      expect(held.length).toBeGreaterThan(0)

      isHeld = false
      await Promise.all(held.map((route) => route.continue()))
      for (const [i, place] of places.entries()) {
        // What was drawn of the small picture is not the tile to the last grey value, and lies where the tile has it.
        await expect
          .poll(async () => JSON.stringify(await seen(place)), { timeout: 60_000 })
          .not.toBe(JSON.stringify(sketches[i]))
        expect(difference((await seen(place))!, sketches[i])).toBeLessThan(8)
      }
      expect(desk.faults).toEqual([])
    })
  },
)
