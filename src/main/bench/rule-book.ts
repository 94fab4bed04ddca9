import type { ModelInfo } from '../../shared/contract/models.ts'
import type { RigSettings } from '../../shared/contract/rig-settings.ts'
import type { StopReason } from '../../shared/contract/runs.ts'
import type { StopWhen } from '../../shared/contract/stopping.ts'
import { MedullaError } from '../../shared/errors.ts'
import { Rules } from '../../shared/stopping/standing.ts'
import { imageKind } from './image-kind.ts'

/** As many models' rules as are looked at side by side. */
const KEPT = 4

/** Stop rules for the models in use: what is worked out of a model's mistakes is worked out once. */
export class RuleBook {
  readonly #kept = new Map<string, Rules>()

  rules(info: ModelInfo | null, rig: RigSettings): Rules {
    const images = imageKind(rig)
    const key = info === null ? '' : `${info.name} ${info.version} ${info.sha256} ${images}`
    const rules = this.#kept.get(key) ?? new Rules({ info, images })
    this.#kept.delete(key)
    this.#kept.set(key, rules)
    if (this.#kept.size > KEPT) this.#kept.delete([...this.#kept.keys()][0])
    return rules
  }

  /** Rejects `invalid-input` where a rule could never be met with this model. */
  require(stopWhen: StopWhen, info: ModelInfo | null, rig: RigSettings): void {
    const rules = this.rules(info, rig)
    for (const rule of stopWhen.flat()) {
      const problem = rules.problem(rule)
      if (problem === null) continue
      throw new MedullaError(
        'invalid-input',
        `The scan cannot stop by ${rule.kind === 'assurance' ? 'that assurance' : 'that threshold'}: ${problem}`,
        {
          remedy: 'Stop at a number of cells or after a time instead, or use a model that was tried on such images.',
        },
      )
    }
  }
}

/** Whether a finished run may be continued by another rule: not where nothing is left to scan. */
export function mayContinue(stopped: StopReason | null): boolean {
  return stopped !== 'region'
}
