import path from 'node:path'
import { expect, test } from 'vitest'
import { defaultDataFolder } from './data-folder.ts'

const CASES: readonly (readonly [string, NodeJS.Platform, NodeJS.ProcessEnv, string])[] = [
  ['Linux', 'linux', {}, '/home/a/.local/share/Medulla'],
  ['Linux with XDG_DATA_HOME', 'linux', { XDG_DATA_HOME: '/big/share' }, '/big/share/Medulla'],
  ['Linux with a relative XDG_DATA_HOME', 'linux', { XDG_DATA_HOME: 'share' }, '/home/a/.local/share/Medulla'],
  ['macOS', 'darwin', {}, '/home/a/Library/Application Support/Medulla'],
  ['Windows', 'win32', { LOCALAPPDATA: '/local' }, '/local/Medulla'],
  ['MEDULLA_DATA', 'linux', { MEDULLA_DATA: '/named', XDG_DATA_HOME: '/big/share' }, '/named'],
]

test.each(CASES)('%s', (_name, platform, environment, folder) => {
  expect(defaultDataFolder(platform, environment, '/home/a')).toBe(path.resolve(folder))
})
