import { join } from 'node:path'
import Database from 'better-sqlite3'
import { beforeAll, expect, test } from 'vitest'
import { describeDesk } from '../support/desk-in-browser.ts'
import { medulla } from '../support/medulla.ts'
import { difference, grey, type Square } from '../support/slide-picture.ts'

/** What the page saw of one place, frame by frame. */
interface Seen {
  readonly blanks: number
  readonly frames: number
  readonly placements: readonly string[]
}

declare global {
  interface Window {
    seenMeanwhile(): Seen
  }
}

async function scan(dataFolder: string): Promise<void> {
  const words = ['scan', '--rig', 'simulated', '--cells', '60', '--time-scale', '50', '--data', dataFolder]
  const { exitCode, stderr } = await medulla(words)
  expect(exitCode, stderr).toBe(0)
}

describeDesk('fields that are placed anew', { timeoutMs: 240_000, fill: scan }, (desk) => {
  beforeAll(async () => {
    await desk.page.locator('canvas[data-testid="boxes"][data-placement]').waitFor({ timeout: 60_000 })
  }, 60_000)

  /** The picture in the slide's own canvas at a rectangle of the slide, as grey values; null: nothing is drawn there. */
  const picture = (x: number, y: number, side: number) => desk.page.evaluate(grey, { x, y, side })

  /** The boxes there: how much of each of 24 x 24 places is drawn on. */
  const boxes = (x: number, y: number, side: number) => desk.page.evaluate(drawnBoxes, { x, y, side })

  /** Moves every field and its cells as a casebook does that has solved the places anew: each row with a new revision. */
  function moveAll(dx: number, dy: number): void {
    const casebook = new Database(join(desk.dataFolder, 'casebook.sqlite'))
    const run = casebook.prepare<[], { id: number; revision: number }>('SELECT id, revision FROM run').get()!
    let { revision } = run
    casebook.transaction(() => {
      const fields = casebook.prepare<[], { id: number }>('SELECT id FROM field ORDER BY ordinal').all()
      for (const { id } of fields)
        casebook
          .prepare(
            'UPDATE field SET slide_x = slide_x + ?, slide_y = slide_y + ?, owned_x = owned_x + ?, owned_y = owned_y + ?, revision = ? WHERE id = ?',
          )
          .run(dx, dy, dx, dy, ++revision, id)
      for (const { id } of casebook.prepare<[], { id: number }>('SELECT id FROM cell ORDER BY id').all())
        casebook
          .prepare('UPDATE cell SET slide_x = slide_x + ?, slide_y = slide_y + ?, revision = ? WHERE id = ?')
          .run(dx, dy, ++revision, id)
      casebook.prepare('UPDATE run SET revision = ? WHERE id = ?').run(revision, run.id)
    })()
    casebook.close()
  }

  /** The window comes back to the eye, which is when it looks after a run that is over. */
  const comeBack = () => desk.page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')))

  test('the picture and the boxes move, without a blank and without the view moving', async () => {
    const casebook = new Database(join(desk.dataFolder, 'casebook.sqlite'), { readonly: true })
    // A cell in its field's middle, with something to recognise round it.
    const cell = casebook
      .prepare<[], { slide_x: number; slide_y: number }>(
        'SELECT slide_x, slide_y FROM cell WHERE x_px BETWEEN 700 AND 1300 AND y_px BETWEEN 500 AND 1000 ORDER BY id LIMIT 1',
      )
      .get()!
    casebook.close()
    const [x, y] = [cell.slide_x, cell.slide_y]
    await expect.poll(() => picture(x, y, 300), { timeout: 60_000 }).not.toBeNull()
    // By whole pixels of the screen, however large the slide is shown: half of one, and what was sharp is blurred.
    const placement = await desk.page.locator('canvas[data-testid="boxes"]').getAttribute('data-placement')
    const scale = Number(placement!.split(' ')[0])
    const [dx, dy] = [Math.round(11 / scale), -Math.round(7 / scale)]
    // The last tiles of the opening are in.
    let [before, previous] = [await picture(x, y, 300), [] as number[] | null]
    while (JSON.stringify(before) !== JSON.stringify(previous)) {
      await desk.page.waitForTimeout(500)
      previous = before
      before = await picture(x, y, 300)
    }
    const boxesBefore = await boxes(x, y, 300)
    expect(difference(await boxes(x + dx, y + dy, 300), boxesBefore)).toBeGreaterThan(20)
    await desk.page.evaluate(watch, { x, y, side: 300 })

    moveAll(dx, dy)
    await comeBack()
    const asBefore = async () => difference((await picture(x + dx, y + dy, 300)) ?? [], before!)
    await expect.poll(asBefore, { timeout: 60_000 }).toBeLessThan(6)
    // It is not the place it was that looks like this: the picture has moved.
    expect(difference((await picture(x, y, 300))!, before!)).toBeGreaterThan(8)
    await expect
      .poll(async () => difference(await boxes(x + dx, y + dy, 300), boxesBefore), { timeout: 30_000 })
      .toBeLessThan(15)

    // A page that draws two frames a second may be through in five: it is watched for some frames after the move too.
    await expect
      .poll(() => desk.page.evaluate(() => window.seenMeanwhile().frames), { timeout: 30_000 })
      .toBeGreaterThan(5)
    const meanwhile = await desk.page.evaluate(() => window.seenMeanwhile())
    expect(meanwhile.blanks).toBe(0)
    expect(meanwhile.placements).toHaveLength(1)
    expect(desk.faults).toEqual([])
  })

  test('a window that is loaded anew shows the places as they are now', async () => {
    await desk.page.reload()
    await desk.page.locator('canvas[data-testid="boxes"][data-placement]').waitFor({ timeout: 60_000 })
    const casebook = new Database(join(desk.dataFolder, 'casebook.sqlite'), { readonly: true })
    const field = casebook
      .prepare<[], { slide_x: number; slide_y: number }>('SELECT slide_x, slide_y FROM field WHERE ordinal = 0')
      .get()!
    casebook.close()
    await expect.poll(() => picture(field.slide_x + 1024, field.slide_y + 768, 600), { timeout: 60_000 }).not.toBeNull()
    expect(desk.faults).toEqual([])
  })
})

/** Runs in the page: what is drawn above the slide round a point of it, 24 x 24 values from 0 to 255. */
function drawnBoxes({ x, y, side }: Square): number[] {
  const overlay = document.querySelector<HTMLCanvasElement>('canvas[data-testid="boxes"]')!
  const [scale, offsetX, offsetY] = overlay.dataset.placement!.split(' ').map(Number)
  const ratio = overlay.width / overlay.clientWidth
  const small = document.createElement('canvas')
  small.width = 24
  small.height = 24
  const ctx = small.getContext('2d')!
  const [left, top] = [((x - side / 2) * scale + offsetX) * ratio, ((y - side / 2) * scale + offsetY) * ratio]
  ctx.drawImage(overlay, left, top, side * scale * ratio, side * scale * ratio, 0, 0, 24, 24)
  const { data } = ctx.getImageData(0, 0, 24, 24)
  return Array.from({ length: 24 * 24 }, (_, i) => data[4 * i + 3])
}

/** Runs in the page: looks in every frame whether a place is blank, and where the view is. */
function watch({ x, y, side }: Square): void {
  const overlay = document.querySelector<HTMLCanvasElement>('canvas[data-testid="boxes"]')!
  const slide = [...document.querySelectorAll<HTMLCanvasElement>('.viewer-host canvas')].find((one) => one !== overlay)!
  const placements = new Set<string>()
  let [blanks, frames] = [0, 0]
  const look = (): void => {
    frames++
    const placement = overlay.dataset.placement!
    placements.add(placement)
    const [scale, offsetX, offsetY] = placement.split(' ').map(Number)
    const [left, top] = [Math.round((x - side / 2) * scale + offsetX), Math.round((y - side / 2) * scale + offsetY)]
    const pixels = Math.max(2, Math.round(side * scale))
    const { data } = slide.getContext('2d')!.getImageData(left, top, pixels, pixels)
    let [least, most] = [255, 0]
    for (let i = 0; i < data.length; i += 4) {
      const value = data[i + 3] < 255 ? 0 : data[i + 1]
      least = Math.min(least, value)
      most = Math.max(most, value)
    }
    // An empty canvas is 0 all over, a tile without the field one grey: a smear has cells.
    if (most - least < 24 || least === 0) blanks++
    requestAnimationFrame(look)
  }
  window.seenMeanwhile = () => ({ blanks, frames, placements: [...placements] })
  requestAnimationFrame(look)
}
