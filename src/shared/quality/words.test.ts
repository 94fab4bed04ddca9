import { expect, it } from 'vitest'
import type { LeftOut, RunFlag } from '../contract/quality.ts'
import { flagWord, leftOutAdvice, leftOutCounts } from './words.ts'

const flags = (...kinds: RunFlag['kind'][]): RunFlag[] => kinds.map((kind) => ({ kind, field: 3, words: '' }))

it('what changed in a run is said in a few words', () => {
  expect(flagWord(flags('light-colour'))).toBe('light drifts')
  expect(flagWord(flags('stain-film', 'light'))).toBe('light and stain drift')
  expect(flagWord(flags('slip'))).toBe('slide slipped')
  expect(flagWord(flags('light', 'slip'))).toBe('slide slipped, light drifts')
  expect(flagWord(flags('slip', 'misfit'))).toBe('fields do not fit, slide slipped')
})

it('fields left out are counted by their reason, and advice is given where the reason does not say what to do', () => {
  const out = (reason: LeftOut['reason']) => ({ leftOut: { reason, words: '', reader: null } })
  const [counting, blurred, unclear] = [{ leftOut: null }, out('focus'), out('stitch')]
  expect(leftOutCounts([counting, blurred, unclear, unclear])).toBe('2 place unclear, 1 focus')
  expect(leftOutAdvice([counting, blurred])).toBeNull()
  expect(leftOutAdvice([counting, unclear])).toMatch(/^Place unclear: .* Look at the seams/)
})
