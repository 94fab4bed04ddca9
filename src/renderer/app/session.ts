const STORAGE_KEY = 'medulla.token'

/**
 * The token a browser shell put behind the # of its link. It moves into this tab's session storage and out of the address bar, so that
 * neither a bookmark nor a screenshot carries it. Null: none was given (Electron needs none).
 */
export function takeToken(): string | null {
  const given = new URLSearchParams(location.hash.slice(1)).get('token')
  if (given) {
    sessionStorage.setItem(STORAGE_KEY, given)
    history.replaceState(null, '', location.pathname + location.search)
    return given
  }
  return sessionStorage.getItem(STORAGE_KEY)
}

export function authorization(token: string | null): Record<string, string> {
  return token === null ? {} : { authorization: `Bearer ${token}` }
}

/**
 * Asks the browser shell for its cookie: images (tiles, crops, the live view) cannot carry a header. Without a token there is nothing to ask.
 * Rejects where the shell cannot be reached; a shell that knows no sessions answers 404, which is fine.
 */
export async function openImageSession(token: string | null): Promise<void> {
  if (token === null) return
  await fetch(new URL('/session', location.href), { method: 'POST', headers: authorization(token) })
}
