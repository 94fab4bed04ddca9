import { Random } from './random.ts'

/** Absorption in red, green, blue: natural logarithm of background over pixel value, as the camera shows it. */
export type Absorption = readonly [red: number, green: number, blue: number]

/**
 * The colours of one stained slide under one lamp. May-Gruenwald-Giemsa: azure and eosin. Each entry is the absorption of one
 * "unit" of the stuff; drawings say how much of it lies at a pixel.
 */
export interface Stain {
  /** Empty glass, 0-255. */
  readonly glass: Absorption
  /** Chromatin: azure B with eosin on DNA, red-violet. */
  readonly chromatin: Absorption
  /** Ribosomes: methylene blue and azure, royal blue. */
  readonly basophilia: Absorption
  /** Acid proteins of mature cytoplasm: pale pink-lilac. */
  readonly acidophilia: Absorption
  /** Eosinophil granules: orange pink. */
  readonly eosin: Absorption
  /** Azurophil granules: red-violet. */
  readonly azurophil: Absorption
  /** Basophil granules: black-violet. */
  readonly metachromatic: Absorption
  /** Haemoglobin with eosin: grey-pink. */
  readonly haemoglobin: Absorption
  /** Dried plasma between the cells. */
  readonly plasma: Absorption
}

/** Means measured on real crops of the seven marrow classes (Matek et al. 2021): nuclei 1.05, 2.1, 0.3; blast cytoplasm 0.57, 0.86, 0.08. */
const REFERENCE: Stain = {
  glass: [242, 240, 246],
  chromatin: [0.98, 1.92, 0.27],
  basophilia: [0.98, 1.0, 0.12],
  acidophilia: [0.33, 0.64, 0.11],
  eosin: [0.33, 0.84, 0.4],
  azurophil: [0.75, 1.5, 0.24],
  metachromatic: [1.2, 2.0, 0.5],
  haemoglobin: [0.26, 0.31, 0.28],
  plasma: [0.14, 0.2, 0.06],
}

/**
 * One laboratory's day: how strongly the dyes took, how red the violet is, how warm the lamp.
 * `spread` 0 gives the reference slide, 1 about what one laboratory shows, 2-3 what many do.
 */
export function makeStain(seed: number, spread: number): Stain {
  const random = new Random(seed)
  const vary = (amount: number) => Math.exp(amount * spread * random.normal())
  const azure = vary(0.06)
  const eosin = vary(0.09)
  const red = vary(0.06)
  const blue = vary(0.06)
  const tint = (c: Absorption, gain: number): Absorption => [c[0] * gain * red, c[1] * gain, c[2] * gain * blue]
  const lamp = Math.exp(-Math.abs(0.025 * spread * random.normal()))
  const warm = 0.008 * spread * random.normal()
  const glass = REFERENCE.glass
  const haem = vary(0.1)
  const tan = 0.075 * spread * random.normal()
  const h = REFERENCE.haemoglobin
  return {
    glass: [glass[0] * lamp * (1 + warm), glass[1] * lamp, Math.min(250, glass[2] * lamp * (1 - warm))],
    chromatin: tint(REFERENCE.chromatin, azure),
    basophilia: tint(REFERENCE.basophilia, azure * vary(0.05)),
    acidophilia: tint(REFERENCE.acidophilia, eosin),
    eosin: tint(REFERENCE.eosin, eosin),
    azurophil: tint(REFERENCE.azurophil, azure),
    metachromatic: tint(REFERENCE.metachromatic, azure),
    haemoglobin: [h[0] * haem * (1 - tan), h[1] * haem, h[2] * haem * (1 + tan)],
    plasma: tint(REFERENCE.plasma, eosin * vary(0.2)),
  }
}
