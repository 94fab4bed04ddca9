import { OUTLINE_STEPS } from './cell-size.ts'
import type { Drawing } from './drawing.ts'
import { chromatin, cytoplasm, eccentric, mix, nucleoli, ruffled, vacuoles } from './drawing.ts'
import { arc, oval } from './nucleus-shapes.ts'
import { Random } from './random.ts'

/** Folded, horseshoe or lobed nucleus with lacy chromatin, ample grey-blue cytoplasm with dust-like granules, vacuoles. */
export function monocyte(drawing: Drawing): void {
  const { canvas, random, stain, outline } = drawing
  canvas.body(ruffled(outline, random, 1, random.range(0.015, 0.05), 6), 0.3)
  const radius = outline.radiusUm * random.range(0.68, 0.82)
  const centre = eccentric(drawing, radius, random.range(0.2, 0.7))
  const kind = random.next()
  if (kind < 0.45) {
    const thick = outline.radiusUm * random.range(0.34, 0.44)
    canvas.nuclearString(
      arc(random, outline.radiusUm * 0.44, random.range(2.6, 4), random.angle(), thick, thick * random.range(0.8, 1)),
    )
  } else {
    const notch = { angle: random.angle(), depth: random.range(0.2, 0.55), width: random.range(0.22, 0.5) }
    canvas.nuclearOutline(
      oval(random, radius, random.range(1.05, 1.4), random.angle(), random.range(0.03, 0.075), notch),
      ...centre,
    )
  }
  const grey = mix(stain.basophilia, stain.acidophilia, random.range(0.3, 0.5))
  canvas.cytoplasm(
    cytoplasm(grey, random.range(0.38, 0.58), { rim: 0.12, texture: 0.15, textureUm: 0.8, softUm: 0.32 }),
    random,
  )
  canvas.chromatin(
    chromatin(stain, { density: random.range(0.88, 1.1), clumps: 0.26, clumpUm: 1.7, sharpness: 1.6, fine: 0.05 }),
    random,
  )
  canvas.granules(random, outline.radiusUm, 110, 0.12, stain.azurophil, 0.4, 0.1)
  vacuoles(drawing, random.chance(0.6) ? random.int(8) : 0, 0.3, 0.85, 0.45)
}

/** The largest red precursor: round nucleus with granular chromatin and nucleoli, deep blue rim, pale zone at the nucleus. */
export function proerythroblast(drawing: Drawing): void {
  const { canvas, random, stain, outline } = drawing
  canvas.body(random.chance(0.5) ? ruffled(outline, random, 1, 0.03, 5) : outline, 0.27)
  const radius = outline.radiusUm * random.range(0.74, 0.82)
  const centre = eccentric(drawing, radius, random.range(0.1, 0.7))
  canvas.nuclearOutline(oval(random, radius, random.range(1, 1.1), random.angle(), 0.01), ...centre)
  canvas.cytoplasm(
    cytoplasm(stain.basophilia, random.range(1.15, 1.5), { rim: 0.2, texture: 0.1, halo: 0.35, haloUm: 0.8 }),
    random,
  )
  canvas.chromatin(
    chromatin(stain, {
      density: random.range(0.98, 1.15),
      clumps: 0.2,
      clumpUm: 0.85,
      sharpness: 1.8,
      fine: 0.06,
      fineUm: 0.65,
    }),
    random,
  )
  nucleoli(drawing, 1 + random.int(3), centre, radius, random.range(0.6, 1.1))
}

/** Basophilic (large, blue) to orthochromatic (small, pink-grey, pyknotic). The size tells the stage. */
export function erythroblast(drawing: Drawing): void {
  const { canvas, random, stain, outline } = drawing
  canvas.body(random.chance(0.3) ? ruffled(outline, random, 1, 0.05, 6) : outline, 0.25)
  const stage = Math.max(0, Math.min(1, (12.6 - 2 * outline.radiusUm) / 4.2 + 0.18 * random.normal()))
  const radius = outline.radiusUm * (0.78 - 0.28 * stage + 0.03 * random.normal())
  const centre = eccentric(drawing, radius, random.range(0.2, 0.9) * (0.4 + 0.6 * stage))
  canvas.nuclearOutline(oval(random, radius, random.range(1, 1.09), random.angle(), 0.009), ...centre)
  const blue = (1 - stage) ** 1.3
  const ground = mix(mix(stain.haemoglobin, stain.acidophilia, 0.2), stain.basophilia, Math.min(1, 0.18 + 0.9 * blue))
  canvas.cytoplasm(cytoplasm(ground, 0.92 + 0.15 * blue, { rim: 0.12, texture: 0.09 + 0.08 * blue }), random)
  canvas.chromatin(
    chromatin(stain, {
      density: 1.22 + 0.5 * stage + 0.1 * random.normal(),
      clumps: 0.3 - 0.22 * stage,
      clumpUm: random.range(1.1, 1.5),
      sharpness: 2.6,
      rim: 0.12,
      stain: mix(stain.chromatin, stain.basophilia, 0.12),
    }),
    random,
  )
}

/** Small round cell, dense blocks of chromatin, a seam of clear light blue. */
export function lymphocyte(drawing: Drawing): void {
  const { canvas, random, stain, outline } = drawing
  const shape = random.chance(0.3) ? ruffled(outline, random, 1, 0.04, 7) : outline
  canvas.body(shape, 0.25)
  const radius = outline.radiusUm * random.range(0.78, 0.93)
  const centre = eccentric(drawing, radius, random.range(0.3, 1))
  const notch = random.chance(0.25)
    ? { angle: random.angle(), depth: random.range(0.08, 0.25), width: 0.35 }
    : undefined
  canvas.nuclearOutline(oval(random, radius, random.range(1, 1.18), random.angle(), 0.016, notch), ...centre)
  canvas.cytoplasm(cytoplasm(stain.basophilia, random.range(0.35, 0.8), { rim: 0.2, texture: 0.1 }), random)
  canvas.chromatin(
    chromatin(stain, {
      density: random.range(1.25, 1.6),
      clumps: 0.27,
      clumpUm: random.range(1.5, 2.1),
      sharpness: 2,
      fine: 0.05,
      rim: 0.06,
      stain: mix(stain.chromatin, stain.basophilia, random.range(0.05, 0.3)),
    }),
    random,
  )
  if (random.chance(0.12)) canvas.granules(random, outline.radiusUm, 12, 0.2, stain.azurophil, 0.7, 0)
}

/** Between blast and lymphocyte: even chromatin, mostly one clear nucleolus, moderately blue. */
export function immatureLymphocyte(drawing: Drawing): void {
  const { canvas, random, stain, outline } = drawing
  canvas.body(outline, 0.25)
  const radius = outline.radiusUm * random.range(0.76, 0.86)
  const centre = eccentric(drawing, radius, random.range(0.3, 1))
  const notch = random.chance(0.4) ? { angle: random.angle(), depth: random.range(0.12, 0.35), width: 0.28 } : undefined
  canvas.nuclearOutline(oval(random, radius, random.range(1, 1.15), random.angle(), 0.02, notch), ...centre)
  canvas.cytoplasm(cytoplasm(stain.basophilia, random.range(0.5, 0.8), { rim: 0.2 }), random)
  canvas.chromatin(
    chromatin(stain, { density: random.range(1.1, 1.3), clumps: 0.2, clumpUm: 1.3, sharpness: 1.6, fine: 0.06 }),
    random,
  )
  nucleoli(drawing, random.chance(0.75) ? 1 : 2, centre, radius * 0.7, random.range(1, 1.4))
}

/** Oval or bean nucleus, pale grey-blue cytoplasm that frays out into hairs all round. */
export function hairyCell(drawing: Drawing): void {
  const { canvas, random, stain, outline } = drawing
  const hairs = new Random(random.int(2 ** 30))
  const base = ruffled(outline, random, 0.86, 0.07, 14)
  const radii = base.radii.slice()
  const long = hairs.range(0.5, 1)
  for (let h = 18 + hairs.int(22); h > 0; h--) {
    const at = hairs.next() * OUTLINE_STEPS
    const wide = hairs.range(0.7, 2.4)
    const high = long * hairs.range(0.1, 1.9)
    for (let k = Math.floor(at - 8); k <= at + 8; k++) {
      const off = (k - at) / wide
      radii[((k % OUTLINE_STEPS) + OUTLINE_STEPS) % OUTLINE_STEPS]! += high * Math.exp(-off * off)
    }
  }
  canvas.body({ ...base, radii }, 0.34)
  const radius = outline.radiusUm * random.range(0.58, 0.68)
  const centre = eccentric(drawing, radius * 1.15, random.range(0.2, 0.9))
  const notch = random.chance(0.45) ? { angle: random.angle(), depth: random.range(0.15, 0.4), width: 0.5 } : undefined
  canvas.nuclearOutline(oval(random, radius, random.range(1.1, 1.4), random.angle(), 0.02, notch), ...centre)
  canvas.cytoplasm(
    cytoplasm(stain.basophilia, random.range(0.34, 0.52), { rim: 0.05, texture: 0.28, textureUm: 0.9 }),
    random,
  )
  canvas.chromatin(
    chromatin(stain, { density: random.range(1.05, 1.25), clumps: 0.18, clumpUm: 1.3, fine: 0.06 }),
    random,
  )
  if (random.chance(0.3)) nucleoli(drawing, 1, centre, radius, 0.7)
}

/** Eccentric round nucleus with clock-face chromatin, deep blue cytoplasm, a pale half-moon beside the nucleus. */
export function plasmaCell(drawing: Drawing): void {
  const { canvas, random, stain, outline } = drawing
  canvas.body(random.chance(0.4) ? ruffled(outline, random, 1, 0.04, 7) : outline, 0.26)
  const radius = outline.radiusUm * random.range(0.48, 0.58)
  const k = longestAxis(outline.radii)
  const turn = (k / OUTLINE_STEPS) * 2 * Math.PI
  const away = (outline.radii[k]! - radius) * random.range(0.72, 0.98)
  const centre: [number, number] = [away * Math.cos(turn), away * Math.sin(turn)]
  canvas.nuclearOutline(oval(random, radius, random.range(1, 1.15), turn + Math.PI / 2, 0.012), ...centre)
  if (random.chance(0.06))
    canvas.nuclearOutline(oval(random, radius * 0.92, 1.05, turn, 0.012), -centre[0] * 0.75, -centre[1] * 0.75)
  const blue = mix(stain.basophilia, stain.chromatin, random.range(0, 0.2))
  canvas.cytoplasm(
    cytoplasm(blue, random.range(0.72, 1.15), { rim: 0.2, texture: 0.12, textureUm: 0.9, halo: 0.25, haloUm: 0.8 }),
    random,
  )
  const hof = radius * random.range(0.55, 0.75)
  const reach = radius + hof * 0.35
  canvas.spot(
    centre[0] - reach * Math.cos(turn),
    centre[1] - reach * Math.sin(turn),
    hof,
    stain.basophilia,
    -random.range(0.4, 0.65),
  )
  canvas.chromatin(
    chromatin(stain, {
      density: random.range(1.12, 1.35),
      clumps: 0.33,
      clumpUm: 1.6,
      sharpness: 2.6,
      rim: 0.16,
      fine: 0.04,
    }),
    random,
  )
  const spokes = 6 + random.int(4)
  const start = random.angle()
  for (let s = 0; s < spokes; s++) {
    const angle = start + (s / spokes) * 2 * Math.PI + 0.15 * random.normal()
    const out = radius * random.range(0.7, 0.82)
    canvas.spot(
      centre[0] + out * Math.cos(angle),
      centre[1] + out * Math.sin(angle),
      radius * 0.17,
      stain.chromatin,
      0.3,
    )
  }
  if (random.chance(0.25)) vacuoles(drawing, 1 + random.int(7), 0.3, 0.7, 0.4)
}

function longestAxis(radii: Float32Array): number {
  let best = 0
  for (let i = 1; i < radii.length; i++) if (radii[i]! > radii[best]!) best = i
  return best
}
