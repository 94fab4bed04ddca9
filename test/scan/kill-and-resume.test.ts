import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { afterAll, describe, expect, it } from 'vitest'
import type { Cell } from '../../src/shared/contract/cells.ts'
import { medulla, startMedulla } from '../support/medulla.ts'

/** Kills of one scan; the suite does a few, MEDULLA_KILLS=25 the whole number. */
const KILLS = Number(process.env.MEDULLA_KILLS ?? 4)
const CELLS = String(Math.max(200, KILLS * 40))
const SCAN = [
  'scan',
  '--rig',
  'simulated',
  '--profile',
  'normal',
  '--seed',
  '7',
  '--stage',
  'worn',
  '--cells',
  CELLS,
  '--time-scale',
  '10',
]

const folders: string[] = []
function dataFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'medulla-kill-'))
  folders.push(folder)
  return folder
}
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

/** A small generator with a fixed seed, so that a failing moment can be tried again. */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}

async function cellsOf(folder: string): Promise<unknown[]> {
  const { json } = await medulla(['cells', '1', '--data', folder])
  // Ids and revisions number the rows as they came; everything else must agree to the last digit.
  return (json as { cells: Cell[] }).cells.map(({ id: _id, revision: _revision, ...cell }) => cell)
}

function filesIn(folder: string): string[] {
  const slides = join(folder, 'slides')
  return readdirSync(slides, { recursive: true, encoding: 'utf8' }).sort()
}

describe(`a scan killed ${KILLS} times`, () => {
  it('ends with the cells and kept fields of one that was left in peace', {
    timeout: 300_000 + KILLS * 60_000,
  }, async () => {
    const quiet = dataFolder()
    const reference = await medulla([...SCAN, '--data', quiet])
    expect(reference.exitCode, reference.stderr).toBe(0)

    const killed = dataFolder()
    const random = randomFrom(20261123)
    let kills = 0
    let done = false
    const report: string[] = []
    // A kill may come after the end was recorded: then there is nothing to resume.
    while (kills < KILLS && !done && !isFinished(killed)) {
      const args = existsSync(join(killed, 'casebook.sqlite')) && hasRun(killed) ? ['resume', '1'] : SCAN
      const running = startMedulla([...args, '--data', killed])
      const outcome = await Promise.race([running.ended, nextMoment(killed, random).then(() => null)])
      if (outcome) {
        expect(outcome.exitCode, outcome.stderr).toBe(0)
        done = true
        break
      }
      running.process.kill('SIGKILL')
      await running.ended
      kills++
      report.push(`${kills}: ${fieldsIn(killed)} fields`)
    }
    if (!done && !isFinished(killed)) {
      const last = await medulla([...(hasRun(killed) ? ['resume', '1'] : SCAN), '--data', killed])
      expect(last.exitCode, last.stderr).toBe(0)
    }
    console.log(`killed ${kills} times of ${KILLS} (${report.join(', ')})`)
    expect(kills).toBeGreaterThan(0)

    const database = new Database(join(killed, 'casebook.sqlite'), { readonly: true })
    expect(database.pragma('integrity_check', { simple: true })).toBe('ok')
    expect(database.pragma('foreign_key_check')).toEqual([])
    database.close()
    const expected = await cellsOf(quiet)
    const found = await cellsOf(killed)
    expect(found.length).toBe(expected.length)
    expect(found).toEqual(expected)
    expect(filesIn(killed)).toEqual(filesIn(quiet))
  })
})

/**
 * A random moment to kill at: every third time anywhere in the first seconds (opening, focusing), else some fields later and up to
 * a field's time after that.
 */
async function nextMoment(folder: string, random: () => number): Promise<void> {
  const before = fieldsIn(folder)
  const more = before === 0 || random() > 1 / 3 ? 1 + Math.floor(random() * 2) : 0
  if (more === 0) return sleep(200 + random() * 2500)
  const deadline = Date.now() + 60_000
  while (fieldsIn(folder) < before + more && Date.now() < deadline) await sleep(40)
  return sleep(random() * 400)
}

function hasRun(folder: string): boolean {
  return rows(folder, 'SELECT count(*) FROM run') > 0
}

function isFinished(folder: string): boolean {
  return rows(folder, "SELECT count(*) FROM run WHERE state = 'finished'") > 0
}

function fieldsIn(folder: string): number {
  return rows(folder, 'SELECT count(*) FROM field')
}

function rows(folder: string, sql: string): number {
  try {
    const database = new Database(join(folder, 'casebook.sqlite'), { readonly: true })
    try {
      return database.prepare(sql).pluck().get() as number
    } finally {
      database.close()
    }
  } catch {
    // Killed before the casebook was made.
    return 0
  }
}
