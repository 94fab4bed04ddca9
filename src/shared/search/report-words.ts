import type { SearchReport } from '../contract/search.ts'
import { percentWords, thousands } from '../stopping/words.ts'
import { cellClass } from '../taxonomy.ts'

/** What a search comes to, in a sentence or two. */
export function reportWords(report: SearchReport): string {
  return `${comesTo(report)}${leftOutWords(report.leftOut)}`
}

function comesTo(report: SearchReport): string {
  const { state, counted, candidates, toLookAt, found } = report
  const name = cellClass(report.class).name.toLowerCase()
  const one = `${/^[aeiou]/.test(name) ? 'an' : 'a'} ${name}`
  const among = `${thousands(counted)} counted ${counted === 1 ? 'cell' : 'cells'}`
  switch (state) {
    case 'found':
      return `${thousands(found)} ${found === 1 ? name : `${name}s`} found among ${among}${missedWords(report)}.${pendingWords(toLookAt)}`
    case 'pending':
      return `${thousands(toLookAt)} of ${candidateWords(candidates.length)} to be looked at among ${among}. If none is ${one}: ${assuranceWords(report)}.`
    case 'reviewed':
      return `Reviewed: none of ${candidateWords(candidates.length)} among ${among} is ${one}: ${assuranceWords(report)}.`
    case 'none':
      return `No candidate for ${one} among ${among}: ${assuranceWords(report)}.`
  }
}

/** "at most 0.1 % at 95 %, given that the model finds 98 of 100 (at least 91 %)". */
function assuranceWords({ problem, atMost, recall, recallLow }: SearchReport): string {
  if (problem !== null || atMost === null || recall === null || recallLow === null)
    return `nothing can be assured. ${problem ?? ''}`.trim().replace(/\.$/, '')
  const most = atMost >= 100 ? 'nothing can be said yet' : `at most ${percentWords(atMost)} at 95 %`
  return `${most}, given that the model finds ${recall.hits} of ${recall.of} (at least ${(100 * recallLow).toFixed(0)} %)`
}

function missedWords({ recall }: SearchReport): string {
  return recall ? `; the model finds ${recall.hits} of ${recall.of}, there may be more` : ''
}

/** Counted in none of it: brought back with its field, such a cell is a candidate. */
function leftOutWords(leftOut: number): string {
  if (leftOut === 0) return ''
  return leftOut === 1
    ? ' 1 more lies in a field that is left out.'
    : ` ${thousands(leftOut)} more lie in fields that are left out.`
}

const candidateWords = (count: number): string => `${thousands(count)} ${count === 1 ? 'candidate' : 'candidates'}`
const pendingWords = (toLookAt: number): string => (toLookAt > 0 ? ` ${candidateWords(toLookAt)} to be looked at.` : '')
