import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startChild } from '../../../test/support/child.ts'
import { acquireBenchLock } from './bench-lock.ts'

const holder = new URL('../../../test/support/hold-bench-lock.ts', import.meta.url)

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'medulla-lock-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

test('only one holds it, in one process too, and it can be taken again once released', () => {
  const lock = acquireBenchLock(folder)
  expect(() => acquireBenchLock(folder)).toThrowError(
    expect.objectContaining({
      code: 'run-active',
      detail: expect.objectContaining({ remedy: expect.stringMatching(/stop it/) }),
    }),
  )
  lock.release()
  acquireBenchLock(folder).release()
})

test('another process keeps it until it is killed, and leaves nothing behind', async () => {
  const child = startChild(holder, [folder])
  await child.line('held')
  expect(() => acquireBenchLock(folder)).toThrowError(expect.objectContaining({ code: 'run-active' }))
  await child.kill()
  acquireBenchLock(folder).release()
})

test('the data folder is made where it is not there', () => {
  acquireBenchLock(join(folder, 'not', 'there', 'yet')).release()
})
