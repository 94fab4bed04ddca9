import { afterAll, beforeAll, expect, test } from 'vitest'
import { CASE, newField, newRun } from '../../../test/support/casebook-rows.ts'
import { temporaryFolder } from '../../../test/support/data-folder.ts'
import type { Casebook } from '../casebook/casebook.ts'
import { openCasebook } from '../casebook/open-casebook.ts'
import { ByteCache } from '../slide/byte-cache.ts'
import type { FieldPicture } from '../slide/slide.ts'
import { FieldsTold } from './fields-told.ts'

const folder = temporaryFolder()
let casebook: Casebook
let caseId: number
beforeAll(() => {
  casebook = openCasebook(folder)
  caseId = casebook.createCase(CASE).caseId
})
afterAll(() => casebook.close())

const none = () => undefined
const aRun = () => casebook.createRun(newRun(caseId)).runId
const commit = (runId: number, from: number, to: number) => {
  for (let index = from; index <= to; index++) casebook.commitField(newField(runId, index, 2))
}

/** A reader as the window is one: what is told is taken where nothing before it is missing, else the bench is asked. */
function reader(runId: number) {
  let revision = 0
  let asked = 0
  const seen = new Map<number, number>()
  return {
    take({ after, changed }: ReturnType<FieldsTold['next']>) {
      const missing = after > revision
      if (missing) asked++
      for (const field of missing ? casebook.fields(runId, revision) : changed) {
        seen.set(field.index, field.revision)
        revision = Math.max(revision, field.revision)
      }
    },
    get asked() {
      return asked
    },
    seen: () => [...seen].sort(([a], [b]) => a - b),
  }
}
const there = (runId: number) => casebook.fields(runId).map(({ index, revision }) => [index, revision])

test('of a run without fields the first is told, then each as it comes, and nothing twice', () => {
  const runId = aRun()
  const fields = new FieldsTold(runId, casebook, none)
  expect(fields.next()).toEqual({ after: 0, changed: [], pictures: [] })
  commit(runId, 0, 0)
  const first = fields.next()
  expect(first).toEqual({ after: 0, changed: casebook.fields(runId), pictures: [] })
  expect(fields.next()).toEqual({ after: first.changed[0].revision, changed: [], pictures: [] })
  commit(runId, 1, 2)
  expect(fields.next().changed.map(({ index }) => index)).toEqual([1, 2])
})

test('of a run that has fields already the first event tells none, but that there are some', () => {
  const runId = aRun()
  commit(runId, 0, 3)
  const newest = casebook.fieldsRevision(runId)
  expect(newest).toBe(casebook.fields(runId).at(-1)!.revision)
  const fields = new FieldsTold(runId, casebook, none)
  expect(fields.next()).toEqual({ after: newest, changed: [], pictures: [] })
  casebook.leaveOutFields(runId, [2], 'Ada', 'a fold')
  const { after, changed } = fields.next()
  expect(after).toBe(newest)
  expect(changed.map(({ index, leftOut }) => [index, leftOut?.reader])).toEqual([[2, 'Ada']])
})

test('the picture of a field goes with what first tells of it, once to each reader', () => {
  const runId = aRun()
  const fresh = new ByteCache<FieldPicture>(20)
  const readers = [1, 2].map(() => new FieldsTold(runId, casebook, (field) => fresh.get(String(field))))
  const told = () => readers.map((one) => one.next().pictures.map(({ index }) => index))
  const picture = (index: number) => ({ jpeg: Buffer.from(`picture ${index}`), widthPx: 256, heightPx: 192 - index })
  told()
  commit(runId, 0, 0)
  fresh.set('0', picture(0), 10)
  const [first] = readers[0].next().pictures
  expect(first).toEqual({ index: 0, widthPx: 256, heightPx: 192, jpeg: Buffer.from('picture 0').toString('base64') })
  expect(told()).toEqual([[], [0]])
  commit(runId, 1, 2)
  for (const index of [1, 2]) fresh.set(String(index), picture(index), 10)
  expect(told()).toEqual([
    [1, 2],
    [1, 2],
  ])
  // That it does not count any more changes nothing of what it looks like.
  casebook.leaveOutFields(runId, [2], 'Ada', 'a fold')
  expect(told()).toEqual([[], []])
})

test('who takes what is told, and asks where something is missing, has every field as it is', () => {
  const runId = aRun()
  commit(runId, 0, 4)
  const fields = new FieldsTold(runId, casebook, none)
  const window = reader(runId)
  const steps: (() => void)[] = [
    () => undefined,
    () => commit(runId, 5, 5),
    () => commit(runId, 6, 13),
    () => expect(window.asked).toBe(1),
    // More than are told at once.
    () => commit(runId, 14, 30),
    () => commit(runId, 31, 31),
    () => expect(window.asked).toBe(2),
  ]
  for (const step of steps) {
    step()
    window.take(fields.next())
    expect(window.seen()).toEqual(there(runId))
  }
  // One that lost the connection reads another stream, and missed what came meanwhile.
  commit(runId, 32, 33)
  const again = new FieldsTold(runId, casebook, none)
  window.take(again.next())
  expect(window.asked).toBe(3)
  expect(window.seen()).toEqual(there(runId))
})
