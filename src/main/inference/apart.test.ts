import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, it } from 'vitest'
import { projectRoot } from '../worker-file.ts'
import { askApart } from './apart.ts'

const CHILD = pathToFileURL(join(projectRoot(), 'test/fixtures/apart/child.ts'))
const ask = (kind: string, timeoutMs = 60_000, entry = CHILD) =>
  askApart(entry, { kind, bytes: new Uint8Array(5) }, timeoutMs)

it('brings the answer, and ends the process', async () => {
  expect(await ask('echo')).toEqual({ kind: 'answered', answer: 5 })
})

it('tells how a process ended that did not answer', async () => {
  expect(await ask('crash')).toMatchObject({ kind: 'silent', reason: expect.stringContaining('SIGSEGV') })
  expect(await ask('leave')).toMatchObject({ kind: 'silent', reason: expect.stringContaining('exit code 3') })
  const nowhere = pathToFileURL(join(projectRoot(), 'test/fixtures/apart/nowhere.ts'))
  expect(await ask('echo', 60_000, nowhere)).toMatchObject({
    kind: 'silent',
    reason: expect.stringContaining('exit code'),
  })
})

it('does not wait for ever', async () => {
  expect(await ask('never', 2000)).toEqual({ kind: 'silent', reason: 'no answer in 2 s' })
})
