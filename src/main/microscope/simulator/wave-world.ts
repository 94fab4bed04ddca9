import { straightTransform } from '../../../shared/camera-transform.ts'
import { type Rect, type StageUm, stageUm } from '../../../shared/geometry.ts'
import type { RgbImage } from '../../../shared/image.ts'
import { Random } from './random.ts'
import { chanceOf } from './simulated-chance.ts'
import type { RenderRequest, World } from './world.ts'

/** Standard deviation of the blur by distance from focus, and at best focus. */
const BLUR_UM_PER_UM = 0.3
const SHARPEST_UM = 0.12

/**
 * A world without cells for tests of stage, camera and focus: a sum of plane waves with periods of 0.7 to 25 um on a tilted slide.
 * A wave's contrast under a Gaussian blur is known in closed form, so the images are right at any height, and cheap when small.
 */
export class WaveWorld implements World {
  readonly profile = 'normal'
  readonly extent: Rect<StageUm> = { origin: stageUm(0, 0), width: 6000, height: 4000 }
  readonly countable: Rect<StageUm> = { origin: stageUm(2000, 1000), width: 2000, height: 2000 }
  readonly seed: number
  /** Every request so far, for tests that ask what was drawn. */
  readonly requests: RenderRequest[] = []
  readonly #waves: readonly { fx: number; fy: number; phase: number; contrast: number }[]

  /** @param contrast 1: about that of a smear; 0: an empty slide. */
  constructor(seed = 1, contrast = 1) {
    this.seed = seed
    this.#waves = Array.from({ length: 24 }, (_, i) => {
      const periodUm = 0.7 * (25 / 0.7) ** (i / 23)
      const direction = 2 * Math.PI * chanceOf(seed, 11, i)
      return {
        fx: Math.cos(direction) / periodUm,
        fy: Math.sin(direction) / periodUm,
        phase: 2 * Math.PI * chanceOf(seed, 12, i),
        contrast: contrast * 0.02 * periodUm ** 0.3,
      }
    })
  }

  bestFocusUm(at: StageUm): number {
    return 3 + 0.0006 * (at.x - 3000) - 0.0009 * (at.y - 2000)
  }

  truthIn(): [] {
    return []
  }

  async render(request: RenderRequest): Promise<RgbImage> {
    this.requests.push(request)
    const { centre, zUm, widthPx, heightPx, pixelSizeUm, noiseSeed, effects } = request
    const offUm = zUm - this.bestFocusUm(centre)
    const blurUm2 = SHARPEST_UM ** 2 + (BLUR_UM_PER_UM * offUm) ** 2
    const waves = this.#waves.map((wave) => ({
      ...wave,
      contrast: wave.contrast * Math.exp(-2 * Math.PI ** 2 * blurUm2 * (wave.fx ** 2 + wave.fy ** 2)),
    }))
    const random = new Random(noiseSeed)
    const electrons = effects.fullWellElectrons
    const noise = Number.isFinite(electrons)
      ? Math.sqrt(0.7 * electrons + effects.readNoiseElectrons ** 2) / electrons
      : 0
    const data = new Uint8Array(new SharedArrayBuffer(3 * widthPx * heightPx))
    const { xx, xy, yx, yy } = request.transform ?? straightTransform(pixelSizeUm)
    for (let y = 0; y < heightPx; y++) {
      const down = y - heightPx / 2
      for (let x = 0; x < widthPx; x++) {
        const right = x - widthPx / 2
        const slideX = centre.x + xx * right + xy * down
        const slideY = centre.y + yx * right + yy * down
        let value = 0.7 + noise * random.normal()
        for (const { fx, fy, phase, contrast } of waves) {
          if (contrast > 1e-5) value += contrast * Math.sin(2 * Math.PI * (fx * slideX + fy * slideY) + phase)
        }
        value = value * effects.light + effects.blackLevel / 255
        data.fill(Math.max(0, Math.min(255, Math.round(255 * value))), 3 * (y * widthPx + x), 3 * (y * widthPx + x) + 3)
      }
    }
    return { data, widthPx, heightPx }
  }

  async close(): Promise<void> {}
}
