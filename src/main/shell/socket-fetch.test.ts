import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createRequestListener } from '@remix-run/node-fetch-server'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { socketFetch } from './socket-fetch.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'socket-'))
const socket = process.platform === 'win32' ? `\\\\.\\pipe\\${path.basename(folder)}` : path.join(folder, 's')
const ended = Promise.withResolvers<void>()
let ticks = 0

const server = createServer(
  createRequestListener(async (request) => {
    const { pathname, search } = new URL(request.url)
    if (pathname === '/echo') {
      const headers = { 'x-query': search, 'x-given': request.headers.get('x-given') ?? '' }
      return new Response(await request.text(), { status: 201, headers })
    }
    if (pathname === '/none') return new Response(null, { status: 204 })
    if (pathname === '/big') return new Response(new Uint8Array(5_000_000).fill(7))
    request.signal.addEventListener('abort', () => ended.resolve())
    const stream = new ReadableStream<Uint8Array>({
      async pull(controller) {
        ticks += 1
        controller.enqueue(new TextEncoder().encode(`tick ${ticks}\n`))
        await new Promise((resolve) => setTimeout(resolve, 5))
      },
    })
    return new Response(stream)
  }),
)

beforeAll(async () => {
  server.listen(socket)
  await once(server, 'listening')
})
afterAll(() => {
  server.close()
  server.closeAllConnections()
  rmSync(folder, { recursive: true, force: true })
})

const ask = (address: string, init?: RequestInit) => socketFetch(socket, new Request(`medulla://app${address}`, init))

test('a request arrives whole and its answer comes back whole', async () => {
  const response = await ask('/echo?a=b', { method: 'POST', body: 'some text', headers: { 'x-given': 'yes' } })
  expect(response.status).toBe(201)
  expect(response.headers.get('x-query')).toBe('?a=b')
  expect(response.headers.get('x-given')).toBe('yes')
  expect(await response.text()).toBe('some text')
})

test('an answer without a body', async () => {
  expect((await ask('/none')).status).toBe(204)
})

test('an answer larger than every buffer', async () => {
  const bytes = new Uint8Array(await (await ask('/big')).arrayBuffer())
  expect(bytes.length).toBe(5_000_000)
  expect(bytes.every((value) => value === 7)).toBe(true)
})

test('a stream arrives piece by piece; leaving it ends it on the other side', async () => {
  const response = await ask('/stream')
  const reader = response.body!.getReader()
  const first = await reader.read()
  expect(new TextDecoder().decode(first.value)).toContain('tick 1')
  await reader.cancel()
  await ended.promise
})

test('a socket nobody listens on rejects', async () => {
  const nobody = process.platform === 'win32' ? '\\\\.\\pipe\\nobody' : path.join(folder, 'nobody')
  await expect(socketFetch(nobody, new Request('medulla://app/echo'))).rejects.toThrow()
})
