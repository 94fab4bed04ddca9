import { expect, test } from 'vitest'
import { drawnOverview } from '../../../test/support/drawn-overview.ts'
import { hash, Random } from '../../main/microscope/simulator/random.ts'
import type { StageRect } from '../contract/area.ts'
import { expectArea, fieldsOf, USUAL_COUNTED } from './expect.ts'
import type { OverviewPlace } from './place.ts'
import { proposeAreas } from './propose.ts'
import { smearMap } from './smear-map.ts'

const PITCH_UM = 500
const step = { widthUm: 168.4, heightUm: 121.3 }
const MM2 = step.widthUm * step.heightUm * 1e-6

/** A smear with richer and poorer parts some fields wide, in which counts scatter more than by chance. */
function drawnSmear(seed: number) {
  const random = new Random(hash(seed, 0xa5ea))
  const usual = random.range(500, 1600)
  const [phaseX, phaseY] = [random.range(0, 6.28), random.range(0, 6.28)]
  const density = (x: number, y: number) => usual * (1 + 0.15 * Math.sin(x / 900 + phaseX) * Math.cos(y / 700 + phaseY))
  const cellsAt = (x: number, y: number) => {
    const mean = density(x, y) * MM2
    return Math.max(0, Math.round(mean + 1.2 * Math.sqrt(mean) * random.normal()))
  }
  const counted = Math.min(0.99, USUAL_COUNTED.share + USUAL_COUNTED.error * random.normal())
  return { cellsAt, counted }
}

function placesOf(cellsAt: (x: number, y: number) => number, closer: readonly StageRect[] = []): OverviewPlace[] {
  const counts = (x: number, y: number) => {
    const cells = cellsAt(x, y)
    return { cells, cellsPerMm2: cells / MM2 }
  }
  const raster = drawnOverview(16, 10, PITCH_UM, (x, y) => ({ cellsPerMm2: counts(x, y).cellsPerMm2 }))
  const near = closer.flatMap((rect) =>
    [1, 3, 5].flatMap((down) =>
      [1, 3, 5].map((across) => {
        const [xUm, yUm] = [rect.xUm + (across * rect.widthUm) / 6, rect.yUm + (down * rect.heightUm) / 6]
        return { ...drawnOverview(1, 1, 1, () => ({ cellsPerMm2: counts(xUm, yUm).cellsPerMm2 }))[0]!, xUm, yUm }
      }),
    ),
  )
  return [...raster, ...near].map((place, index) => ({ ...place, index }))
}

test('the fields that a count takes lie within the limits stated beforehand, nine times in ten', () => {
  const smears = 200
  let [within, below, above] = [0, 0, 0]
  const off: number[] = []
  for (let seed = 1; seed <= smears; seed++) {
    const { cellsAt, counted } = drawnSmear(seed)
    const asked = { step, targetCells: 500, excluded: [], counted: USUAL_COUNTED, pace: null, most: 1 }
    const first = placesOf(cellsAt)
    const [area] = proposeAreas(smearMap(first, PITCH_UM), asked)
    // As an overview does it: the best area is looked at more closely before anything is said of it.
    const near = placesOf(cellsAt, area!.rects).slice(first.length)
    const places = [...first, ...near].map((place, index) => ({ ...place, index }))
    const expected = expectArea(smearMap(places, PITCH_UM), { ...asked, rects: area!.rects })!.fieldsToTarget
    if (!expected) continue
    let [cells, fields] = [0, 0]
    for (const { xUm, yUm } of fieldsOf({ rects: area!.rects, excluded: [], step })) {
      if (cells >= 500) break
      cells += counted * cellsAt(xUm, yUm)
      fields++
    }
    if (cells < 500) fields = Math.ceil((fields * 500) / cells)
    off.push(fields / expected.expected - 1)
    if (fields < expected.low) below++
    else if (expected.high !== null && fields > expected.high) above++
    else within++
  }
  const told = within + below + above
  expect(told).toBeGreaterThan(0.95 * smears)
  expect(within / told).toBeGreaterThanOrEqual(0.85)
  // Neither side is favoured much, and the limits are no wider than they have to be to be of use.
  expect(Math.abs(off.reduce((sum, value) => sum + value, 0) / off.length)).toBeLessThan(0.06)
})
