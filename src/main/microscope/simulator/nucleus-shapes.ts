import { OUTLINE_STEPS } from './cell-size.ts'
import type { Random } from './random.ts'

export type Knot = readonly [x: number, y: number, radius: number]

/** An oval with a gently uneven outline and, where asked, one notch. Radii in um, angles in radians. */
export function oval(
  random: Random,
  radius: number,
  aspect: number,
  turn: number,
  unevenness: number,
  notch?: { readonly angle: number; readonly depth: number; readonly width: number },
): Float32Array {
  const long = radius * Math.sqrt(aspect)
  const short = radius / Math.sqrt(aspect)
  const waves = [2, 3, 4, 5, 7].map((k) => ({
    k,
    a: (unevenness * random.normal()) / Math.sqrt(k / 2),
    p: random.angle(),
  }))
  return Float32Array.from({ length: OUTLINE_STEPS }, (_, i) => {
    const angle = (i / OUTLINE_STEPS) * 2 * Math.PI
    const c = Math.cos(angle - turn)
    const s = Math.sin(angle - turn)
    let r = (long * short) / Math.sqrt(short * short * c * c + long * long * s * s)
    let bend = 1
    for (const w of waves) bend += w.a * Math.cos(w.k * angle + w.p)
    r *= bend
    if (notch) {
      const off = Math.atan2(Math.sin(angle - notch.angle), Math.cos(angle - notch.angle)) / notch.width
      r *= 1 - notch.depth * Math.exp(-off * off)
    }
    return r
  })
}

/** A bent sausage: knots along an arc of `sweep` radians with radius `bend` um, thick at the ends, `waist` in the middle. */
export function arc(
  random: Random,
  bend: number,
  sweep: number,
  turn: number,
  thick: number,
  waist: number,
  twist = 0,
): Knot[] {
  const count = 11
  const knots: Knot[] = []
  let meanX = 0
  let meanY = 0
  for (let i = 0; i < count; i++) {
    const t = i / (count - 1)
    const side = t < 0.5 ? -1 : 1
    const angle = turn + (t - 0.5) * sweep * (1 + (twist > 0 && side > 0 ? -2 * twist : 0))
    const swell = 1 + 0.1 * random.normal()
    const radius = (waist + (thick - waist) * Math.abs(2 * t - 1) ** 0.8) * swell
    const out = bend * (1 + 0.06 * random.normal())
    knots.push([out * Math.cos(angle), out * Math.sin(angle), radius])
    meanX += out * Math.cos(angle)
    meanY += out * Math.sin(angle)
  }
  // Keep the bent nucleus near the middle of the cell.
  const dx = (meanX / count) * 0.55
  const dy = (meanY / count) * 0.55
  return knots.map(([x, y, r]) => [x - dx, y - dy, r])
}

export interface LobedNucleus {
  readonly lobes: Knot[]
  /** Each a string of knots. */
  readonly strings: Knot[][]
}

/** `count` lobes one after another round the middle, joined by bridges of `bridge` um radius. */
export function lobes(random: Random, count: number, cellRadius: number, bridge: number): LobedNucleus {
  const ring = cellRadius * random.range(0.44, 0.54)
  const turn = random.angle()
  const sweep = random.range(0.62, 0.9) * 2 * Math.PI * (count === 2 ? 0.72 : count === 3 ? 0.82 : 1)
  const size = cellRadius * (count === 2 ? 0.37 : count === 3 ? 0.295 : count === 4 ? 0.252 : 0.22)
  const centres: Knot[] = []
  for (let i = 0; i < count; i++) {
    const t = count === 1 ? 0 : i / (count - 1) - 0.5
    const angle = turn + t * sweep + 0.16 * random.normal()
    const out = ring * random.range(0.75, 1.15)
    centres.push([out * Math.cos(angle), out * Math.sin(angle), size * random.range(0.84, 1.16)])
  }
  const strings: Knot[][] = []
  for (let i = 0; i < count; i++) {
    const [x, y, r] = centres[i]!
    // A lobe is a short bean, not a disc.
    const angle = Math.atan2(y, x) + Math.PI / 2 + 0.5 * random.normal()
    const stretch = r * random.range(0.35, 0.75)
    const bulge = r * random.range(-0.2, 0.2)
    strings.push([
      [x - stretch * Math.cos(angle), y - stretch * Math.sin(angle), r * random.range(0.75, 0.95)],
      [x + bulge * Math.sin(angle), y - bulge * Math.cos(angle), r * random.range(0.9, 1.05)],
      [x + stretch * Math.cos(angle), y + stretch * Math.sin(angle), r * random.range(0.75, 0.95)],
    ])
    if (i > 0) {
      const [px, py, pr] = centres[i - 1]!
      const wide = bridge * random.range(0.8, 2)
      const mx = (x + px) / 2 + 0.4 * random.normal()
      const my = (y + py) / 2 + 0.4 * random.normal()
      strings.push([
        [px, py, pr * 0.5],
        [mx, my, wide],
        [x, y, r * 0.5],
      ])
    }
  }
  return { lobes: centres, strings }
}
