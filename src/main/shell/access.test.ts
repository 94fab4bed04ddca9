import { describe, expect, test } from 'vitest'
import { Access } from './access.ts'

const access = new Access(4000, 'the-token')
const session = access.sessionCookie().split(';')[0]
const status = (refusal: { status: number } | null) => refusal?.status ?? 200

describe('where a request may come from', () => {
  const CASES: readonly (readonly [string, Record<string, string>, number])[] = [
    ['a program', { host: '127.0.0.1:4000' }, 200],
    ['localhost', { host: 'LOCALHOST:4000' }, 200],
    ['no host', {}, 403],
    ['another port', { host: '127.0.0.1:4001' }, 403],
    ['no port', { host: '127.0.0.1' }, 403],
    ['a name bound to this machine', { host: 'evil.example:4000' }, 403],
    ['its own page', { host: '127.0.0.1:4000', origin: 'http://127.0.0.1:4000' }, 200],
    ['another page', { host: '127.0.0.1:4000', origin: 'http://evil.example' }, 403],
    ['a page on another port', { host: '127.0.0.1:4000', origin: 'http://127.0.0.1:8080' }, 403],
    ['an opaque origin', { host: '127.0.0.1:4000', origin: 'null' }, 403],
    ['a secure page of that name', { host: '127.0.0.1:4000', origin: 'https://127.0.0.1:4000' }, 403],
  ]
  test.each(CASES)('%s', (_name, headers, expected) => {
    expect(status(access.checkSource(new Headers(headers)))).toBe(expected)
  })
})

describe('what opens procedures and images', () => {
  const CASES: readonly (readonly [string, Record<string, string>, number, number])[] = [
    ['nothing', {}, 401, 401],
    ['the token', { authorization: 'Bearer the-token' }, 200, 200],
    ['another token', { authorization: 'Bearer the-tokeN' }, 401, 401],
    ['a shorter token', { authorization: 'Bearer the' }, 401, 401],
    ['an empty token', { authorization: 'Bearer ' }, 401, 401],
    ['another scheme', { authorization: 'Basic the-token' }, 401, 401],
    ['the cookie', { cookie: `a=b; ${session}` }, 401, 200],
    ['the cookie, from its own page', { cookie: session, 'sec-fetch-site': 'same-origin' }, 401, 200],
    ['the cookie, from another page', { cookie: session, 'sec-fetch-site': 'cross-site' }, 401, 403],
    ['the cookie, from another port', { cookie: session, 'sec-fetch-site': 'same-site' }, 401, 403],
    ['the token as a cookie', { cookie: 'medulla-4000=the-token' }, 401, 401],
    ["another bench's cookie", { cookie: session.replace('4000', '4001') }, 401, 401],
  ]
  test.each(CASES)('%s', (_name, headers, procedures, images) => {
    expect(status(access.checkBearer(new Headers(headers)))).toBe(procedures)
    expect(status(access.checkImages(new Headers(headers)))).toBe(images)
  })
})

test('a token nobody chose is long and new each time', () => {
  expect(new Access(1).token).toMatch(/^[\w-]{43}$/)
  expect(new Access(1).token).not.toBe(new Access(1).token)
})
