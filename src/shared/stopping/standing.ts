import type { ModelInfo } from '../contract/models.ts'
import type { RuleStanding, StopRule, StopWhen } from '../contract/stopping.ts'
import { type KnownErrors, knownErrors } from '../differential/known-errors.ts'
import { candidateRule } from '../search/recall.ts'
import { type ClassCode, cellClass } from '../taxonomy.ts'
import { atMost, cellsToAssure } from './assurance.ts'
import { type TallyRow, tallyOf } from './cell-tally.ts'
import { moreNeeded } from './more-needed.ts'
import { plausibleRates, type Rates } from './plausible-rates.ts'
import { Separation } from './separation.ts'

/** What of a run a rule looks at. */
export interface Situation {
  readonly rows: readonly TallyRow[]
  /** Time spent scanning, without pauses. */
  readonly scanningSeconds: number
}

/** The model that names a run's cells, and what images it sees. */
export interface RuleModel {
  /** null: none, or one of which nothing is known. */
  readonly info: ModelInfo | null
  readonly images: 'real' | 'rendered'
}

const NOTHING = {
  problem: null,
  cellsNeeded: null,
  cellsNeededLow: null,
  cellsNeededHigh: null,
  secondsNeeded: null,
  share: null,
  found: null,
} as const

/** Where the rules of a run stand. What is worked out of the model alone is kept, so that asking after every field costs little. */
export class Rules {
  readonly #model: RuleModel
  readonly #known: KnownErrors | null
  readonly #separations = new Map<string, Separation>()
  #rates: readonly Rates[] | null = null

  constructor(model: RuleModel) {
    this.#model = model
    this.#known = model.info && knownErrors(model.info, model.images)
  }

  /** Why a rule can never be met with this model, in words; null: it can. */
  problem(rule: StopRule): string | null {
    if (rule.kind === 'separation') return this.#problemOfSeparation(rule.classes)
    if (rule.kind === 'assurance') return this.#problemOfAssurance(rule.class)
    return null
  }

  /** The rules of the first alternative that is met; null: none is. */
  met(stopWhen: StopWhen, situation: Situation): readonly StopRule[] | null {
    return stopWhen.find((rules) => rules.every((rule) => this.#isMet(rule, situation))) ?? null
  }

  /** @param foresee how many more cells it takes: that is the costly part. */
  standing(rule: StopRule, situation: Situation, { foresee }: { foresee: boolean }): RuleStanding {
    const problem = this.problem(rule)
    const met = this.#isMet(rule, situation)
    const standing: RuleStanding = { ...NOTHING, rule, met, problem }
    const counted = countedOf(situation)
    switch (rule.kind) {
      case 'cells': {
        const needed = Math.max(0, rule.cells - counted)
        return { ...standing, cellsNeeded: needed, cellsNeededLow: needed, cellsNeededHigh: needed }
      }
      case 'time':
        return { ...standing, secondsNeeded: Math.max(0, 60 * rule.minutes - situation.scanningSeconds) }
      case 'assurance': {
        const recall = this.#recallOf(rule.class)
        const needed = recall ? cellsToAssure(rule.percent / 100, recall) : Number.POSITIVE_INFINITY
        const cells = Number.isFinite(needed) ? Math.max(0, needed - counted) : null
        return {
          ...standing,
          cellsNeeded: cells,
          cellsNeededLow: cells,
          cellsNeededHigh: cells,
          found: { cells: foundOf(situation, rule.class), atMost: recall ? 100 * atMost(counted, recall) : null },
        }
      }
      case 'separation':
        return problem ? standing : this.#standingOfSeparation(standing, rule, situation, foresee)
    }
  }

  #isMet(rule: StopRule, situation: Situation): boolean {
    switch (rule.kind) {
      case 'cells':
        return countedOf(situation) >= rule.cells
      case 'time':
        return situation.scanningSeconds >= 60 * rule.minutes
      case 'assurance': {
        const recall = this.#recallOf(rule.class)
        return (
          recall !== null &&
          foundOf(situation, rule.class) === 0 &&
          countedOf(situation) >= cellsToAssure(rule.percent / 100, recall)
        )
      }
      case 'separation':
        return (
          this.#problemOfSeparation(rule.classes) === null &&
          this.#separation(rule.classes).standing(this.#tally(situation), rule.percent).side !== null
        )
    }
  }

  #standingOfSeparation(
    standing: RuleStanding,
    rule: Extract<StopRule, { kind: 'separation' }>,
    situation: Situation,
    foresee: boolean,
  ): RuleStanding {
    const separation = this.#separation(rule.classes)
    const tally = this.#tally(situation)
    const percent = separation.estimate(tally)
    if (percent === null) return standing
    const more = foresee ? moreNeeded(separation, tally, rule.percent) : null
    return {
      ...standing,
      cellsNeeded: more?.median ?? null,
      cellsNeededLow: more?.low ?? null,
      cellsNeededHigh: more?.high ?? null,
      share: {
        side: separation.standing(tally, rule.percent).side,
        percent: Math.min(100, Math.max(0, percent)),
        ...separation.interval(tally),
      },
    }
  }

  #separation(classes: readonly ClassCode[]): Separation {
    const key = classes.join()
    const kept = this.#separations.get(key)
    if (kept) return kept
    this.#rates ??= plausibleRates(this.#known!)
    const made = new Separation(classes, this.#rates, this.#known!.tried)
    this.#separations.set(key, made)
    return made
  }

  #tally({ rows }: Situation) {
    return tallyOf(rows, this.#known!.tried)
  }

  #recallOf(code: ClassCode) {
    const { info, images } = this.#model
    return info && (candidateRule(info, images, code)?.recall ?? null)
  }

  #problemOfSeparation(classes: readonly ClassCode[]): string | null {
    const name = this.#nameOrProblem()
    if (name.problem) return name.problem
    if (!this.#known?.confusion) return `${name.text} does not state how often it mistakes which class for which.`
    const untried = classes.filter((code) => !this.#known!.tried.has(code))
    return untried.length === 0 ? null : this.#untried(untried)
  }

  #problemOfAssurance(code: ClassCode): string | null {
    return this.#nameOrProblem().problem ?? (this.#recallOf(code) ? null : this.#untried([code]))
  }

  #nameOrProblem(): { readonly text: string; readonly problem: string | null } {
    const { info } = this.#model
    if (!info) return { text: '', problem: 'No model names the cells, or nothing is known of the one that does.' }
    return { text: `${info.name} ${info.version}`, problem: null }
  }

  #untried(codes: readonly ClassCode[]): string {
    const names = codes.map((code) => cellClass(code).name.toLowerCase()).join(', ')
    return `${this.#nameOrProblem().text} was never tried on ${this.#model.images === 'real' ? 'a real' : 'a drawn'} image of: ${names}.`
  }
}

/** Cells in the denominator: a person's class where there is one, else the model's. */
export function countedOf({ rows }: Pick<Situation, 'rows'>): number {
  return rows.reduce((sum, row) => {
    const code = row.read ?? row.named
    return code !== null && cellClass(code).counted ? sum + row.cells : sum
  }, 0)
}

function foundOf({ rows }: Situation, code: ClassCode): number {
  return rows.reduce((sum, row) => (row.read === code ? sum + row.cells : sum), 0)
}
