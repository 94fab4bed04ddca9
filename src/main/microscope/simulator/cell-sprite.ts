import type { ClassCode } from '../../../shared/taxonomy.ts'
import { CellCanvas } from './cell-canvas.ts'
import { cellOutline } from './cell-size.ts'
import {
  abnormalEosinophil,
  band,
  basophil,
  blast,
  eosinophil,
  faggotCell,
  metamyelocyte,
  myelocyte,
  promyelocyte,
  segmented,
} from './draw-granulocytes.ts'
import {
  erythroblast,
  hairyCell,
  immatureLymphocyte,
  lymphocyte,
  monocyte,
  plasmaCell,
  proerythroblast,
} from './draw-mononuclear.ts'
import { artefact, notIdentifiable, otherCell, smudgeCell } from './draw-others.ts'
import type { Drawing } from './drawing.ts'
import { hash, Random } from './random.ts'
import type { CellSprite, SpriteMemory } from './sprite-store.ts'
import { ownMemory } from './sprite-store.ts'
import type { Stain } from './stain.ts'

/** Steps of sprite absorption per unit of natural-logarithm absorption. */
export const ABSORPTION_STEPS = 1024

const DRAW: Record<Exclude<ClassCode, 'NIF'>, (drawing: Drawing) => void> = {
  BLA: blast,
  PMO: promyelocyte,
  MYB: myelocyte,
  MMZ: metamyelocyte,
  NGB: band,
  NGS: segmented,
  EOS: eosinophil,
  ABE: abnormalEosinophil,
  BAS: basophil,
  MON: monocyte,
  FGC: faggotCell,
  PEB: proerythroblast,
  EBO: erythroblast,
  LYT: lymphocyte,
  LYI: immatureLymphocyte,
  HAC: hairyCell,
  PLM: plasmaCell,
  OTH: otherCell,
  ART: artefact,
  KSC: smudgeCell,
} // prettier-ignore

/** Classes that stray far from their body's outline. */
const FRAYED: ReadonlySet<ClassCode> = new Set(['HAC', 'OTH', 'ART', 'KSC', 'NIF'])

const strayed = (code: ClassCode): number => (FRAYED.has(code) ? 1.3 : 1.06)

/** How far from its centre a cell of this mean radius may be drawn, um. */
export function reachUm(code: ClassCode, radiusUm: number): number {
  return strayed(code) * 1.25 * radiusUm + 1.5
}

const canvas = new CellCanvas()

/**
 * Draws one cell. The same class, seed, pitch, fraction and stain give the same sprite.
 * `pitchUm`: working grid; `fractionX/Y`: where in its grid pixel the centre lies, 0-1. `memory`: where its pixels go.
 */
export function drawCell(
  code: ClassCode,
  seed: number,
  pitchUm: number,
  fractionX: number,
  fractionY: number,
  stain: Stain,
  memory: SpriteMemory = ownMemory,
): CellSprite {
  const outline = cellOutline(code, seed)
  const random = new Random(hash(seed, 0xd4a3))
  const board = Math.min(
    reachUm(code, outline.radiusUm),
    strayed(code) * Math.max(outline.halfWidthUm, outline.halfHeightUm) + 1,
  )
  canvas.begin(board, pitchUm, fractionX, fractionY, random)
  const drawing: Drawing = { seed, canvas, outline, random, stain }
  if (code === 'NIF') notIdentifiable(drawing, (other) => other !== 'NIF' && DRAW[other](drawing))
  else DRAW[code](drawing)
  return harvest(canvas, memory)
}

/** Cuts the board down to what was drawn on and packs it. */
export function harvest(board: CellCanvas, memory: SpriteMemory = ownMemory): CellSprite {
  const { width, height, red, green, blue, cover } = board
  let x0 = width
  let x1 = -1
  let y0 = height
  let y1 = -1
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      if (green[i]! < 0.004) continue
      if (x < x0) x0 = x
      if (x > x1) x1 = x
      if (y < y0) y0 = y
      y1 = y
    }
  }
  const w = Math.max(0, x1 - x0 + 1)
  const h = Math.max(0, y1 - y0 + 1)
  const absorption = memory.absorption(w * h)
  const hide = memory.cover(w * h)
  for (let y = 0, o = 0; y < h; y++) {
    for (let i = (y + y0) * width + x0, x = 0; x < w; x++, i++, o++) {
      absorption[3 * o] = clampAbsorption(red[i]!)
      absorption[3 * o + 1] = clampAbsorption(green[i]!)
      absorption[3 * o + 2] = clampAbsorption(blue[i]!)
      hide[o] = Math.min(255, cover[i]! * 255)
    }
  }
  const half = (width - 1) / 2
  return { width: w, height: h, left: x0 - half, top: y0 - half, absorption, cover: hide }
}

function clampAbsorption(value: number): number {
  return value <= 0 ? 0 : value >= 6 ? 6 * ABSORPTION_STEPS : (value * ABSORPTION_STEPS + 0.5) | 0
}
