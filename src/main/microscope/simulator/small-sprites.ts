import { CellCanvas } from './cell-canvas.ts'
import type { CellOutline } from './cell-size.ts'
import { OUTLINE_STEPS } from './cell-size.ts'
import { ABSORPTION_STEPS, harvest } from './cell-sprite.ts'
import { cytoplasm, mix, ruffled } from './drawing.ts'
import { hash, Random } from './random.ts'
import type { CellSprite } from './sprite-store.ts'
import type { Stain } from './stain.ts'

/** A red cell: haemoglobin alone, so one number a pixel; its colour comes from the stain when the field is put together. */
export interface RedSprite {
  readonly side: number
  /** side x side, `ABSORPTION_STEPS` to the unit of `Stain.haemoglobin`. */
  readonly amount: Uint16Array
}

/** Each can also be turned and mirrored in eight ways. */
export const RED_VARIANTS = 96
export const PLATELET_VARIANTS = 24
export const SPECK_VARIANTS = 24

/** Red cells at one grid pitch: discs with central pallor, ovals, drops, stomata, crenated and target cells. */
export function drawRedCells(pitchUm: number): readonly RedSprite[] {
  let bank = redCells.get(pitchUm)
  if (!bank) {
    bank = makeRedCells(pitchUm)
    redCells.set(pitchUm, bank)
  }
  return bank
}

/** Red cells carry no colour of their own, so all slides share them. */
const redCells = new Map<number, readonly RedSprite[]>()

function makeRedCells(pitchUm: number): RedSprite[] {
  return Array.from({ length: RED_VARIANTS }, (_, i) => drawRedCell(new Random(hash(0x4edce11, i)), pitchUm))
}

function drawRedCell(random: Random, pitchUm: number): RedSprite {
  const radius = random.about(3.62, 0.27)
  const kind = random.next()
  const aspect = kind < 0.68 ? random.range(1, 1.1) : random.range(1.1, 1.4)
  const turn = random.angle()
  const drop = kind > 0.97 ? random.range(0.2, 0.45) : 0
  const crenated = kind > 0.955 && kind <= 0.97
  const spikes = 9 + random.int(6)
  const waves = [2, 3, 4, 5].map((k) => ({ k, a: (0.028 * random.normal()) / (k * 0.5), p: random.angle() }))
  // How the disc dried: deep pallor, nearly none, a ring, or a bright slit.
  const pallor = random.chance(0.3) ? random.range(0, 0.15) : random.range(0.15, 0.62)
  const pallorReach = random.range(0.32, 0.56)
  const target = random.chance(0.04) ? 0.3 : 0
  const slit = random.chance(0.06) ? 2.4 : 1
  const offX = 0.14 * random.normal()
  const offY = 0.14 * random.normal()
  const strength = random.about(1, 0.09)
  const lean = random.range(-0.2, 0.2)
  const half = Math.ceil((radius * (1.35 + drop)) / pitchUm) + 1
  const side = 2 * half + 1
  const amount = new Uint16Array(side * side)
  const ct = Math.cos(turn)
  const st = Math.sin(turn)
  const soft = Math.max(0.2, pitchUm * 0.6)
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const ux = (x - half) * pitchUm
      const uy = (y - half) * pitchUm
      const rx = (ux * ct + uy * st) / Math.sqrt(aspect)
      const ry = (uy * ct - ux * st) * Math.sqrt(aspect)
      const angle = Math.atan2(ry, rx)
      let r = radius
      for (const w of waves) r *= 1 + w.a * Math.cos(w.k * angle + w.p)
      if (drop > 0) r *= 1 + drop * Math.exp(-((angle / 0.35) ** 2))
      if (crenated)
        r *= 0.97 + 0.028 * Math.cos(spikes * angle + Math.sin(2 * angle + turn)) * (1 + 0.5 * Math.sin(3 * angle))
      const away = Math.sqrt(rx * rx + ry * ry)
      const inside = r - away
      if (inside <= -soft) continue
      const edge = Math.min(1, (inside + soft) / (2 * soft))
      const q = away / r
      const qx = rx / r - offX
      const qy = (ry / r - offY) * slit
      const dip = Math.exp(-(qx * qx + qy * qy) / (pallorReach * pallorReach))
      const ridge = Math.exp(-(((q - 0.72) / 0.26) ** 2))
      const eye = target * Math.exp(-(q * q) / 0.03)
      const tilted = 1 + lean * (rx / r)
      const rim = 0.24 * Math.exp(-(((inside - 0.12) / 0.22) ** 2))
      const value = strength * edge * tilted * (0.84 + 0.2 * ridge - 1.1 * pallor * dip + eye + rim)
      amount[y * side + x] = Math.max(0, value * ABSORPTION_STEPS)
    }
  }
  return { side, amount }
}

const canvas = new CellCanvas()

function disc(radius: number): CellOutline {
  return {
    radii: new Float32Array(OUTLINE_STEPS).fill(radius),
    radiusUm: radius,
    halfWidthUm: radius,
    halfHeightUm: radius,
  }
}

/** Platelets: 1.5-4 um, pale blue with a heap of violet grains. */
export function drawPlatelets(pitchUm: number, stain: Stain): CellSprite[] {
  return Array.from({ length: PLATELET_VARIANTS }, (_, i) => {
    const random = new Random(hash(0x91a7e1e7, i))
    const radius = random.range(0.75, 1.7)
    canvas.begin(radius * 1.6 + 1, pitchUm, 0.5, 0.5, random)
    canvas.body(ruffled(disc(radius), random, 1, 0.16, 5), 0.35)
    const ground = mix(stain.acidophilia, stain.basophilia, random.range(0.2, 0.7))
    canvas.cytoplasm(cytoplasm(ground, random.range(0.35, 0.6), { rim: -0.2, texture: 0.25, softUm: 0.35 }), random)
    canvas.granules(random, radius * 0.75, 8 + random.int(22), 0.2, stain.azurophil, random.range(0.5, 0.9), 1)
    return harvest(canvas)
  })
}

/** Grains of stain and dust, 0.3-1.5 um; red-violet, blue, or nearly black. */
export function drawSpecks(pitchUm: number, stain: Stain): CellSprite[] {
  return Array.from({ length: SPECK_VARIANTS }, (_, i) => {
    const random = new Random(hash(0x59ec4, i))
    const colour = random.pick([stain.azurophil, stain.azurophil, stain.metachromatic, stain.basophilia, stain.eosin])
    canvas.begin(2.4, pitchUm, 0.5, 0.5, random)
    for (let k = random.chance(0.75) ? 1 : 2 + random.int(4); k > 0; k--) {
      canvas.spot(0.5 * random.normal(), 0.5 * random.normal(), random.range(0.12, 0.38), colour, random.range(0.25, 1))
    }
    return harvest(canvas)
  })
}
