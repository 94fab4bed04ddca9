import { describe, expect, it } from 'vitest'
import { TAXONOMY } from '../../shared/taxonomy.ts'
import { COMMANDS, chord, classForKey, commandFor } from './keys.ts'

const press = (key: string, held: Partial<Record<'ctrlKey' | 'metaKey' | 'shiftKey' | 'altKey', boolean>> = {}) => ({
  key,
  ctrlKey: false,
  metaKey: false,
  shiftKey: false,
  altKey: false,
  ...held,
})

describe('keys', () => {
  it('mean one thing each: no command takes a class letter, no two commands share a chord', () => {
    const all = [...TAXONOMY.map((entry) => entry.key), ...COMMANDS.flatMap((command) => command.chords)]
    expect(all.filter((key, index) => all.indexOf(key) !== index)).toEqual([])
  })

  it('label with bare letters only', () => {
    expect(classForKey(press('b'))).toBe('BLA')
    expect(classForKey(press('B'))).toBe('BLA')
    expect(classForKey(press('b', { ctrlKey: true }))).toBeNull()
    expect(classForKey(press('B', { shiftKey: true }))).toBeNull()
    for (const entry of TAXONOMY) expect(classForKey(press(entry.key))).toBe(entry.code)
  })

  it('find their commands on any keyboard that makes the character', () => {
    expect(commandFor(press('?', { shiftKey: true }))).toBe('shortcuts')
    expect(commandFor(press('+', { shiftKey: true }))).toBe('zoom-in')
    expect(commandFor(press('z', { ctrlKey: true }))).toBe('undo')
    expect(commandFor(press('z', { metaKey: true }))).toBe('undo')
    expect(commandFor(press('z'))).toBe('follow')
    expect(commandFor(press('Enter', { ctrlKey: true }))).toBe('new-scan')
    expect(commandFor(press('L', { ctrlKey: true, shiftKey: true }))).toBe('theme')
    expect(commandFor(press('l', { ctrlKey: true }))).toBeNull()
  })

  it('are written one way', () => {
    for (const command of COMMANDS) for (const written of command.chords) expect(written).toBe(written.toLowerCase())
    expect(chord(press('Home', { shiftKey: true }))).toBe('shift+home')
  })
})
