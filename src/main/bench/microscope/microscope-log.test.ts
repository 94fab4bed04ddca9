import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { temporaryFolder } from '../../../../test/support/data-folder.ts'
import { MicroscopeLog } from './microscope-log.ts'

const messages = (log: MicroscopeLog) => log.lines.map(({ message }) => message)

it('is there again after a restart, the newest last', () => {
  const folder = temporaryFolder()
  const log = new MicroscopeLog(folder)
  log.say('connected', 'Stand 2')
  log.say('moved', 'At x 1.000 mm')
  expect(messages(new MicroscopeLog(folder))).toEqual(['Stand 2', 'At x 1.000 mm'])
})

it('goes on after a line that was torn', () => {
  const folder = temporaryFolder()
  new MicroscopeLog(folder).say('moved', 'whole')
  appendFileSync(join(folder, 'microscope.log'), '{"at":"2026-11-26T10:00:00.000Z","ki')
  const log = new MicroscopeLog(folder)
  log.say('halted', 'after it')
  expect(messages(log)).toEqual(['whole', 'after it'])
  expect(messages(new MicroscopeLog(folder))).toEqual(['whole', 'after it'])
})

it('keeps no more than its bound, and shows fewer', () => {
  const folder = temporaryFolder()
  const file = join(folder, 'microscope.log')
  const line = (i: number) => JSON.stringify({ at: '2026-11-26T10:00:00.000Z', kind: 'moved', message: `move ${i}` })
  writeFileSync(file, Array.from({ length: 7000 }, (_, i) => `${line(i)}\n`).join(''))
  const log = new MicroscopeLog(folder)
  expect(log.lines).toHaveLength(80)
  expect(messages(log).at(-1)).toBe('move 6999')
  const kept = readFileSync(file, 'utf8').trimEnd().split('\n')
  expect(kept).toHaveLength(5000)
  expect(kept[0]).toBe(line(2000))
})

it('shows what it cannot keep', () => {
  const log = new MicroscopeLog(join(temporaryFolder(), 'not', 'there'))
  log.say('problem', 'The disk is full')
  expect(messages(log)).toEqual(['The disk is full'])
})
