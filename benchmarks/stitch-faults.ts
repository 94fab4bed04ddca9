import { hash, Random } from '../src/main/microscope/simulator/random.ts'

export interface FaultsAsked {
  /** slip: the slide slips and stays there; late: the camera gives an image of where the stage stood before; frozen: that image itself, byte for byte. */
  readonly kind: 'slip' | 'late' | 'frozen'
  /** In one field of so many, drawn by lot. */
  readonly every: number
  readonly slipUm: number
}

export interface Fault {
  readonly strikes: boolean
  /** How far the slide has slipped by then. */
  readonly slip: { readonly xUm: number; readonly yUm: number }
  readonly late: boolean
  readonly frozen: boolean
}

/** What goes wrong, by field; null: nothing does. */
export function faultsOf(count: number, seed: number, asked: FaultsAsked | null): Fault[] {
  const random = new Random(hash(seed, 0xfa17))
  const slip = { xUm: 0, yUm: 0 }
  return Array.from({ length: count }, (_, index) => {
    const strikes = asked !== null && index > 0 && random.chance(1 / asked.every)
    if (strikes && asked.kind === 'slip') {
      const angle = random.angle()
      slip.xUm += asked.slipUm * Math.cos(angle)
      slip.yUm += asked.slipUm * Math.sin(angle)
    }
    return {
      strikes,
      slip: { ...slip },
      late: strikes && asked.kind === 'late',
      frozen: strikes && asked.kind === 'frozen',
    }
  })
}
