import type { RuleStanding, StopWhen } from '../../shared/contract/stopping.ts'
import { allAlternatives } from '../../shared/stopping/rules.ts'
import type { Rules, Situation } from '../../shared/stopping/standing.ts'
import type { Casebook } from '../casebook/casebook.ts'
import { ScanClock } from './scan-clock.ts'

/** Why a run ends by itself before its area does. */
export type RuleStop =
  | { readonly stopped: 'cells' }
  | { readonly stopped: 'rule'; readonly stoppedBy: readonly RuleStanding[] }

/** What a run is to stop by, over one stretch of it. */
export class StopWatch {
  readonly clock = new ScanClock()
  readonly #casebook: Pick<Casebook, 'run' | 'tally'>
  readonly #runId: number
  readonly #rules: Rules
  readonly #stopWhen: StopWhen
  readonly #beforeMs: number

  constructor(casebook: Pick<Casebook, 'run' | 'tally'>, runId: number, rules: Rules) {
    const run = casebook.run(runId)
    this.#casebook = casebook
    this.#runId = runId
    this.#rules = rules
    this.#stopWhen = allAlternatives(run)
    this.#beforeMs = 1000 * run.scanningSeconds
  }

  /** Of the whole run. */
  get scanningMs(): number {
    return this.#beforeMs + this.clock.activeMs
  }

  get hasTime(): boolean {
    return this.#stopWhen.some((rules) => rules.some((rule) => rule.kind === 'time'))
  }

  /** null: it goes on. */
  met(): RuleStop | null {
    if (this.#stopWhen.length === 0) return null
    const situation = this.#situation()
    const rules = this.#rules.met(this.#stopWhen, situation)
    if (rules === null) return null
    if (rules.every((rule) => rule.kind === 'cells')) return { stopped: 'cells' }
    const stoppedBy = rules.map((rule) => this.#rules.standing(rule, situation, { foresee: false }))
    return { stopped: 'rule', stoppedBy }
  }

  /** Counted cells until it may stop by a number of them; null: there is no such rule, or it cannot be told. */
  cellsToGo(): number | null {
    const situation = { rows: this.#casebook.tally(this.#runId), scanningSeconds: 0 }
    const ends = this.#stopWhen.flatMap((rules) => {
      const needed = rules
        .filter((rule) => rule.kind !== 'separation')
        .flatMap((rule) => this.#rules.standing(rule, situation, { foresee: false }).cellsNeeded ?? [])
      return needed.length === rules.length ? [Math.max(...needed)] : []
    })
    return ends.length === 0 ? null : Math.min(...ends)
  }

  /** Scanning time until a rule of time alone is met, ms; null: there is none. */
  msToGo(): number | null {
    const minutes = this.#stopWhen.flatMap((rules) => {
      const times = rules.flatMap((rule) => (rule.kind === 'time' ? [rule.minutes] : []))
      return times.length === rules.length ? [Math.max(...times)] : []
    })
    return minutes.length === 0 ? null : Math.max(0, 60_000 * Math.min(...minutes) - this.scanningMs)
  }

  #situation(): Situation {
    return { rows: this.#casebook.tally(this.#runId), scanningSeconds: this.scanningMs / 1000 }
  }
}
