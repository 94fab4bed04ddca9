import type { ClassCode } from '../../../shared/taxonomy.ts'
import { hash, Random } from './random.ts'

/** Mean diameter on the smear, its standard deviation, and the mean of long over short axis. Diameters in um. */
interface SizeRange {
  readonly mean: number
  readonly deviation: number
  readonly aspect: number
  /** How far the outline strays from an ellipse, share of the radius. */
  readonly irregularity: number
}

const size = (mean: number, deviation: number, aspect = 1.07, irregularity = 0.025): SizeRange => ({
  mean,
  deviation,
  aspect,
  irregularity,
}) // prettier-ignore

/** Diameters as textbooks give them for a Pappenheim smear (Haferlach, Colour Atlas of Hematology; Bain, Bone Marrow Pathology). */
const SIZES: Record<ClassCode, SizeRange> = {
  BLA: size(15.0, 1.6, 1.1, 0.03),
  PMO: size(17.7, 1.7, 1.12, 0.03),
  MYB: size(15.2, 1.3, 1.1),
  MMZ: size(14.2, 1.0, 1.08),
  NGB: size(13.4, 0.9, 1.06),
  NGS: size(13.1, 0.9, 1.06),
  EOS: size(14.6, 1.0, 1.07),
  ABE: size(15.2, 1.2, 1.08, 0.03),
  BAS: size(12.8, 0.9, 1.06),
  MON: size(16.8, 1.3, 1.1, 0.045),
  FGC: size(17.0, 1.4, 1.14, 0.045),
  PEB: size(17.4, 1.4, 1.08, 0.035),
  EBO: size(10.6, 1.4, 1.07, 0.03),
  LYT: size(10.3, 1.1, 1.08, 0.03),
  LYI: size(13.0, 1.1, 1.1, 0.03),
  HAC: size(12.6, 1.1, 1.1, 0.035),
  PLM: size(13.8, 1.5, 1.25, 0.035),
  OTH: size(17.0, 2.2, 1.1, 0.05),
  ART: size(10.0, 2.0, 1.25, 0.09),
  KSC: size(14.5, 1.8, 1.3, 0.08),
  NIF: size(12.4, 1.6, 1.14, 0.05),
}

/** Steps of the outline's table of radii. */
export const OUTLINE_STEPS = 128

/** A cell's outline: radii in um at `OUTLINE_STEPS` angles from +x towards +y, and half the box around it. */
export interface CellOutline {
  readonly radii: Float32Array
  /** Mean radius, um. */
  readonly radiusUm: number
  readonly halfWidthUm: number
  readonly halfHeightUm: number
}

const COSINES = Float64Array.from({ length: OUTLINE_STEPS }, (_, i) => Math.cos((i / OUTLINE_STEPS) * 2 * Math.PI))
const SINES = Float64Array.from({ length: OUTLINE_STEPS }, (_, i) => Math.sin((i / OUTLINE_STEPS) * 2 * Math.PI))

/** The body's outline, without hairs or blebs: an ellipse bent by its 2nd to 6th harmonics. */
export function cellOutline(code: ClassCode, seed: number): CellOutline {
  const range = SIZES[code]
  const random = new Random(hash(seed, 0x0c))
  const radius = random.about(range.mean, range.deviation) / 2
  const aspect = 1 + (range.aspect - 1) * random.range(0.2, 1.9)
  const long = radius * Math.sqrt(aspect)
  const short = radius / Math.sqrt(aspect)
  const turn = random.angle()
  const wobble = range.irregularity * random.range(0.6, 1.5)
  const amplitudes = [0.5, 1, 0.7, 0.5, 0.35].map((a) => a * wobble * random.normal())
  const phases = amplitudes.map(() => random.int(OUTLINE_STEPS))
  const radii = new Float32Array(OUTLINE_STEPS)
  const ct = Math.cos(turn)
  const st = Math.sin(turn)
  let halfWidth = 0
  let halfHeight = 0
  for (let i = 0; i < OUTLINE_STEPS; i++) {
    const c = COSINES[i]! * ct + SINES[i]! * st
    const s = SINES[i]! * ct - COSINES[i]! * st
    let r = (long * short) / Math.sqrt(short * short * c * c + long * long * s * s)
    let bend = 1
    for (let k = 0; k < amplitudes.length; k++) {
      bend += amplitudes[k]! * COSINES[((k + 2) * i + phases[k]!) % OUTLINE_STEPS]!
    }
    r *= bend
    radii[i] = r
    halfWidth = Math.max(halfWidth, Math.abs(r * COSINES[i]!))
    halfHeight = Math.max(halfHeight, Math.abs(r * SINES[i]!))
  }
  return { radii, radiusUm: radius, halfWidthUm: halfWidth, halfHeightUm: halfHeight }
}

/** The mean radius alone, um; cheaper than the outline. */
export function cellRadiusUm(code: ClassCode, seed: number): number {
  return new Random(hash(seed, 0x0c)).about(SIZES[code].mean, SIZES[code].deviation) / 2
}
