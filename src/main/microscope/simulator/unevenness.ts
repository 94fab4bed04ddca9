import type { Rect, StageUm } from '../../../shared/geometry.ts'
import { hash, Random } from './random.ts'

/** A step is as steep as this, a dent so wide, micrometres. */
const STEP_WIDTH_UM = 25
const DENT_RADIUS_UM = 260

/**
 * What makes a slide's height unlike any plane or bow: a step of 1.5 to 3 um along a line through the countable area (a scratch in the holder, a crumb
 * of glass under the slide), a dent or bulge of 2 to 4 um, and a drift of 1.5 to 3 um down the area, as of a holder that grows warm while it is
 * scanned. All by the place alone, never by time, so that a scan repeats itself.
 */
export function unevennessOf(seed: number, area: Rect<StageUm>, strength: number): (at: StageUm) => number {
  const random = new Random(hash(seed, 0x0e7e))
  const sign = () => (random.chance(0.5) ? 1 : -1)
  const { origin, width, height } = area
  const angle = random.angle()
  const [across, down] = [Math.cos(angle), Math.sin(angle)]
  const through = { x: origin.x + width * random.range(0.3, 0.7), y: origin.y + height * random.range(0.3, 0.7) }
  const stepUm = strength * sign() * random.range(1.5, 3)
  const dent = { x: origin.x + width * random.range(0.2, 0.8), y: origin.y + height * random.range(0.2, 0.8) }
  const dentUm = strength * sign() * random.range(2, 4)
  const driftUm = strength * sign() * random.range(1.5, 3)
  return ({ x, y }) => {
    const beyond = (x - through.x) * across + (y - through.y) * down
    const step = stepUm / (1 + Math.exp(-beyond / (STEP_WIDTH_UM / 4)))
    const away2 = ((x - dent.x) ** 2 + (y - dent.y) ** 2) / DENT_RADIUS_UM ** 2
    const along = (y - origin.y) / height
    // Slow, then fast, then slow: nine places see its ends, not its course.
    return step + dentUm * Math.exp(-away2 / 2) + driftUm * (along - Math.sin(2 * Math.PI * along) / (2 * Math.PI))
  }
}
