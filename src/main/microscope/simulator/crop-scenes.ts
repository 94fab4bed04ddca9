import type { RgbImage } from '../../../shared/image.ts'
import type { ClassCode } from '../../../shared/taxonomy.ts'
import { CLASS_CODES } from '../../../shared/taxonomy.ts'
import { NO_EFFECTS } from './effects.ts'
import { FieldRenderer } from './field-renderer.ts'
import type { LaidCell } from './laid-cell.ts'
import { Layout } from './layout.ts'
import { classShares } from './profiles.ts'
import { hash, Random } from './random.ts'
import { SmearMap } from './smear-map.ts'
import type { Stain } from './stain.ts'
import { makeStain } from './stain.ts'

/** Every class is at least this common on the slides that crops are taken from; the rest is an ordinary marrow. */
const EVEN_SHARE = 0.5
/** Laboratories differ in stain by more than one laboratory's days do. */
const LABORATORIES_SPREAD = 2.2
/** Crops of one class taken from one smear before the next is laid out. */
const PER_SMEAR = 250

/** One rendered crop as a classifier sees it: a cell in the middle, what lies around it, stain, light and focus of its own slide. */
export interface ClassCrop {
  readonly code: ClassCode
  readonly image: RgbImage
}

/** Draws labelled crops of every class, for training a classifier. The same seed and number give the same crop. */
export class CropScenes {
  private readonly seed: number
  private smearIndex = -1
  private layout: Layout | null = null
  private byClass = new Map<ClassCode, LaidCell[]>()

  constructor(seed: number) {
    this.seed = seed
  }

  /** The `number`-th (from 0) crop of every class in `codes`, all from one slide. `sizePx` square, `pixelSizeUm` in um. */
  *slide(number: number, codes: readonly ClassCode[], sizePx: number, pixelSizeUm: number): Generator<ClassCrop> {
    const layout = this.smear(Math.floor(number / PER_SMEAR))
    const slideSeed = hash(this.seed, number, 0x51de)
    const slide = new Random(slideSeed)
    const stain = dim(makeStain(hash(slideSeed, 1), LABORATORIES_SPREAD), slide)
    const renderer = new FieldRenderer(layout, stain, 400_000)
    for (const code of codes) {
      const random = new Random(hash(slideSeed, CLASS_CODES.indexOf(code), 2))
      const cells = this.byClass.get(code)!
      // A stride that shares no factor with the count visits every cell once before any comes again.
      const cell = cells[(number * 7919) % cells.length]!
      const centre = { x: cell.x + 0.7 * random.normal(), y: cell.y + 0.7 * random.normal() }
      const blurred = random.chance(0.15) ? 1.1 : 0.35
      const data = new Uint8Array(sizePx * sizePx * 3)
      const request = {
        centre,
        zUm: layout.map.bestFocusUm(centre) + blurred * random.normal(),
        widthPx: sizePx,
        heightPx: sizePx,
        pixelSizeUm: pixelSizeUm * random.range(0.93, 1.07),
        travelUm: { x: 0, y: 0 },
        effects: {
          ...NO_EFFECTS,
          fullWellElectrons: random.range(4_000, 40_000),
          readNoiseElectrons: random.range(0, 20),
        },
        noiseSeed: hash(slideSeed, CLASS_CODES.indexOf(code), 3),
      }
      renderer.render(request, 0, sizePx, data)
      yield { code, image: { data, widthPx: sizePx, heightPx: sizePx } }
    }
  }

  private smear(index: number): Layout {
    if (this.layout && index === this.smearIndex) return this.layout
    const seed = hash(this.seed, index, 0x53ea)
    const ordinary = classShares('normal')
    const entries = CLASS_CODES.map((code) => {
      return [code, ordinary[code] * (1 - EVEN_SHARE) + EVEN_SHARE / CLASS_CODES.length] as const
    })
    const map = new SmearMap(seed)
    const layout = new Layout(seed, Object.fromEntries(entries) as Record<ClassCode, number>, map)
    this.byClass = new Map(CLASS_CODES.map((code) => [code, []]))
    const { origin, width, height } = map.extent
    layout.chunksIn(origin.x, origin.y, origin.x + width, origin.y + height, (cx, cy) => {
      for (const cell of layout.cells(cx, cy)) this.byClass.get(cell.code)!.push(cell)
    })
    this.layout = layout
    this.smearIndex = index
    return layout
  }
}

/** Some photographs are taken darker, or under a warmer or colder lamp, than others. */
function dim(stain: Stain, random: Random): Stain {
  const exposure = random.chance(0.3) ? random.range(0.6, 0.92) : random.range(0.94, 1.05)
  const warm = random.chance(0.3) ? 0.045 * random.normal() : 0.012 * random.normal()
  const [red, green, blue] = stain.glass
  const top = (value: number) => Math.min(252, value)
  return {
    ...stain,
    glass: [top(red * exposure * (1 + warm)), top(green * exposure), top(blue * exposure * (1 - 1.6 * warm))],
  }
}
