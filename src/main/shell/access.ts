import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

/** Refused: what to answer. */
export interface Refusal {
  readonly status: 401 | 403
  readonly reason: string
}

/**
 * Who may talk to the bench over TCP. The address is open to every program and every web page on the machine, so
 * - the Host header must name this server (a page that rebinds its own name to 127.0.0.1 still sends its own name),
 * - a request made by a page must come from this server's page (Origin, Sec-Fetch-Site),
 * - procedures need the bearer token, which only the printed link carries,
 * - images, which a page cannot load with a header, need the token or the session cookie.
 */
export class Access {
  readonly token: string
  readonly #session = randomBytes(32).toString('base64url')
  readonly #hosts: ReadonlySet<string>
  readonly #cookieName: string

  constructor(port: number, token = randomBytes(32).toString('base64url')) {
    this.token = token
    this.#hosts = new Set([`127.0.0.1:${port}`, `localhost:${port}`])
    // Cookies do not tell ports apart: two benches on one machine need two names.
    this.#cookieName = `medulla-${port}`
  }

  /** null: the request comes from this server's own page, or from a program that is no page. */
  checkSource(headers: Headers): Refusal | null {
    const host = headers.get('host')
    if (!host || !this.#hosts.has(host.toLowerCase()))
      return { status: 403, reason: 'This host name is not served here.' }
    const origin = headers.get('origin')
    if (origin !== null && !this.#hosts.has(origin.toLowerCase().replace(/^http:\/\//, ''))) {
      return { status: 403, reason: 'Requests from other pages are refused.' }
    }
    return null
  }

  /** null: may use procedures. */
  checkBearer(headers: Headers): Refusal | null {
    const given = /^Bearer ([\w-]+)$/i.exec(headers.get('authorization') ?? '')?.[1]
    if (given !== undefined && sameText(given, this.token)) return null
    return { status: 401, reason: 'Open the link that Medulla printed when it started: it carries the access token.' }
  }

  /** null: may load images. */
  checkImages(headers: Headers): Refusal | null {
    const refusal = this.checkBearer(headers)
    if (!refusal) return null
    const site = headers.get('sec-fetch-site')
    if (site !== null && site !== 'same-origin' && site !== 'none') {
      return { status: 403, reason: 'Requests from other pages are refused.' }
    }
    const cookies = (headers.get('cookie') ?? '').split(';').map((pair) => pair.trim())
    const given = cookies.find((pair) => pair.startsWith(`${this.#cookieName}=`))?.slice(this.#cookieName.length + 1)
    return given !== undefined && sameText(given, this.#session) ? null : refusal
  }

  /** Its value is not the token, so that whoever reads the cookie can see images and no more. */
  sessionCookie(): string {
    return `${this.#cookieName}=${this.#session}; Path=/; HttpOnly; SameSite=Strict`
  }
}

/** Takes the same time wherever the texts differ, and whatever their lengths. */
function sameText(left: string, right: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(left), digest(right))
}
