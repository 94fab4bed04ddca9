import { implement } from '@orpc/server'
import { contract } from '../../shared/contract/index.ts'
import type { ModelInfo } from '../../shared/contract/models.ts'
import type { RunSummary } from '../../shared/contract/runs.ts'
import type { RuleStanding } from '../../shared/contract/stopping.ts'
import { allAlternatives } from '../../shared/stopping/rules.ts'
import type { Casebook } from '../casebook/casebook.ts'
import type { RuleBook } from './rule-book.ts'
import type { RunManager } from './run-manager.ts'

export interface StoppingParts {
  readonly casebook: Pick<Casebook, 'run' | 'tally' | 'revision'>
  readonly runs: Pick<RunManager, 'scanningSeconds'>
  readonly ruleBook: RuleBook
  readonly modelOfRun: (run: RunSummary) => Promise<ModelInfo | null>
}

/** Where a run's stop rules stand. Windows ask every few seconds; while no cell came and none was relabelled the answer is kept. */
export function stoppingProcedures({ casebook, runs, ruleBook, modelOfRun }: StoppingParts) {
  const os = implement(contract)
  let kept: { readonly key: string; readonly alternatives: RuleStanding[][] } | null = null

  return {
    stopping: os.runs.stopping.handler(async ({ input: { runId } }) => {
      const run = casebook.run(runId)
      const stopWhen = allAlternatives(run)
      const hasTime = stopWhen.some((rules) => rules.some((rule) => rule.kind === 'time'))
      const scanningSeconds = runs.scanningSeconds(runId) ?? run.scanningSeconds
      const key = [runId, casebook.revision(runId), JSON.stringify(stopWhen), hasTime ? scanningSeconds : ''].join(' ')
      if (kept?.key === key) return { alternatives: kept.alternatives }
      const rules = ruleBook.rules(await modelOfRun(run), run.rig)
      const situation = { rows: casebook.tally(runId), scanningSeconds }
      const foresee = run.state !== 'finished'
      const alternatives = stopWhen.map((group) => group.map((rule) => rules.standing(rule, situation, { foresee })))
      kept = { key, alternatives }
      return { alternatives }
    }),
  }
}
