import { InvalidArgumentError } from 'commander'
import { type StopRule, type StopWhen, stopRule } from '../../shared/contract/stopping.ts'
import { type ClassCode, isClassCode, TAXONOMY } from '../../shared/taxonomy.ts'

/** Help for `--until`. */
export const UNTIL_HELP =
  'stop when this is met; parts are joined by " and ", given again it is another end: "500 cells", "BLA clear of 5%", "BLA+LYI clear of 20%", "FGC at most 0.1%", "30 min"'

/** One more alternative of `--until`. */
export function collectUntil(text: string, before: StopWhen = []): StopWhen {
  return [...before, text.split(/\s+and\s+/i).map(ruleOf)]
}

const FORMS: readonly (readonly [RegExp, (parts: readonly string[]) => StopRule])[] = [
  [/^([\d,]+) ?cells?$/i, ([cells]) => ({ kind: 'cells', cells: Number(cells.replaceAll(',', '')) })],
  [/^([\d.]+) ?(?:min|minutes?)$/i, ([minutes]) => ({ kind: 'time', minutes: Number(minutes) })],
  [/^([\d.]+) ?(?:h|hours?)$/i, ([hours]) => ({ kind: 'time', minutes: 60 * Number(hours) })],
  [
    /^(.+?) clear of ([\d.]+) ?%$/i,
    ([classes, percent]) => ({
      kind: 'separation',
      classes: classes.split('+').map((name) => classOf(name.trim())),
      percent: Number(percent),
    }),
  ],
  [
    /^(.+?) at most ([\d.]+) ?%$/i,
    ([name, percent]) => ({ kind: 'assurance', class: classOf(name.trim()), percent: Number(percent) }),
  ],
]

function ruleOf(text: string): StopRule {
  for (const [form, make] of FORMS) {
    const parts = form.exec(text.trim())
    if (!parts) continue
    const { success, data, error } = stopRule.safeParse(make(parts.slice(1)))
    if (success) return data
    const issue = error.issues[0]
    throw new InvalidArgumentError(`"${text}": ${issue.path.join('.')} ${issue.message}.`)
  }
  throw new InvalidArgumentError(
    `"${text}" is none of "500 cells", "BLA clear of 5%", "FGC at most 0.1%", "30 min", or several joined by " and ".`,
  )
}

/** A class by its code or its name, in the singular or plural. */
export function classOf(text: string): ClassCode {
  const code = text.toUpperCase()
  if (isClassCode(code)) return code
  const named = TAXONOMY.find(({ name }) =>
    [name, `${name}s`].some((each) => each.toLowerCase() === text.toLowerCase()),
  )
  if (named) return named.code
  throw new InvalidArgumentError(
    `There is no class "${text}"; codes are ${TAXONOMY.map((entry) => entry.code).join(' ')}.`,
  )
}
