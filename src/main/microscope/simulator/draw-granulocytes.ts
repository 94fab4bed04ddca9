import type { Drawing } from './drawing.ts'
import { chromatin, cytoplasm, eccentric, mix, nucleoli, ruffled, vacuoles } from './drawing.ts'
import { arc, lobes, oval } from './nucleus-shapes.ts'
import type { Absorption } from './stain.ts'

/** Large nucleus, fine chromatin, nucleoli, a narrow blue seam without granules (rarely a few). */
export function blast(drawing: Drawing): void {
  const { canvas, random, stain, outline } = drawing
  const shape = random.chance(0.3) ? ruffled(outline, random, 1, 0.025, 6) : outline
  canvas.body(shape, 0.26)
  const radius = outline.radiusUm * random.range(0.76, 0.92)
  const centre = eccentric(drawing, radius, random.range(0.3, 1))
  const notch = random.chance(0.28)
    ? { angle: random.angle(), depth: random.range(0.12, 0.34), width: random.range(0.25, 0.55) }
    : undefined
  canvas.nuclearOutline(oval(random, radius, random.range(1, 1.18), random.angle(), 0.018, notch), ...centre)
  const deep = random.range(0.5, 1)
  canvas.cytoplasm(
    cytoplasm(mix(stain.basophilia, stain.chromatin, 0.15), deep, { rim: 0.3, halo: 0.25, haloUm: 0.9 }),
    random,
  )
  canvas.chromatin(
    chromatin(stain, {
      density: random.range(0.86, 1.1),
      clumps: 0.2,
      clumpUm: 1.15,
      sharpness: 1.3,
      fine: 0.05,
      fineUm: 0.6,
    }),
    random,
  )
  nucleoli(drawing, 1 + random.int(4), centre, radius, random.range(0.5, 1.1))
  if (random.chance(0.2)) canvas.granules(random, outline.radiusUm, 25, 0.16, stain.azurophil, 0.6, 0.1)
  if (random.chance(0.12)) vacuoles(drawing, 1 + random.int(3), 0.4, 0.8)
}

/** Eccentric nucleus with nucleoli, blue cytoplasm with a pale Golgi zone, many azurophil granules, also over the nucleus. */
export function promyelocyte(drawing: Drawing): void {
  const { canvas, random, stain, outline } = drawing
  canvas.body(random.chance(0.3) ? ruffled(outline, random, 1, 0.03, 7) : outline, 0.27)
  const radius = outline.radiusUm * random.range(0.62, 0.74)
  const centre = eccentric(drawing, radius, random.range(0.6, 1))
  const away = Math.atan2(-centre[1], -centre[0])
  const notch = random.chance(0.4) ? { angle: away, depth: random.range(0.05, 0.2), width: 0.8 } : undefined
  canvas.nuclearOutline(oval(random, radius, random.range(1.02, 1.25), away + Math.PI / 2, 0.02, notch), ...centre)
  canvas.cytoplasm(
    cytoplasm(mix(stain.basophilia, stain.acidophilia, 0.15), random.range(0.52, 0.95), { rim: 0.35, texture: 0.15 }),
    random,
  )
  const golgi = radius * 0.75
  canvas.spot(
    centre[0] + golgi * 1.35 * Math.cos(away),
    centre[1] + golgi * 1.35 * Math.sin(away),
    golgi * 0.75,
    stain.basophilia,
    -0.4,
  )
  canvas.chromatin(chromatin(stain, { density: random.range(0.9, 1.1), clumps: 0.2, clumpUm: 1.2, fine: 0.05 }), random)
  nucleoli(drawing, random.int(4), centre, radius, random.range(0.5, 1))
  const count = Math.round(random.range(180, 620))
  canvas.granules(
    random,
    outline.radiusUm,
    count,
    random.range(0.12, 0.18),
    stain.azurophil,
    random.range(0.35, 0.75),
    random.range(0.15, 0.4),
  )
}

/** Pink cytoplasm with fine granules, as all later neutrophil stages have it; `age` 0 (myelocyte) to 1 (segmented). */
function neutrophilCytoplasm(drawing: Drawing, age: number): void {
  const { canvas, random, stain } = drawing
  const left = (1 - age) * random.range(0.15, 0.5)
  const ground = mix(stain.acidophilia, stain.basophilia, left)
  canvas.cytoplasm(cytoplasm(ground, 0.33 + 0.22 * left, { rim: 0.18, texture: 0.2, textureUm: 0.8 }), random)
}

function neutrophilGranules(drawing: Drawing, age: number): void {
  const { canvas, random, stain, outline } = drawing
  const fine = mix(stain.acidophilia, stain.azurophil, 0.45)
  canvas.granules(
    random,
    outline.radiusUm,
    Math.round(random.range(160, 340)),
    0.13,
    fine,
    random.range(0.3, 0.75),
    0.12,
  )
  const primary = Math.round((1 - age) * random.range(10, 90))
  canvas.granules(random, outline.radiusUm, primary, 0.17, stain.azurophil, 0.6, 0.2)
}

export function myelocyte(drawing: Drawing): void {
  const { canvas, random, stain, outline } = drawing
  canvas.body(outline, 0.26)
  const radius = outline.radiusUm * random.range(0.58, 0.7)
  const centre = eccentric(drawing, radius, random.range(0.55, 1))
  const away = Math.atan2(-centre[1], -centre[0])
  const notch = random.chance(0.5) ? { angle: away, depth: random.range(0.03, 0.14), width: 0.9 } : undefined
  canvas.nuclearOutline(
    oval(random, radius, random.range(1.08, 1.35), away + Math.PI / 2 + 0.25 * random.normal(), 0.018, notch),
    ...centre,
  )
  neutrophilCytoplasm(drawing, 0)
  canvas.chromatin(
    chromatin(stain, { density: random.range(1.02, 1.24), clumps: 0.3, clumpUm: 1.25, sharpness: 2, fine: 0.05 }),
    random,
  )
  neutrophilGranules(drawing, 0)
}

/** Kidney-shaped nucleus: the notch is deeper than a dent and shallower than half. */
export function metamyelocyte(drawing: Drawing): void {
  const { canvas, random, stain, outline } = drawing
  canvas.body(outline, 0.26)
  const radius = outline.radiusUm * random.range(0.58, 0.66)
  const centre = eccentric(drawing, radius, random.range(0.4, 0.9))
  const away = Math.atan2(-centre[1], -centre[0])
  if (random.chance(0.5)) {
    const notch = { angle: away, depth: random.range(0.3, 0.52), width: random.range(0.4, 0.65) }
    canvas.nuclearOutline(oval(random, radius, random.range(1.25, 1.6), away + Math.PI / 2, 0.02, notch), ...centre)
  } else {
    const thick = radius * random.range(0.58, 0.68)
    const bean = arc(
      random,
      radius * 0.72,
      random.range(1.7, 2.4),
      away + Math.PI,
      thick,
      thick * random.range(0.86, 1),
    )
    canvas.nuclearString(bean.map(([x, y, r]) => [x + 0.4 * centre[0], y + 0.4 * centre[1], r]))
  }
  neutrophilCytoplasm(drawing, 0.6)
  canvas.chromatin(
    chromatin(stain, { density: random.range(1.08, 1.3), clumps: 0.33, clumpUm: 1.3, sharpness: 2.2, rim: 0.14 }),
    random,
  )
  neutrophilGranules(drawing, 0.6)
}

/** A horseshoe or S whose narrowest part is more than a third of its widest. */
export function band(drawing: Drawing): void {
  const { canvas, random, stain, outline } = drawing
  canvas.body(outline, 0.25)
  const bend = outline.radiusUm * random.range(0.42, 0.5)
  const thick = outline.radiusUm * random.range(0.23, 0.29)
  const twist = random.chance(0.22) ? random.range(0.1, 0.3) : 0
  const sausage = arc(
    random,
    bend,
    random.range(3.1, 4.7),
    random.angle(),
    thick,
    thick * random.range(0.62, 0.95),
    twist,
  )
  canvas.nuclearString(sausage)
  neutrophilCytoplasm(drawing, 0.9)
  canvas.chromatin(
    chromatin(stain, { density: random.range(1.15, 1.4), clumps: 0.36, clumpUm: 1.25, sharpness: 2.4, rim: 0.14 }),
    random,
  )
  neutrophilGranules(drawing, 0.9)
}

/** Three to five lobes (few with two) on thin bridges. */
export function segmented(drawing: Drawing): void {
  const { canvas, random, stain, outline } = drawing
  canvas.body(outline, 0.25)
  const draw = random.next()
  const count = draw < 0.08 ? 2 : draw < 0.58 ? 3 : draw < 0.9 ? 4 : 5
  const { strings } = lobes(random, count, outline.radiusUm, 0.17)
  for (const string of strings) canvas.nuclearString(string)
  neutrophilCytoplasm(drawing, 1)
  canvas.chromatin(
    chromatin(stain, { density: random.range(1.2, 1.48), clumps: 0.36, clumpUm: 1.2, sharpness: 2.4, rim: 0.14 }),
    random,
  )
  neutrophilGranules(drawing, 1)
}

/** Granules that fill the cell, so close that only gaps and highlights tell them apart. */
function beads(drawing: Drawing, stain: Absorption, fill: number, radius: number): void {
  const { canvas, random, outline } = drawing
  const area = outline.radiusUm * outline.radiusUm
  canvas.granules(random, outline.radiusUm, Math.round(area * 9 * fill), radius, stain, 0.2, 0.05)
  canvas.granules(random, outline.radiusUm, Math.round(area * 6), radius * 0.6, stain, -0.22, 0)
  canvas.granules(random, outline.radiusUm, Math.round(area * 5 * fill), radius * 0.9, stain, 0.22, 0.05)
}

function eosinophilNucleus(drawing: Drawing, young: number): void {
  const { canvas, random, stain, outline } = drawing
  if (random.chance(young)) {
    const radius = outline.radiusUm * random.range(0.5, 0.62)
    const centre = eccentric(drawing, radius, random.range(0.7, 1))
    const away = Math.atan2(-centre[1], -centre[0])
    const notch = { angle: away, depth: random.range(0, 0.4), width: 0.6 }
    canvas.nuclearOutline(oval(random, radius, random.range(1.1, 1.4), away + Math.PI / 2, 0.02, notch), ...centre)
  } else {
    const { strings } = lobes(random, random.chance(0.8) ? 2 : 3, outline.radiusUm, 0.2)
    for (const string of strings) canvas.nuclearString(string)
  }
  const pale = mix(stain.acidophilia, stain.basophilia, random.range(0, 0.5 * (0.5 + young)))
  const ground = mix(pale, stain.eosin, random.range(0.45, 0.75))
  canvas.cytoplasm(cytoplasm(ground, random.range(0.5, 0.78), { rim: 0, texture: 0.28, textureUm: 0.9 }), random)
  canvas.chromatin(
    chromatin(stain, { density: random.range(1.02, 1.3), clumps: 0.3, clumpUm: 1.3, sharpness: 2, rim: 0.12 }),
    random,
  )
}

export function eosinophil(drawing: Drawing): void {
  const { canvas, random, stain, outline } = drawing
  canvas.body(random.chance(0.3) ? ruffled(outline, random, 1, 0.03, 10) : outline, 0.25)
  eosinophilNucleus(drawing, 0.3)
  beads(drawing, stain.eosin, random.range(0.8, 1.1), random.range(0.28, 0.34))
}

/** Eosinophil with, among the orange ones, coarse dark violet granules (inv(16)). */
export function abnormalEosinophil(drawing: Drawing): void {
  const { canvas, random, stain, outline } = drawing
  canvas.body(outline, 0.26)
  eosinophilNucleus(drawing, 0.65)
  beads(drawing, stain.eosin, random.range(0.5, 0.9), random.range(0.28, 0.34))
  canvas.granules(
    random,
    outline.radiusUm,
    Math.round(random.range(30, 90)),
    random.range(0.34, 0.5),
    stain.metachromatic,
    0.85,
    0.3,
  )
}

/** Coarse black-violet granules that cover an ill-defined nucleus; some washed out. */
export function basophil(drawing: Drawing): void {
  const { canvas, random, stain, outline } = drawing
  canvas.body(ruffled(outline, random, 1, 0.03, 12), 0.25)
  const { strings } = lobes(random, 2 + random.int(2), outline.radiusUm, 0.7)
  for (const string of strings) canvas.nuclearString(string)
  canvas.cytoplasm(cytoplasm(mix(stain.acidophilia, stain.basophilia, 0.2), 0.5), random)
  canvas.chromatin(
    chromatin(stain, {
      density: random.range(0.75, 1),
      clumps: 0.18,
      clumpUm: 1.8,
      sharpness: 1,
      softUm: 0.45,
      rim: 0,
    }),
    random,
  )
  const count = Math.round(outline.radiusUm * outline.radiusUm * random.range(2.2, 4.8))
  canvas.granules(
    random,
    outline.radiusUm,
    count,
    random.range(0.36, 0.5),
    stain.metachromatic,
    random.range(0.65, 0.95),
    0.85,
  )
  vacuoles(drawing, random.int(7), 0.3, 0.55)
}

/** Promyelocytic leukaemia: folded or two-lobed nucleus, dense granules, bundles of Auer rods. */
export function faggotCell(drawing: Drawing): void {
  const { canvas, random, stain, outline } = drawing
  canvas.body(ruffled(outline, random, 1, 0.05, 7), 0.28)
  const radius = outline.radiusUm * random.range(0.6, 0.68)
  const centre = eccentric(drawing, radius, random.range(0.7, 1))
  const away = Math.atan2(-centre[1], -centre[0])
  const notch = { angle: away + 0.4 * random.normal(), depth: random.range(0.25, 0.55), width: random.range(0.3, 0.5) }
  canvas.nuclearOutline(oval(random, radius, random.range(1.15, 1.4), away + Math.PI / 2, 0.03, notch), ...centre)
  canvas.cytoplasm(
    cytoplasm(mix(stain.basophilia, stain.azurophil, 0.3), random.range(0.42, 0.6), { texture: 0.2 }),
    random,
  )
  canvas.chromatin(chromatin(stain, { density: random.range(0.95, 1.15), clumps: 0.2, clumpUm: 1.4 }), random)
  canvas.granules(random, outline.radiusUm, Math.round(random.range(60, 260)), 0.17, stain.azurophil, 0.7, 0.3)
  const rod = mix(stain.azurophil, stain.eosin, 0.35)
  const bundles = 2 + random.int(3)
  for (let b = 0; b < bundles; b++) {
    const direction = random.angle()
    const out = outline.radiusUm * random.range(0.3, 0.62)
    const turn = away + random.range(-1.1, 1.1)
    const rods = 4 + random.int(8)
    for (let k = 0; k < rods; k++) {
      const x = out * Math.cos(turn) + 0.8 * random.normal()
      const y = out * Math.sin(turn) + 0.8 * random.normal()
      canvas.rod(x, y, direction + 0.2 * random.normal(), random.range(2, 4.5), 0.15, rod, 0.62)
    }
  }
}
