import type { RuleStanding, StopRule, StopWhen } from '../contract/stopping.ts'
import { decimalsFor } from '../differential/decimals.ts'
import { type ClassCode, cellClass } from '../taxonomy.ts'

/** "blasts", "blasts + immature lymphocytes". */
export function groupWords(classes: readonly ClassCode[]): string {
  return classes.map((code) => `${cellClass(code).name.toLowerCase()}s`).join(' + ')
}

/** 1234 -> "1,234". */
export const thousands = (value: number): string => value.toLocaleString('en')

/** "0.1 %", with three digits at most. */
export const percentWords = (percent: number): string => `${Number(percent.toPrecision(3))} %`

/** What a rule asks for: "500 cells", "blasts clear of 5 %". */
export function ruleWords(rule: StopRule): string {
  switch (rule.kind) {
    case 'cells':
      return cellsWords(rule.cells)
    case 'separation':
      return `${groupWords(rule.classes)} clear of ${percentWords(rule.percent)}`
    case 'assurance':
      return `cells enough for ${groupWords([rule.class])} at most ${percentWords(rule.percent)}`
    case 'time':
      return `${thousands(Number(rule.minutes.toPrecision(3)))} min`
  }
}

/** "500 cells, or blasts clear of 5 % and 200 cells"; without a rule "the whole area". */
export function stopWhenWords(stopWhen: StopWhen): string {
  return stopWhen.length === 0
    ? 'the whole area'
    : stopWhen.map((rules) => rules.map(ruleWords).join(' and ')).join(', or ')
}

/** Where a rule stands: "blasts 3.8 % (1.9-6.6), about 240 more cells (100-900) to separate from 5 %". */
export function standingWords(standing: RuleStanding): string {
  const { rule, problem } = standing
  if (problem !== null) return problem
  switch (rule.kind) {
    case 'cells':
      return standing.met ? `${cellsWords(rule.cells)} counted` : `${moreCells(standing)} to count`
    case 'time':
      return standing.met
        ? `${ruleWords(rule)} over`
        : `${minutesWords(standing.secondsNeeded ?? 0)} more of ${ruleWords(rule)}`
    case 'assurance':
      return assuranceWords(standing, rule)
    case 'separation':
      return separationWords(standing, rule)
  }
}

function separationWords(
  { share, cellsNeeded, cellsNeededLow, cellsNeededHigh }: RuleStanding,
  rule: Extract<StopRule, { kind: 'separation' }>,
): string {
  const name = groupWords(rule.classes)
  const threshold = percentWords(rule.percent)
  if (share === null) return `${name}: no cell counted yet`
  const decimals = decimalsFor(share.low, share.high)
  const [percent, low, high] = [share.percent, share.low, share.high].map((value) => value.toFixed(decimals))
  const measured = `${name} ${percent} % (${low}-${high})`
  if (share.side !== null) return `${measured}, ${share.side} ${threshold}`
  if (cellsNeeded !== null) {
    const most =
      cellsNeededHigh === null ? 'or many more' : `${thousands(cellsNeededLow ?? 0)}-${thousands(cellsNeededHigh)}`
    return `${measured}, about ${thousands(cellsNeeded)} more cells (${most}) to separate from ${threshold}`
  }
  return `${measured}, not clear of ${threshold}: more cells alone may not tell, reading them does`
}

function assuranceWords(standing: RuleStanding, rule: Extract<StopRule, { kind: 'assurance' }>): string {
  const name = groupWords([rule.class])
  const { found, met } = standing
  if (found && found.cells > 0) return `${thousands(found.cells)} ${name} found, so nothing is to be assured`
  if (met) return `cells enough: if none is found, ${name} are at most ${percentWords(rule.percent)}`
  const now = found?.atMost == null ? '' : ` (${percentWords(found.atMost)} now)`
  return `${moreCells(standing)} to say, if none is found, that ${name} are at most ${percentWords(rule.percent)}${now}`
}

const cellsWords = (cells: number): string => `${thousands(cells)} ${cells === 1 ? 'cell' : 'cells'}`

function moreCells({ cellsNeeded }: RuleStanding): string {
  return cellsNeeded === null ? 'more cells' : `${thousands(cellsNeeded)} more cells`
}

function minutesWords(seconds: number): string {
  return seconds < 90 ? `${Math.ceil(seconds)} s` : `${Math.round(seconds / 60)} min`
}
