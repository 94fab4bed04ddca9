import { expect, it } from 'vitest'
import { placedWords, seamState, seamWords } from './stitch-words.ts'

const offset = { xPx: 1700, yPx: 3 }

it('a seam says its score, how far it is off, or that there is nothing to go by', () => {
  expect(seamWords({ offset, score: 0.973 }, 0.7)).toBe('0.97')
  expect(seamWords({ offset, score: 0.973 }, 12.3)).toBe('0.97, 12 px off')
  expect(seamWords({ offset: null, score: 0.1 }, null)).toBe('nothing in common')
  expect([seamState({ offset }, 2), seamState({ offset }, 2.1), seamState({ offset: null }, null)]).toEqual([
    'held',
    'off',
    'silent',
  ])
})

it('a field says by whom it was placed', () => {
  expect(placedWords(null)).toBeNull()
  expect(placedWords({ compared: 0, matched: 0, score: null })).toMatch(/first/)
  expect(placedWords({ compared: 3, matched: 0, score: null })).toMatch(/stage alone/)
  expect(placedWords({ compared: 3, matched: 2, score: 0.914 })).toBe('placed by 2 of 3 neighbours, stitch score 0.91')
  expect(placedWords({ compared: 1, matched: 1, score: 0.5 })).toBe('placed by 1 neighbour, stitch score 0.50')
})
