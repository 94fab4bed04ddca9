import { mkdirSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import path from 'node:path'
import { createORPCClient, ORPCError } from '@orpc/client'
import { RPCLink } from '@orpc/client/fetch'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type BrowserShell, serve } from '../../src/main/server.ts'
import type { BenchClient } from '../../src/shared/contract/index.ts'
import { temporaryFolder } from '../support/data-folder.ts'
import { ROOT } from '../support/medulla.ts'

const model = path.join(ROOT, 'test/fixtures/models/colour')
const rendererFolder = path.join(temporaryFolder(), 'renderer')
const dataFolder = temporaryFolder()
let shell: BrowserShell

beforeAll(async () => {
  mkdirSync(rendererFolder)
  writeFileSync(path.join(rendererFolder, 'index.html'), '<p>page</p>')
  shell = await serve({ dataFolder, model, rendererFolder })
})
afterAll(() => shell.close())

interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
}

/** A request with any header, also those `fetch` keeps for itself. */
function ask(address: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ port: shell.port, host: '127.0.0.1', path: address, method, headers }, (incoming) => {
      let body = ''
      incoming.setEncoding('utf8').on('data', (text: string) => {
        body += text
      })
      incoming.on('end', () => resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body }))
    })
    outgoing.on('error', reject).end()
  })
}

function clientWith(token: string): BenchClient {
  const url = `http://127.0.0.1:${shell.port}/rpc`
  return createORPCClient(new RPCLink({ url, headers: () => ({ authorization: `Bearer ${token}` }) }))
}

describe('who is let in', () => {
  test('nobody without the token', async () => {
    expect((await ask('/rpc/system/info', {}, 'POST')).status).toBe(401)
    expect((await ask('/rpc/system/info', { authorization: 'Bearer guess' }, 'POST')).status).toBe(401)
    for (const address of ['/tiles/1/9/0_0.jpg', '/crops/1.jpg', '/live.jpg', '/rpc']) {
      expect((await ask(address)).status, address).toBe(401)
    }
    expect((await ask('/session', {}, 'POST')).status).toBe(401)
  })

  test('nobody by another name, also with the token', async () => {
    const authorization = `Bearer ${shell.token}`
    expect((await ask('/live.jpg', { authorization, host: `evil.example:${shell.port}` })).status).toBe(403)
    expect((await ask('/', { host: 'evil.example' })).status).toBe(403)
    expect((await ask('/rpc/system/info', { authorization, origin: 'http://evil.example' }, 'POST')).status).toBe(403)
  })

  test('images with the cookie that the token buys', async () => {
    const { status, headers } = await ask('/session', { authorization: `Bearer ${shell.token}` }, 'POST')
    expect(status).toBe(204)
    const [cookie] = headers['set-cookie'] as string[]
    expect(cookie).toMatch(/; HttpOnly; SameSite=Strict$/)
    expect(cookie).not.toContain(shell.token)
    expect((await ask('/crops/1.jpg', { cookie: cookie.split(';')[0] })).status).toBe(404)
    expect((await ask('/rpc/system/info', { cookie: cookie.split(';')[0] }, 'POST')).status).toBe(401)
  })

  test('the page itself is open, with its policy, and names no token', async () => {
    const { status, headers, body } = await ask('/')
    expect(status).toBe(200)
    expect(headers['content-security-policy']).toContain("default-src 'none'")
    expect(body).not.toContain(shell.token)
  })

  test('the link carries the token where no server log sees it', () => {
    expect(shell.link).toBe(`http://127.0.0.1:${shell.port}/#token=${shell.token}`)
  })
})

describe('what is served', () => {
  test('procedures, with typed errors', async () => {
    const client = clientWith(shell.token)
    expect((await client.system.info()).dataFolder).toBe(dataFolder)
    const failed = await client.runs.get({ runId: 77 }).catch((error: unknown) => error)
    expect(failed).toBeInstanceOf(ORPCError)
    expect(failed).toMatchObject({ code: 'not-found', data: { remedy: expect.any(String) } })
  })

  test('a run from start to end: its events as they come, its cells, its tiles', async () => {
    const client = clientWith(shell.token)
    const { runId } = await client.runs.start({ rig: { kind: 'simulated', timeScale: 50 }, targetCells: 30 })
    const states: string[] = []
    for await (const event of await client.runs.events({ runId })) states.push(event.run.state)
    expect(states[0]).toBe('scanning')
    expect(states.at(-1)).toBe('finished')
    const { cells } = await client.cells.list({ runId })
    expect(cells.length).toBeGreaterThanOrEqual(30)
    const authorization = `Bearer ${shell.token}`
    const crop = await ask(`/crops/${cells[0].id}.jpg`, { authorization })
    expect(crop.status).toBe(200)
    expect(crop.headers['content-type']).toBe('image/jpeg')
    expect(crop.headers['x-content-type-options']).toBe('nosniff')
    const { levels, tileSizePx } = await client.slide.info({ runId })
    const x = Math.floor(cells[0].slideX / tileSizePx)
    const y = Math.floor(cells[0].slideY / tileSizePx)
    expect((await ask(`/tiles/${runId}/${levels - 1}/${x}_${y}.jpg`, { authorization })).status).toBe(200)
  })

  test('who leaves an event stream does not hold up the others', async () => {
    const client = clientWith(shell.token)
    const { runId } = await client.runs.start({ rig: { kind: 'simulated', timeScale: 50 }, targetCells: 2000 })
    const leave = new AbortController()
    const left = await client.runs.events({ runId }, { signal: leave.signal })
    await left.next()
    leave.abort()
    await expect(left.next()).rejects.toThrow()
    expect((await client.runs.stop({ runId })).runId).toBe(runId)
    for await (const event of await client.runs.events({ runId })) {
      if (event.run.state === 'finished') expect(event.run.stopped).toBe('user')
    }
  })
})

test('a port that is taken is said before a bench is opened', async () => {
  const folder = path.join(temporaryFolder(), 'never-made')
  await expect(serve({ dataFolder: folder, model, port: shell.port })).rejects.toMatchObject({
    code: 'port-taken',
  })
  expect(() => writeFileSync(path.join(folder, 'x'), '')).toThrow('ENOENT')
})
