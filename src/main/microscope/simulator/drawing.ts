import type { CellCanvas, Chromatin, Cytoplasm } from './cell-canvas.ts'
import type { CellOutline } from './cell-size.ts'
import { OUTLINE_STEPS } from './cell-size.ts'
import type { Random } from './random.ts'
import type { Absorption, Stain } from './stain.ts'

/** Everything a class's drawing may use. */
export interface Drawing {
  /** Of this one cell. */
  readonly seed: number
  readonly canvas: CellCanvas
  readonly outline: CellOutline
  readonly random: Random
  readonly stain: Stain
}

export const mix = (a: Absorption, b: Absorption, share: number, gain = 1): Absorption => [
  (a[0] * (1 - share) + b[0] * share) * gain,
  (a[1] * (1 - share) + b[1] * share) * gain,
  (a[2] * (1 - share) + b[2] * share) * gain,
] // prettier-ignore

/** Chromatin with middling settings; every class names only what it changes. */
export function chromatin(stain: Stain, options: Partial<Chromatin>): Chromatin {
  return {
    stain: stain.chromatin,
    density: 1,
    clumps: 0.15,
    clumpUm: 1.5,
    sharpness: 1.6,
    fine: 0.045,
    fineUm: 0.7,
    rim: 0.1,
    softUm: 0.24,
    ...options,
  }
}

export function cytoplasm(stain: Absorption, amount: number, options: Partial<Cytoplasm> = {}): Cytoplasm {
  return { stain, amount, rim: 0.25, texture: 0.12, textureUm: 1.1, softUm: 0.25, ...options }
}

/**
 * The outline scaled and made uneven: bumps of about `depth` (share of the radius), about `waves` of them to a turn, of all sizes and
 * unevenly spaced, with now and then a bleb.
 */
export function ruffled(
  outline: CellOutline,
  random: Random,
  scale: number,
  depth: number,
  waves: number,
): CellOutline {
  const parts = Array.from({ length: 9 }, (_, i) => {
    const k = 2 + Math.round((i / 8) * waves * 1.6 * random.range(0.7, 1.2))
    return { k, a: (depth * random.normal()) / (1 + (1.6 * k * k) / (waves * waves)), p: random.angle() }
  })
  const blebs = Array.from({ length: random.int(4) }, () => ({
    at: random.angle(),
    wide: random.range(0.1, 0.3),
    high: depth * random.range(0.4, 2.2),
  }))
  const radii = Float32Array.from(outline.radii, (r, i) => {
    const angle = (i / OUTLINE_STEPS) * 2 * Math.PI
    let bend = 0
    for (const part of parts) bend += part.a * Math.cos(part.k * angle + part.p)
    for (const bleb of blebs) {
      const off = Math.atan2(Math.sin(angle - bleb.at), Math.cos(angle - bleb.at)) / bleb.wide
      bend += bleb.high * Math.exp(-off * off)
    }
    return r * scale * (1 + bend)
  })
  return { ...outline, radii }
}

/** A few places on a ring between two radii, apart from one another where possible. */
export function placesIn(random: Random, count: number, near: number, far: number): [number, number][] {
  const places: [number, number][] = []
  for (let attempt = 0; attempt < count * 6 && places.length < count; attempt++) {
    const angle = random.angle()
    const away = near + (far - near) * Math.sqrt(random.next())
    const x = away * Math.cos(angle)
    const y = away * Math.sin(angle)
    if (places.every(([px, py]) => Math.hypot(px - x, py - y) > 1.3)) places.push([x, y])
  }
  return places
}

/** Nucleoli: paler, bluish spots in the chromatin with a faint dense edge. */
export function nucleoli(
  drawing: Drawing,
  count: number,
  centre: readonly [number, number],
  nuclearRadius: number,
  strength: number,
): void {
  const { canvas, random, stain } = drawing
  for (const [x, y] of placesIn(random, count, nuclearRadius * 0.15, nuclearRadius * 0.62)) {
    const radius = random.range(0.65, 1.15)
    canvas.spot(centre[0] + x, centre[1] + y, radius * 1.3, stain.chromatin, 0.1 * strength)
    canvas.spot(centre[0] + x, centre[1] + y, radius, stain.chromatin, -0.34 * strength)
    canvas.spot(centre[0] + x, centre[1] + y, radius, stain.basophilia, 0.16 * strength)
  }
}

/** Holes anywhere in the body. */
export function vacuoles(drawing: Drawing, count: number, small: number, large: number, near = 0.2): void {
  const { canvas, random, outline } = drawing
  for (const [x, y] of placesIn(random, count, outline.radiusUm * near, outline.radiusUm * 0.86)) {
    canvas.vacuole(x, y, random.range(small, large), random.range(0.55, 0.95))
  }
}

/** Offset of an eccentric nucleus in a random direction, um; never so far that it leaves the cell by more than a hair. */
export function eccentric(drawing: Drawing, nuclearRadius: number, share: number): [number, number] {
  const { random, outline } = drawing
  const angle = random.angle()
  const k = Math.floor((angle / (2 * Math.PI)) * OUTLINE_STEPS) % OUTLINE_STEPS
  const room = Math.max(0, outline.radii[k]! - nuclearRadius)
  const away = room * share
  return [away * Math.cos(angle), away * Math.sin(angle)]
}
