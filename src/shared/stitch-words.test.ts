import { expect, it } from 'vitest'
import { placedWords, seamState, seamWords } from './stitch-words.ts'

const offset = { xPx: 1700, yPx: 3 }

const matched = { offset, score: 0.973, unlike: false }
const silent = { offset: null, score: 0.1, unlike: false }
const unlike = { ...silent, unlike: true }

it('a seam says its score, how far it is off, that the two are different, or that there is nothing to go by', () => {
  expect(seamWords(matched, 0.7)).toBe('0.97')
  expect(seamWords(matched, 12.3)).toBe('0.97, 12 px off')
  expect(seamWords(unlike, null)).toBe('0.10, different things')
  expect(seamWords(silent, null)).toBe('nothing in common')
  expect(seamState(matched, 2)).toBe('held')
  expect(seamState(matched, 2.1)).toBe('off')
  expect(seamState(unlike, null)).toBe('unlike')
  expect(seamState(silent, null)).toBe('silent')
})

it('a field says by whom it was placed', () => {
  expect(placedWords(null)).toBeNull()
  expect(placedWords({ compared: 0, matched: 0, score: null })).toMatch(/first/)
  expect(placedWords({ compared: 3, matched: 0, score: null })).toMatch(/stage alone/)
  expect(placedWords({ compared: 3, matched: 2, score: 0.914 })).toBe('placed by 2 of 3 neighbours, stitch score 0.91')
  expect(placedWords({ compared: 1, matched: 1, score: 0.5 })).toBe('placed by 1 neighbour, stitch score 0.50')
})
