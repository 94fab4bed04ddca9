import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { CASE, newCell, newField, newRun } from '../../../test/support/casebook-rows.ts'
import { mountVolume, unwritableFolder } from '../../../test/support/volume.ts'
import { MedullaError } from '../../shared/errors.ts'
import { openCasebook } from './open-casebook.ts'

let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'medulla-casebook-'))
  path = join(folder, 'casebook.sqlite')
})
afterEach(() => rmSync(folder, { recursive: true }))

const hash = () => createHash('sha256').update(readFileSync(path)).digest('hex')

/** The error's code; the error has to say what to do. */
function codeOf(work: () => unknown): string | null {
  try {
    work()
    return null
  } catch (error) {
    if (!(error instanceof MedullaError)) throw error
    expect(error.detail.remedy).toMatch(/\.$/)
    return error.code
  }
}

function filled(cells = 40): void {
  const casebook = openCasebook(folder)
  const { runId } = casebook.createRun(newRun(casebook.createCase(CASE).caseId))
  for (let index = 0; index < 10; index++) casebook.commitField(newField(runId, index, cells))
  casebook.close()
}

describe('opening', () => {
  test('a casebook of a newer version leaves it as it is', () => {
    filled()
    const database = new Database(path)
    database.pragma('user_version = 2000')
    database.close()
    const before = hash()
    expect(codeOf(() => openCasebook(folder))).toBe('casebook-newer')
    expect(hash()).toBe(before)
    expect(readdirSync(folder)).toEqual(['casebook.sqlite'])
  })

  test.each([
    ['text', Buffer.from('these are not the bytes of a database\n'.repeat(400))],
    ['a truncated header', Buffer.from('SQLite format 3\0')],
  ])('%s is a damaged casebook', (_what, bytes) => {
    writeFileSync(path, bytes)
    const before = hash()
    expect(codeOf(() => openCasebook(folder))).toBe('casebook-damaged')
    expect(hash()).toBe(before)
  })

  test('a database of another program is left alone', () => {
    const database = new Database(path)
    database.exec('CREATE TABLE album (id INTEGER PRIMARY KEY)')
    database.close()
    const before = hash()
    expect(codeOf(() => openCasebook(folder))).toBe('casebook-damaged')
    expect(hash()).toBe(before)
  })

  test('finds pages overwritten in the middle', () => {
    filled()
    const bytes = readFileSync(path)
    for (let page = 10; page < bytes.length / 4096; page += 3) bytes.fill(0x5a, page * 4096, page * 4096 + 2048)
    writeFileSync(path, bytes)
    expect(codeOf(() => openCasebook(folder))).toBe('casebook-damaged')
  })

  test('finds a casebook cut short', () => {
    filled()
    writeFileSync(path, readFileSync(path).subarray(0, 40 * 4096))
    expect(codeOf(() => openCasebook(folder))).toBe('casebook-damaged')
  })

  test('waits for another program, then says that it is locked', () => {
    filled()
    const other = new Database(path)
    other.pragma('locking_mode = EXCLUSIVE')
    other.exec('BEGIN EXCLUSIVE')
    expect(codeOf(() => openCasebook(folder, { busyTimeoutMs: 50 }))).toBe('casebook-locked')
    other.close()
    openCasebook(folder).close()
  })

  test('a folder that cannot be written', (context) => {
    const closed = unwritableFolder()
    if (typeof closed === 'string') return context.skip(closed)
    try {
      expect(codeOf(() => openCasebook(closed.path))).toBe('data-unwritable')
      expect(codeOf(() => openCasebook(join(closed.path, 'new')))).toBe('data-unwritable')
    } finally {
      closed.remove()
    }
  })
})

describe('writing', () => {
  test('while another program writes is refused, and nothing of it stays', () => {
    filled()
    const casebook = openCasebook(folder, { busyTimeoutMs: 50 })
    const other = new Database(path)
    other.exec('BEGIN IMMEDIATE')
    expect(codeOf(() => casebook.commitField(newField(1, 10, 5)))).toBe('casebook-locked')
    expect(codeOf(() => casebook.relabel([1], 'BLA', 'Ada', null))).toBe('casebook-locked')
    other.exec('ROLLBACK')
    other.close()
    expect(casebook.fields(1)).toHaveLength(10)
    casebook.commitField(newField(1, 10, 5))
    expect(casebook.check()).toEqual([])
    casebook.close()
  })

  test('to a full disk keeps what was there, and goes on once there is room', (context) => {
    const volume = mountVolume(2048)
    if (typeof volume === 'string') return context.skip(volume)
    try {
      const ballast = join(volume.path, 'ballast')
      writeFileSync(ballast, Buffer.alloc(400 * 1024))
      const casebook = openCasebook(volume.path)
      const { runId } = casebook.createRun(newRun(casebook.createCase(CASE).caseId))
      const cells = Array.from({ length: 20 }, (_, i) => ({ ...newCell(i), cropJpeg: new Uint8Array(6000).fill(i) }))
      let committed = 0
      const failed = codeOf(() => {
        for (; committed < 50; committed++) casebook.commitField(newField(runId, committed, cells))
      })
      expect(failed).toBe('disk-full')
      expect(committed).toBeGreaterThan(0)
      expect(casebook.fields(runId)).toHaveLength(committed)
      expect(casebook.cells(runId)).toHaveLength(20 * committed)
      rmSync(ballast)
      casebook.commitField(newField(runId, committed, cells))
      expect(casebook.fields(runId)).toHaveLength(committed + 1)
      expect(casebook.check()).toEqual([])
      casebook.close()
    } finally {
      volume.remove()
    }
  })
})
