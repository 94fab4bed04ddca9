import { classShares } from '../src/main/microscope/simulator/profiles.ts'
import type { Profile } from '../src/main/microscope/simulator/world.ts'
import type { Draw } from '../src/shared/differential/draw.ts'
import { type CellTally, OBSERVATIONS, settledPlace } from '../src/shared/stopping/cell-tally.ts'
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
  readonly #read: ReadonlySet<ClassCode>
  readonly #named = new Float64Array(CLASS_CODES.length)

  /** @param read names whose cells a person reads, all of them and rightly, as they come. */
  constructor(
    profile: Profile,
    rates: readonly Float64Array[],
    random: Draw,
    read: ReadonlySet<ClassCode> = new Set(),
  ) {
    for (const code of read) this.tally.readShare[CLASS_CODES.indexOf(code)] = 1
    this.#read = read
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
      this.#named[named]++
      const isRead = this.#read.has(CLASS_CODES[named])
      this.tally.counts[isRead ? settledPlace(CLASS_CODES[truth]) : named]++
      if (cellClass(CLASS_CODES[named]).counted) this.counted++
    }
    this.cells += FIELD_CELLS
  }

  count(how: 'machine' | 'truth', code: ClassCode): number {
    return (how === 'machine' ? this.#named : this.#true)[CLASS_CODES.indexOf(code)]
  }

  total(how: 'machine' | 'truth'): number {
    if (how === 'machine') return this.counted
    return CLASS_CODES.reduce((sum, code, i) => sum + (cellClass(code).counted ? this.#true[i] : 0), 0)
  }
}
