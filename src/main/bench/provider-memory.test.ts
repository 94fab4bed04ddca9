import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { temporaryFolder } from '../../../test/support/data-folder.ts'
import { ProviderMemory } from './provider-memory.ts'

const CHOSEN = { provider: 'cpu', passedOver: [{ provider: 'cuda', reason: 'no driver' }] } as const
const DAY_MS = 24 * 3600 * 1000

it('remembers by graph, for a week', async () => {
  const memory = new ProviderMemory(temporaryFolder())
  expect(await memory.recall('aa', 0)).toBeNull()
  await memory.keep('aa', CHOSEN, 0)
  await memory.keep('bb', { provider: 'webgpu', passedOver: [] }, DAY_MS)
  expect(await memory.recall('aa', 6 * DAY_MS)).toMatchObject(CHOSEN)
  expect(await memory.recall('aa', 7 * DAY_MS)).toBeNull()
  expect(await memory.recall('bb', 7 * DAY_MS)).toMatchObject({ provider: 'webgpu' })
})

it('forgets what another runtime came to, and what cannot be read', async () => {
  const folder = temporaryFolder()
  const memory = new ProviderMemory(folder)
  const file = join(folder, 'providers.json')
  await memory.keep('aa', CHOSEN, 0)
  writeFileSync(file, readFileSync(file, 'utf8').replace('onnxruntime ', 'onnxruntime 9.'))
  expect(await memory.recall('aa', 1)).toBeNull()
  writeFileSync(file, '{')
  expect(await memory.recall('aa', 1)).toBeNull()
  await memory.keep('aa', CHOSEN, 2)
  expect(await memory.recall('aa', 3)).toMatchObject(CHOSEN)
})
