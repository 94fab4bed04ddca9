import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { readWindowState, writeWindowState } from './window-state.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'window-'))
const file = path.join(folder, 'state.json')
afterAll(() => rmSync(folder, { recursive: true }))

const SCREEN = { x: 0, y: 0, width: 1920, height: 1080 }
const UNKNOWN = { bounds: null, maximized: false }

test('a window comes back where it was', () => {
  const state = { bounds: { x: 100, y: 50, width: 1200, height: 800 }, maximized: true }
  writeWindowState(file, state)
  expect(readWindowState(file, [SCREEN])).toEqual(state)
})

test('a window whose screen is gone opens at the default place', () => {
  writeWindowState(file, { bounds: { x: 1900, y: 50, width: 1200, height: 800 }, maximized: false })
  expect(readWindowState(file, [SCREEN])).toEqual(UNKNOWN)
  expect(readWindowState(file, [SCREEN, { ...SCREEN, x: 1920 }]).bounds).not.toBeNull()
})

test.each(['', '{', 'null', '{"bounds":null}', '{"bounds":{"x":"1"}}', '[]'])(
  'a file that holds %j is no state',
  (text) => {
    writeFileSync(file, text)
    expect(readWindowState(file, [SCREEN])).toEqual(UNKNOWN)
  },
)

test('no file is no state', () => {
  expect(readWindowState(path.join(folder, 'none.json'), [SCREEN])).toEqual(UNKNOWN)
})
