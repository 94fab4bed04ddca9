import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { CONTENT_SECURITY_POLICY, serveStatic } from './static-files.ts'

const root = mkdtempSync(path.join(tmpdir(), 'static-'))
const folder = path.join(root, 'renderer')
mkdirSync(path.join(folder, 'assets'), { recursive: true })
writeFileSync(path.join(folder, 'index.html'), '<p>page</p>')
writeFileSync(path.join(folder, 'assets', 'a-1234.js'), 'code')
writeFileSync(path.join(root, 'secret.txt'), 'secret')
mkdirSync(path.join(root, 'renderer-other'))
writeFileSync(path.join(root, 'renderer-other', 'x.txt'), 'secret')
afterAll(() => rmSync(root, { recursive: true }))

const get = (address: string, method = 'GET') =>
  serveStatic(folder, new Request(`http://127.0.0.1:4000${address}`, { method }))

test('the page carries the policy and is asked for anew', async () => {
  const response = await get('/')
  expect(await response.text()).toBe('<p>page</p>')
  expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8')
  expect(response.headers.get('content-security-policy')).toBe(CONTENT_SECURITY_POLICY)
  expect(response.headers.get('x-content-type-options')).toBe('nosniff')
  expect(response.headers.get('cache-control')).toBe('no-cache')
})

test('files named by their content are kept', async () => {
  const response = await get('/assets/a-1234.js')
  expect(await response.text()).toBe('code')
  expect(response.headers.get('cache-control')).toContain('immutable')
})

test('HEAD tells the length without the file', async () => {
  const response = await get('/index.html', 'HEAD')
  expect(response.headers.get('content-length')).toBe('11')
  expect(await response.text()).toBe('')
})

test.each([
  '/../secret.txt',
  '/%2e%2e/secret.txt',
  '/%2e%2e%2fsecret.txt',
  '/..%5csecret.txt',
  '/../renderer-other/x.txt',
  '/%2e%2e%2frenderer-other%2fx.txt',
  '/assets',
  '/assets/',
  '/none.js',
  '/%00',
  '/%E0%A4%A',
])('%s is not found', async (address) => {
  expect((await get(address)).status).toBe(404)
})

test('nothing can be written', async () => {
  expect((await get('/index.html', 'POST')).status).toBe(405)
})

test('a link that leads out of the folder is not followed', async () => {
  symlinkSync(path.join(root, 'secret.txt'), path.join(folder, 'link.txt'))
  expect((await get('/link.txt')).status).toBe(404)
})
