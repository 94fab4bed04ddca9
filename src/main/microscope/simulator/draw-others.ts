import type { ClassCode } from '../../../shared/taxonomy.ts'
import type { Drawing } from './drawing.ts'
import { chromatin, cytoplasm, eccentric, mix, placesIn, ruffled, vacuoles } from './drawing.ts'
import { oval } from './nucleus-shapes.ts'
import { hash, Random } from './random.ts'
import type { Absorption } from './stain.ts'

/** A cell in division, or a macrophage. */
export function otherCell(drawing: Drawing): void {
  if (drawing.random.chance(0.55)) mitosis(drawing)
  else macrophage(drawing)
}

/** No nuclear membrane: a ragged plate, a ring of clumps, or two plates moving apart. */
function mitosis(drawing: Drawing): void {
  const { canvas, random, stain, outline } = drawing
  canvas.body(outline, 0.27)
  const turn = random.angle()
  const radius = outline.radiusUm
  const kind = random.next()
  const along = (distance: number, side: number): [number, number] => [
    distance * Math.cos(turn) - side * Math.sin(turn),
    distance * Math.sin(turn) + side * Math.cos(turn),
  ]
  const pieces = 16 + random.int(10)
  const plates = kind < 0.35 ? [0] : kind < 0.65 ? [-0.36, 0.36] : null
  for (let k = 0; k < pieces; k++) {
    const [x, y] = plates
      ? along(radius * plates[k % plates.length]! + 0.45 * random.normal(), radius * random.range(-0.42, 0.42))
      : along(radius * 0.22 * random.normal(), radius * 0.22 * random.normal())
    const angle = plates ? turn + 0.5 * random.normal() : random.angle()
    const reach = random.range(0.4, 1)
    canvas.nuclearString([
      [x - reach * Math.cos(angle), y - reach * Math.sin(angle), random.range(0.35, 0.6)],
      [x + reach * Math.cos(angle), y + reach * Math.sin(angle), random.range(0.35, 0.6)],
    ])
  }
  canvas.cytoplasm(
    cytoplasm(mix(stain.basophilia, stain.acidophilia, random.range(0, 0.5)), random.range(0.4, 0.8), {
      texture: 0.16,
    }),
    random,
  )
  canvas.chromatin(chromatin(stain, { density: random.range(1.35, 1.6), clumps: 0.12, clumpUm: 1.2, rim: 0 }), random)
}

/** Small round nucleus, wide foamy cytoplasm, swallowed debris. */
function macrophage(drawing: Drawing): void {
  const { canvas, random, stain, outline } = drawing
  canvas.body(ruffled(outline, random, 1.12, 0.1, 7), 0.45)
  const radius = outline.radiusUm * random.range(0.4, 0.48)
  const centre = eccentric(drawing, radius, random.range(0.5, 0.95))
  canvas.nuclearOutline(oval(random, radius, random.range(1.1, 1.3), random.angle(), 0.025), ...centre)
  canvas.cytoplasm(
    cytoplasm(mix(stain.basophilia, stain.acidophilia, 0.45), random.range(0.35, 0.5), {
      rim: -0.2,
      texture: 0.3,
      textureUm: 1.5,
      softUm: 0.5,
    }),
    random,
  )
  canvas.chromatin(chromatin(stain, { density: 0.9, clumps: 0.16, clumpUm: 1.2 }), random)
  vacuoles(drawing, 10 + random.int(16), 0.4, 1.3)
  for (const [x, y] of placesIn(random, random.int(5), 1, outline.radiusUm * 0.75)) {
    canvas.spot(x, y, random.range(0.6, 1.5), mix(stain.chromatin, stain.basophilia, 0.4), random.range(0.4, 1))
  }
  canvas.granules(random, outline.radiusUm, 50, 0.2, stain.azurophil, 0.6, 0)
}

type ArtefactKind = 'crushed' | 'precipitate' | 'plateletClump' | 'dirt'

/** Share of artefacts that are crushed cells; the rest is debris. */
export const CRUSHED_SHARE = 0.34

function artefactKind(seed: number): ArtefactKind {
  const share = new Random(hash(seed, 0xa27)).next()
  if (share < CRUSHED_SHARE) return 'crushed'
  if (share < 0.6) return 'precipitate'
  return share < 0.83 ? 'plateletClump' : 'dirt'
}

/** Precipitate, platelets and dirt are of a cell's size and no cell: whoever looks for cells need not find them. */
export function isDebris(code: ClassCode, seed: number): boolean {
  return code === 'ART' && artefactKind(seed) !== 'crushed'
}

/** Cell-sized things that cannot be read as a cell: a crushed cell, stain precipitate, a clump of platelets, dirt. */
export function artefact(drawing: Drawing): void {
  ARTEFACTS[artefactKind(drawing.seed)](drawing)
}

const ARTEFACTS: Record<ArtefactKind, (drawing: Drawing) => void> = { crushed, precipitate, plateletClump, dirt }

function precipitate(drawing: Drawing): void {
  const { canvas, random, stain, outline } = drawing
  canvas.body(ruffled(outline, random, 1.05, 0.15, 5), 0.9)
  canvas.cytoplasm(cytoplasm(stain.plasma, random.range(0.3, 1), { rim: -0.5, texture: 0.4, softUm: 0.9 }), random)
  const dark = mix(stain.metachromatic, stain.azurophil, random.next())
  const reach = outline.radiusUm
  const count = Math.round(reach * reach * random.range(1.5, 5))
  canvas.granules(random, reach, count, random.range(0.18, 0.42), dark, random.range(0.7, 1.3), 1)
  for (let k = random.int(14); k > 0; k--) {
    const away = reach * 0.6 * random.next()
    const angle = random.angle()
    canvas.rod(away * Math.cos(angle), away * Math.sin(angle), random.angle(), random.range(1, 3.5), 0.16, dark, 0.9)
  }
}

function plateletClump(drawing: Drawing): void {
  const { canvas, random, stain, outline } = drawing
  canvas.body(ruffled(outline, random, 1, 0.17, 6), 0.45)
  canvas.cytoplasm(
    cytoplasm(mix(stain.acidophilia, stain.basophilia, 0.45), random.range(0.4, 0.6), {
      rim: -0.3,
      texture: 0.35,
      textureUm: 2,
      softUm: 0.45,
    }),
    random,
  )
  const grain = mix(stain.azurophil, stain.acidophilia, 0.25)
  for (const [x, y] of placesIn(random, 4 + random.int(7), 0, outline.radiusUm * 0.8)) {
    canvas.granules(random, 1.2, 26, 0.2, grain, random.range(0.55, 0.9), 1, [x, y])
  }
}

function crushed(drawing: Drawing): void {
  const { canvas, random, stain, outline } = drawing
  canvas.body(ruffled(outline, random, 1, 0.22, 6), 0.7)
  const colour = mix(stain.chromatin, stain.azurophil, random.next())
  canvas.cytoplasm(
    cytoplasm(colour, random.range(0.35, 0.85), {
      rim: -0.3,
      texture: 0.45,
      textureUm: random.range(0.8, 2.4),
      softUm: 0.7,
    }),
    random,
  )
  vacuoles(drawing, random.int(7), 0.4, 1.2)
}

function dirt(drawing: Drawing): void {
  const { canvas, random, outline } = drawing
  const depth = random.range(0.6, 1.3)
  const brown: Absorption = [depth, depth * random.range(1.1, 1.3), depth * random.range(1.1, 1.7)]
  canvas.body(ruffled(outline, random, random.range(0.5, 0.85), 0.12, 5), random.range(0.3, 0.9))
  canvas.cytoplasm(
    cytoplasm(brown, random.range(0.35, 1), { rim: 0.6, texture: 0.25, textureUm: random.range(0.8, 2.5) }),
    random,
  )
  canvas.granules(random, outline.radiusUm, random.int(30), 0.3, brown, 0.6, 1)
  for (let k = random.int(4); k > 0; k--)
    canvas.vacuole(1.2 * random.normal(), 1.2 * random.normal(), random.range(0.4, 1.1), 0.8)
}

/** A bare nucleus smeared out: pale, streaked along the smear, without a firm edge or cytoplasm. */
export function smudgeCell(drawing: Drawing): void {
  const { canvas, random, stain, outline } = drawing
  const shape = ruffled(outline, random, 1, random.range(0.06, 0.13), 4)
  const soft = random.range(0.6, 1.5)
  canvas.body(shape, soft)
  canvas.nuclearOutline(shape.radii, 0, 0)
  const colour = mix(stain.chromatin, stain.azurophil, random.range(0.1, 0.6))
  const turn = random.angle()
  canvas.chromatin(
    chromatin(stain, {
      stain: colour,
      density: random.range(0.48, 0.8),
      clumps: random.range(0.16, 0.3),
      clumpUm: random.range(1.6, 2.6),
      sharpness: 1.2,
      fine: 0.06,
      rim: -0.3,
      softUm: soft,
      stretch: random.range(1, 3.2),
      turn,
    }),
    random,
  )
  // Threads of chromatin drawn out of it.
  for (let k = random.int(9); k > 0; k--) {
    const side = random.chance(0.5) ? 0 : Math.PI
    const angle = turn + side + 0.5 * random.normal()
    const out = outline.radiusUm * random.range(0.6, 0.95)
    canvas.rod(
      out * Math.cos(angle),
      out * Math.sin(angle),
      angle + 0.2 * random.normal(),
      random.range(1, 3.5),
      0.5,
      colour,
      0.1,
    )
  }
  if (random.chance(0.5)) {
    const x = outline.radiusUm * random.range(-0.35, 0.35)
    canvas.spot(x, outline.radiusUm * random.range(-0.35, 0.35), random.range(0.9, 1.6), stain.chromatin, -0.3)
  }
  vacuoles(drawing, random.chance(0.4) ? random.int(5) : 0, 0.4, 1.4)
}

/** Damaged beyond naming: pyknotic, burst, frayed or blurred. */
export function notIdentifiable(drawing: Drawing, drawAs: (code: ClassCode) => void): void {
  const { canvas, random, stain, outline } = drawing
  const kind = random.next()
  if (kind < 0.3) {
    canvas.body(ruffled(outline, random, 0.74, 0.05, 6), 0.35)
    canvas.nuclearOutline(oval(random, outline.radiusUm * 0.66, random.range(1, 1.2), random.angle(), 0.03), 0, 0)
    canvas.cytoplasm(cytoplasm(stain.basophilia, random.range(0.3, 0.9)), random)
    canvas.chromatin(
      chromatin(stain, { density: random.range(1.6, 2), clumps: 0.06, fine: 0.03, softUm: 0.4, rim: 0 }),
      random,
    )
  } else if (kind < 0.65) {
    canvas.body(ruffled(outline, random, 1, random.range(0.12, 0.2), 8), 0.5)
    const radius = outline.radiusUm * random.range(0.5, 0.75)
    const notch = { angle: random.angle(), depth: random.range(0.1, 0.5), width: random.range(0.25, 0.7) }
    const centre = eccentric(drawing, radius, random.range(0, 1.2))
    canvas.nuclearOutline(oval(random, radius, random.range(1.1, 1.7), random.angle(), 0.07, notch), ...centre)
    canvas.cytoplasm(
      cytoplasm(mix(stain.basophilia, stain.acidophilia, random.next()), random.range(0.25, 0.6), {
        texture: 0.35,
        softUm: 0.5,
      }),
      random,
    )
    canvas.chromatin(
      chromatin(stain, { density: random.range(0.9, 1.4), clumps: 0.12, clumpUm: 2.2, softUm: 0.5, rim: 0 }),
      random,
    )
    vacuoles(drawing, random.int(9), 0.4, 1.3)
  } else {
    drawAs(random.pick(['BLA', 'LYT', 'MYB', 'MON', 'NGS', 'EBO', 'PMO'] as const))
    canvas.soften(Math.max(1, Math.round(random.range(0.35, 0.75) / canvas.pitchUm)))
  }
}
