import type { CellOutline } from './cell-size.ts'
import { OUTLINE_STEPS } from './cell-size.ts'
import { noiseTexture, TEXTURE_FEATURE, TEXTURE_SIZE } from './noise-texture.ts'
import type { Random } from './random.ts'
import type { Absorption } from './stain.ts'

const MASK = TEXTURE_SIZE - 1

/** Noise laid over a cell at its own scale, turn and offset: texel = origin + along * (x, y). */
export class Grain {
  readonly ax: number
  readonly ay: number
  readonly bx: number
  readonly by: number
  readonly ox: number
  readonly oy: number

  /** `featureUm`: size of one clump, um; `stretch` > 1 draws the clumps out along `angle` (radians). */
  constructor(random: Random, featureUm: number, stretch = 1, angle = random.angle()) {
    const scale = TEXTURE_FEATURE / featureUm
    const c = Math.cos(angle) * scale
    const s = Math.sin(angle) * scale
    this.ax = c / stretch
    this.ay = s / stretch
    this.bx = -s
    this.by = c
    this.ox = random.next() * TEXTURE_SIZE + 4096
    this.oy = random.next() * TEXTURE_SIZE + 4096
  }

  at(x: number, y: number): number {
    const tx = (this.ox + this.ax * x + this.ay * y) & MASK
    const ty = (this.oy + this.bx * x + this.by * y) & MASK
    return noiseTexture[ty * TEXTURE_SIZE + tx]!
  }
}

/** What the nucleus is made of. Amounts are in units of `Stain` entries. */
export interface Chromatin {
  readonly stain: Absorption
  readonly density: number
  /** Coarse clumps: strength 0-1, size in um, sharpness (1 soft, 4 blocks). */
  readonly clumps: number
  readonly clumpUm: number
  readonly sharpness: number
  /** Fine grain: strength 0-1, size in um. */
  readonly fine: number
  readonly fineUm: number
  /** Extra density of the membrane, 0-1. */
  readonly rim: number
  /** Half width of the nucleus's soft edge, um. */
  readonly softUm: number
  /** Clumps drawn out `stretch` times along `turn` (radians), as in a smeared nucleus. */
  readonly stretch?: number
  readonly turn?: number
}

export interface Cytoplasm {
  readonly stain: Absorption
  readonly amount: number
  /** Extra share of the amount at the outer edge. */
  readonly rim: number
  readonly texture: number
  readonly textureUm: number
  readonly softUm: number
  /** Share of the stain that is gone close around the nucleus (the pale zone), and how far that reaches, um. */
  readonly halo?: number
  readonly haloUm?: number
}

/**
 * A small drawing board for one cell. Coordinates are um from the cell's centre, x right, y down; what is drawn is absorption
 * (natural logarithm), pixel by pixel. Boards are reused: `begin` clears.
 */
export class CellCanvas {
  width = 0
  height = 0
  pitchUm = 1
  /** Pixel of the cell's centre (fractional). */
  centreX = 0
  centreY = 0
  private capacity = 0
  red = new Float32Array(0)
  green = new Float32Array(0)
  blue = new Float32Array(0)
  /** 0-1: how much of the pixel the cell covers. */
  cover = new Float32Array(0)
  /** 0-1: how much of the pixel is nucleus. */
  nucleus = new Float32Array(0)
  /** Depth inside the outline, um; negative outside. */
  depth = new Float32Array(0)
  /** Depth inside the nucleus, um; negative outside. */
  nuclearDepth = new Float32Array(0)
  /** Coordinates bent by slow noise, so that no outline is a perfect curve. */
  private bentX = new Float32Array(0)
  private bentY = new Float32Array(0)

  /** Clears a board reaching `reachUm` to every side of the centre; `fractionX/Y`: the centre's place within its pixel, 0-1. */
  begin(reachUm: number, pitchUm: number, fractionX: number, fractionY: number, random: Random): void {
    const half = Math.ceil(reachUm / pitchUm) + 1
    this.width = 2 * half + 1
    this.height = this.width
    this.pitchUm = pitchUm
    this.centreX = half + fractionX - 0.5
    this.centreY = half + fractionY - 0.5
    const count = this.width * this.height
    if (count > this.capacity) this.grow(count)
    for (const plane of [this.red, this.green, this.blue, this.cover, this.nucleus]) plane.fill(0, 0, count)
    this.depth.fill(-99, 0, count)
    this.nuclearDepth.fill(-99, 0, count)
    const a = new Grain(random, 2.6)
    const b = new Grain(random, 2.6)
    for (let py = 0, i = 0; py < this.height; py++) {
      const y = (py - this.centreY) * pitchUm
      for (let px = 0; px < this.width; px++, i++) {
        const x = (px - this.centreX) * pitchUm
        this.bentX[i] = x + 0.13 * a.at(x, y)
        this.bentY[i] = y + 0.13 * b.at(x, y)
      }
    }
  }

  private grow(count: number): void {
    this.capacity = count
    this.red = new Float32Array(count)
    this.green = new Float32Array(count)
    this.blue = new Float32Array(count)
    this.cover = new Float32Array(count)
    this.nucleus = new Float32Array(count)
    this.depth = new Float32Array(count)
    this.nuclearDepth = new Float32Array(count)
    this.bentX = new Float32Array(count)
    this.bentY = new Float32Array(count)
  }

  /** The cell's body. */
  body(outline: CellOutline, softUm: number): void {
    this.radial(this.depth, outline.radii, 0, 0)
    const { cover, depth } = this
    const count = this.width * this.height
    for (let i = 0; i < count; i++) cover[i] = step(depth[i]!, softUm)
  }

  /** Adds a round-ish piece of nucleus: radii at `OUTLINE_STEPS` angles around (x, y). */
  nuclearOutline(radii: Float32Array, x: number, y: number): void {
    this.radial(this.nuclearDepth, radii, x, y)
  }

  private radial(target: Float32Array, radii: Float32Array, cx: number, cy: number): void {
    let reach = 0
    let core = 99
    for (const r of radii) {
      if (r > reach) reach = r
      if (r < core) core = r
    }
    // Beyond a few um from the outline the exact depth is not asked for, so the angle need not be known.
    const far2 = (reach + 2.6) ** 2
    const near2 = Math.max(0, core - 2.6) ** 2
    const [x0, x1, y0, y1] = this.box(cx, cy, reach + 2.6)
    const { bentX, bentY } = this
    for (let py = y0; py <= y1; py++) {
      for (let i = py * this.width + x0, px = x0; px <= x1; px++, i++) {
        const x = bentX[i]! - cx
        const y = bentY[i]! - cy
        const away2 = x * x + y * y
        if (away2 > far2) continue
        if (away2 < near2) {
          const deep = core - Math.sqrt(away2)
          if (deep > target[i]!) target[i] = deep
          continue
        }
        const turn = angleSteps(x, y)
        const k = turn | 0
        const t = turn - k
        const r0 = radii[k & (OUTLINE_STEPS - 1)]!
        const r = r0 + (radii[(k + 1) & (OUTLINE_STEPS - 1)]! - r0) * t
        const inside = r - Math.sqrt(away2)
        if (inside > target[i]!) target[i] = inside
      }
    }
  }

  /** Adds a string of nucleus: straight pieces from knot to knot, each knot (x, y, radius) in um. */
  nuclearString(knots: readonly (readonly [number, number, number])[]): void {
    const { bentX, bentY, nuclearDepth } = this
    for (let k = 0; k < Math.max(1, knots.length - 1); k++) {
      const [ax, ay, ar] = knots[k]!
      const [bx, by, br] = knots[Math.min(k + 1, knots.length - 1)]!
      const dx = bx - ax
      const dy = by - ay
      const length2 = dx * dx + dy * dy + 1e-9
      const reach = Math.sqrt(length2) / 2 + Math.max(ar, br) + 1.6
      const [x0, x1, y0, y1] = this.box((ax + bx) / 2, (ay + by) / 2, reach)
      for (let py = y0; py <= y1; py++) {
        for (let i = py * this.width + x0, px = x0; px <= x1; px++, i++) {
          const x = bentX[i]! - ax
          const y = bentY[i]! - ay
          let t = (x * dx + y * dy) / length2
          t = t < 0 ? 0 : Math.min(t, 1)
          const ex = x - t * dx
          const ey = y - t * dy
          const inside = ar + (br - ar) * t - Math.sqrt(ex * ex + ey * ey)
          const old = nuclearDepth[i]!
          // Rounded joint: a piece that nearly reaches another melts into it.
          const gap = Math.abs(inside - old)
          const melt = gap < 0.5 ? (0.5 - gap) * (0.5 - gap) * 0.5 : 0
          nuclearDepth[i] = Math.max(inside, old) + melt
        }
      }
    }
  }

  /** Lays the cytoplasm; call after the nucleus's shape is set and before its chromatin. */
  cytoplasm(options: Cytoplasm, random: Random): void {
    const { red, green, blue, cover, depth, nuclearDepth } = this
    const [sr, sg, sb] = options.stain
    const grain = new Grain(random, options.textureUm)
    const broad = new Grain(random, options.textureUm * 2.7)
    const halo = options.halo ?? 0
    const haloUm = options.haloUm ?? 1
    for (let py = 0, i = 0; py < this.height; py++) {
      const y = (py - this.centreY) * this.pitchUm
      for (let px = 0; px < this.width; px++, i++) {
        const c = cover[i]!
        if (c <= 0) continue
        const x = (px - this.centreX) * this.pitchUm
        const inside = depth[i]!
        let amount = options.amount * c * (1 + options.texture * (0.75 * grain.at(x, y) + 0.65 * broad.at(x, y)))
        if (inside < 2) amount *= 1 + options.rim * (1 - inside / 2) * (inside < 0 ? 0.6 : 1)
        // Thin towards the edge: a dried cell is a shallow dome.
        if (inside < 1) amount *= 0.72 + 0.28 * Math.max(0, inside)
        const outsideNucleus = -nuclearDepth[i]!
        if (halo > 0 && outsideNucleus < haloUm) amount *= 1 - halo * (1 - Math.max(0, outsideNucleus) / haloUm)
        if (amount <= 0) continue
        red[i]! += sr * amount
        green[i]! += sg * amount
        blue[i]! += sb * amount
      }
    }
  }

  /** Fills the nucleus's shape with chromatin. Cytoplasm under it is displaced. */
  chromatin(options: Chromatin, random: Random): void {
    const { red, green, blue, nucleus, nuclearDepth, cover } = this
    const [sr, sg, sb] = options.stain
    const coarse = new Grain(random, options.clumpUm, options.stretch, options.turn)
    const fine = new Grain(random, options.fineUm)
    const slow = new Grain(random, 3.2)
    for (let py = 0, i = 0; py < this.height; py++) {
      const y = (py - this.centreY) * this.pitchUm
      for (let px = 0; px < this.width; px++, i++) {
        const d = nuclearDepth[i]!
        if (d <= -options.softUm) continue
        const m = step(d, options.softUm)
        const x = (px - this.centreX) * this.pitchUm
        let clump = coarse.at(x, y) * options.sharpness
        clump = clump / (1 + Math.abs(clump))
        let amount = 1 + options.clumps * clump + options.fine * fine.at(x, y) + 0.1 * slow.at(x, y)
        if (d < 1) amount += options.rim * (1 - Math.abs(d - 0.25))
        amount *= options.density * m * (d < 1.5 ? 0.86 + 0.09 * Math.max(0, d) : 1)
        const under = 1 - 0.8 * m
        red[i] = red[i]! * under + sr * amount
        green[i] = green[i]! * under + sg * amount
        blue[i] = blue[i]! * under + sb * amount
        nucleus[i] = Math.max(nucleus[i]!, m)
        if (m > cover[i]!) cover[i] = m
      }
    }
  }

  /** Adds (or with a negative amount takes away, as a share) a soft round spot. */
  spot(x: number, y: number, radiusUm: number, stain: Absorption, amount: number): void {
    const [x0, x1, y0, y1] = this.box(x, y, radiusUm + 2 * this.pitchUm)
    const soft = Math.max(0.13, 0.35 * radiusUm)
    const thin = radiusUm < this.pitchUm ? radiusUm / this.pitchUm : 1
    const radius = Math.max(radiusUm, this.pitchUm * 0.7)
    for (let py = y0; py <= y1; py++) {
      const dy = (py - this.centreY) * this.pitchUm - y
      for (let i = py * this.width + x0, px = x0; px <= x1; px++, i++) {
        const dx = (px - this.centreX) * this.pitchUm - x
        const m = step(radius - Math.sqrt(dx * dx + dy * dy), soft) * amount * thin
        if (m === 0) continue
        if (m < 0) {
          this.red[i]! *= 1 + m
          this.green[i]! *= 1 + m
          this.blue[i]! *= 1 + m
        } else {
          this.red[i]! += stain[0] * m
          this.green[i]! += stain[1] * m
          this.blue[i]! += stain[2] * m
        }
      }
    }
  }

  /** A soft straight rod. */
  rod(
    x: number,
    y: number,
    angle: number,
    lengthUm: number,
    radiusUm: number,
    stain: Absorption,
    amount: number,
  ): void {
    const steps = Math.max(2, Math.ceil(lengthUm / (radiusUm * 0.9)))
    for (let k = 0; k < steps; k++) {
      const t = (k / (steps - 1) - 0.5) * lengthUm
      this.spot(x + t * Math.cos(angle), y + t * Math.sin(angle), radiusUm, stain, amount * 0.62)
    }
  }

  /** Empties a round hole with a thin darker edge. `strength` 0-1; the nucleus loses less than the cytoplasm. */
  vacuole(x: number, y: number, radiusUm: number, strength: number): void {
    const [x0, x1, y0, y1] = this.box(x, y, radiusUm + 0.6)
    for (let py = y0; py <= y1; py++) {
      for (let i = py * this.width + x0, px = x0; px <= x1; px++, i++) {
        const dx = (px - this.centreX) * this.pitchUm - x
        const dy = (py - this.centreY) * this.pitchUm - y
        const inside = radiusUm - Math.sqrt(dx * dx + dy * dy)
        const left = 1 - strength * step(inside, 0.22) * (1 - 0.55 * this.nucleus[i]!)
        const edge = 1 + 0.18 * strength * Math.max(0, 1 - Math.abs(inside + 0.3) / 0.3)
        this.red[i]! *= left * edge
        this.green[i]! *= left * edge
        this.blue[i]! *= left * edge
      }
    }
  }

  /**
   * Scatters granules over the body. `overNucleus` 0-1: chance that one above the nucleus is kept.
   * `radiusUm` varies by a quarter; those near the edge are fewer.
   */
  granules(
    random: Random,
    reachUm: number,
    count: number,
    radiusUm: number,
    stain: Absorption,
    amount: number,
    overNucleus: number,
    centre: readonly [number, number] = [0, 0],
  ): void {
    for (let k = 0; k < count; k++) {
      const angle = random.angle()
      const away = reachUm * Math.sqrt(random.next())
      const x = centre[0] + away * Math.cos(angle)
      const y = centre[1] + away * Math.sin(angle)
      const radius = radiusUm * random.range(0.7, 1.35)
      const strength = amount * random.range(0.5, 1.25)
      const keep = random.next()
      const i = this.index(x, y)
      if (i < 0 || this.depth[i]! < radius * 0.8 || this.cover[i]! < 0.5) continue
      if (this.nucleus[i]! > 0.3 && keep >= overNucleus) continue
      this.spot(x, y, radius, stain, strength)
    }
  }

  /** Softens everything by a box of `radiusPx` twice: cells that were dried slowly, or lie above the focus. */
  soften(radiusPx: number): void {
    if (radiusPx < 1) return
    for (const plane of [this.red, this.green, this.blue, this.cover]) {
      for (let pass = 0; pass < 2; pass++) {
        boxRows(plane, this.width, this.height, radiusPx)
        boxColumns(plane, this.width, this.height, radiusPx)
      }
    }
  }

  private index(x: number, y: number): number {
    const px = Math.round(x / this.pitchUm + this.centreX)
    const py = Math.round(y / this.pitchUm + this.centreY)
    return px < 0 || py < 0 || px >= this.width || py >= this.height ? -1 : py * this.width + px
  }

  private box(x: number, y: number, reach: number): [number, number, number, number] {
    return [
      Math.max(0, Math.floor((x - reach) / this.pitchUm + this.centreX)),
      Math.min(this.width - 1, Math.ceil((x + reach) / this.pitchUm + this.centreX)),
      Math.max(0, Math.floor((y - reach) / this.pitchUm + this.centreY)),
      Math.min(this.height - 1, Math.ceil((y + reach) / this.pitchUm + this.centreY)),
    ]
  }
}

/** 0 outside, 1 inside, smooth over +-`soft` um. */
function step(depth: number, soft: number): number {
  if (depth <= -soft) return 0
  if (depth >= soft) return 1
  const t = (depth + soft) / (2 * soft)
  return t * t * (3 - 2 * t)
}

/** Direction of (x, y) in steps of the outline's table, 0 to OUTLINE_STEPS; error below 0.3 degrees (rational arctangent). */
function angleSteps(x: number, y: number): number {
  const ax = Math.abs(x)
  const ay = Math.abs(y)
  const small = Math.min(ax, ay)
  const large = Math.max(ax, ay)
  if (large < 1e-9) return 0
  const t = small / large
  let a = t / (1 + 0.28125 * t * t)
  if (ay > ax) a = Math.PI / 2 - a
  if (x < 0) a = Math.PI - a
  if (y < 0) a = 2 * Math.PI - a
  return a * (OUTLINE_STEPS / (2 * Math.PI))
}

const line = new Float32Array(4096)

function boxRows(plane: Float32Array, width: number, height: number, radius: number): void {
  for (let y = 0; y < height; y++) boxLine(plane, y * width, 1, width, radius)
}

function boxColumns(plane: Float32Array, width: number, height: number, radius: number): void {
  for (let x = 0; x < width; x++) boxLine(plane, x, width, height, radius)
}

function boxLine(plane: Float32Array, start: number, stride: number, length: number, radius: number): void {
  for (let i = 0; i < length; i++) line[i] = plane[start + i * stride]!
  const gain = 1 / (2 * radius + 1)
  for (let i = 0; i < length; i++) {
    let sum = 0
    for (let k = i - radius; k <= i + radius; k++) if (k >= 0 && k < length) sum += line[k]!
    plane[start + i * stride] = sum * gain
  }
}
