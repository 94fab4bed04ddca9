import type { Rect, StageUm } from '../../../shared/geometry.ts'
import { stageUm } from '../../../shared/geometry.ts'
import { noiseAt } from './noise-texture.ts'
import { hash, Random } from './random.ts'
import { unevennessOf } from './unevenness.ts'

/** What the smear is like at a point. */
export interface SmearLocal {
  /** Nucleated cells, per um2. */
  readonly cellsPerUm2: number
  /** Red cells, per um2. */
  readonly redCellsPerUm2: number
  /** 0 where red cells lie side by side, 1 where they pile up in rolls. */
  readonly thickness: number
  /** 0 outside, 1 in the middle of a marrow particle. */
  readonly spicule: number
  /** Strength of the dried plasma between the cells, about 0-1. */
  readonly plasma: number
}

const WIDTH_UM = 8000
const HEIGHT_UM = 5000
const ORIGIN = stageUm(4000, 3000)

interface Spicule {
  readonly x: number
  readonly y: number
  readonly radius: number
}

const smooth = (low: number, high: number, value: number): number => {
  const t = Math.max(0, Math.min(1, (value - low) / (high - low)))
  return t * t * (3 - 2 * t)
}

/**
 * A wedge smear: thick at the left where the drop was put down, a trail of marrow particles, a well spread area in which one counts,
 * a feathered edge at the right. Cells end before the extent does.
 */
export class SmearMap {
  readonly extent: Rect<StageUm> = { origin: ORIGIN, width: WIDTH_UM, height: HEIGHT_UM }
  readonly countable: Rect<StageUm> = { origin: stageUm(ORIGIN.x + 3400, ORIGIN.y + 800), width: 3600, height: 3400 }
  private readonly seed: number
  private readonly uneven: ((at: StageUm) => number) | null
  private readonly spicules: readonly Spicule[]
  private readonly tilt: { readonly x: number; readonly y: number; readonly bow: number; readonly height: number }

  /**
   * @param relief how many times steeper and more bowed than a good slide in a good holder.
   * @param unevenness how much of what `unevennessOf` says.
   */
  constructor(seed: number, relief = 1, unevenness = 0) {
    this.seed = seed
    this.uneven = unevenness === 0 ? null : unevennessOf(seed, this.countable, unevenness)
    const random = new Random(hash(seed, 0x51))
    const trailY = ORIGIN.y + HEIGHT_UM * random.range(0.4, 0.6)
    this.spicules = Array.from({ length: 7 }, (_, i) => ({
      x: ORIGIN.x + 500 + i * 390 + random.range(-120, 120),
      y: trailY + random.range(-900, 900),
      radius: random.range(90, 260) * (1 - i * 0.05),
    }))
    const slope = (relief * random.range(2.2, 3.8)) / WIDTH_UM
    const direction = random.angle()
    this.tilt = {
      x: slope * Math.cos(direction),
      y: slope * Math.sin(direction),
      bow: relief * random.range(0.5, 1.1) * (random.chance(0.5) ? 1 : -1),
      height: random.range(-6, 6),
    }
  }

  /** Height of best focus, um: a tilted slide with a little bow, about 2-4 um from end to end. */
  bestFocusUm(at: StageUm): number {
    const x = at.x - (ORIGIN.x + WIDTH_UM / 2)
    const y = at.y - (ORIGIN.y + HEIGHT_UM / 2)
    const reach = (x * x) / (WIDTH_UM * WIDTH_UM * 0.25) + (y * y) / (HEIGHT_UM * HEIGHT_UM * 0.25)
    const ripple = 0.12 * Math.sin(x / 610 + this.seed) * Math.cos(y / 540)
    return (
      this.tilt.height +
      this.tilt.x * x +
      this.tilt.y * y +
      this.tilt.bow * reach * 0.5 +
      ripple +
      (this.uneven?.(at) ?? 0)
    )
  }

  at(x: number, y: number): SmearLocal {
    const u = (x - ORIGIN.x) / WIDTH_UM
    const v = (y - ORIGIN.y) / HEIGHT_UM
    const shift = hash(this.seed, 0x77) % 997
    const patch = this.slowNoise(x / 420 + shift, y / 420)
    const grain = this.slowNoise(x / 130 - shift, y / 130)
    const wander = 0.025 * this.slowNoise(x / 800, y / 800 + shift)
    const inside =
      smooth(0.012, 0.04, u) *
      (1 - smooth(0.93, 0.985, u + wander)) *
      smooth(0.02, 0.08, v + wander) *
      (1 - smooth(0.92, 0.98, v + wander))
    let spicule = 0
    for (const s of this.spicules) {
      const dx = x - s.x
      const dy = y - s.y
      const reach = Math.sqrt(dx * dx + dy * dy) / s.radius + 0.22 * grain
      spicule = Math.max(spicule, 1 - smooth(0.55, 1.25, reach))
    }
    const thickness = 1 - smooth(0.16, 0.4, u + wander)
    const density = 1.12e-3 * Math.max(0.45, 1 + 0.14 * patch + 0.08 * grain)
    const trail = 1 + 0.7 * thickness
    const red = 0.0088 * (1 - 0.35 * smooth(0.45, 0.9, u)) + 0.0075 * thickness
    return {
      cellsPerUm2: inside * (density * trail + 3.4e-3 * spicule),
      redCellsPerUm2: inside * red * (1 - 0.7 * spicule),
      thickness,
      spicule,
      plasma: inside * Math.max(0.02, 0.1 + 0.03 * patch + 0.34 * thickness + 0.6 * spicule) + 0.02,
    }
  }

  /** Smoothly interpolated noise with features of about 1, standard deviation about 1. */
  private slowNoise(x: number, y: number): number {
    const fx = x * 8
    const fy = y * 8
    const kx = Math.floor(fx)
    const ky = Math.floor(fy)
    const tx = fx - kx
    const ty = fy - ky
    const a = noiseAt(kx / 8, ky / 8)
    const b = noiseAt((kx + 1) / 8, ky / 8)
    const c = noiseAt(kx / 8, (ky + 1) / 8)
    const d = noiseAt((kx + 1) / 8, (ky + 1) / 8)
    return (a * (1 - tx) + b * tx) * (1 - ty) + (c * (1 - tx) + d * tx) * ty
  }
}
