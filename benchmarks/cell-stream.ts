import { classShares } from '../src/main/microscope/simulator/profiles.ts'
import type { Profile } from '../src/main/microscope/simulator/world.ts'
import type { Draw } from '../src/shared/differential/draw.ts'
import { type CellTally, OBSERVATIONS } from '../src/shared/stopping/cell-tally.ts'
import { CLASS_CODES, type ClassCode, cellClass } from '../src/shared/taxonomy.ts'

/** About a field's. */
export const FIELD_CELLS = 20

/** Cells of one smear, as they are and as the model names them. */
export class CellStream {
  cells = 0
  counted = 0
  readonly tally: CellTally = {
    counts: new Float64Array(OBSERVATIONS),
    readShare: new Float64Array(CLASS_CODES.length),
  }
  readonly #true = new Float64Array(CLASS_CODES.length)
  readonly #shares: Float64Array
  readonly #rates: readonly Float64Array[]
  readonly #random: Draw

  constructor(profile: Profile, rates: readonly Float64Array[], random: Draw) {
    const shares = classShares(profile)
    this.#shares = Float64Array.from(CLASS_CODES, (code) => shares[code])
    this.#rates = rates
    this.#random = random
  }

  field(): void {
    for (let i = 0; i < FIELD_CELLS; i++) {
      const truth = this.#random.place(this.#shares, 1)
      const named = this.#random.place(this.#rates[truth], 1)
      this.#true[truth]++
      this.tally.counts[named]++
      if (cellClass(CLASS_CODES[named]).counted) this.counted++
    }
    this.cells += FIELD_CELLS
  }

  count(how: 'machine' | 'truth', code: ClassCode): number {
    return (how === 'machine' ? this.tally.counts : this.#true)[CLASS_CODES.indexOf(code)]
  }

  total(how: 'machine' | 'truth'): number {
    if (how === 'machine') return this.counted
    return CLASS_CODES.reduce((sum, code, i) => sum + (cellClass(code).counted ? this.#true[i] : 0), 0)
  }
}
