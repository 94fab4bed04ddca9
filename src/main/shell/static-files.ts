import { createReadStream } from 'node:fs'
import { realpath, stat } from 'node:fs/promises'
import path from 'node:path'
import { Readable } from 'node:stream'

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
}

/**
 * The page may load and run its own files and nothing else; `blob:` and `data:` only as images. No inline script or style,
 * no frame round it, no form that leads elsewhere.
 */
export const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' blob: data:",
  "font-src 'self'",
  "connect-src 'self'",
  "worker-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
}

/** The file below `folder` that an address names, or 404. Never leaves the folder. GET and HEAD only. */
export async function serveStatic(folder: string, request: Request): Promise<Response> {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return new Response('Method not allowed', { status: 405, headers: { ...SECURITY_HEADERS, allow: 'GET, HEAD' } })
  }
  const found = await locate(folder, new URL(request.url).pathname)
  if (!found) return new Response('Not found', { status: 404, headers: SECURITY_HEADERS })
  const headers = {
    ...SECURITY_HEADERS,
    'content-type': CONTENT_TYPES[path.extname(found.file)] ?? 'application/octet-stream',
    'content-length': String(found.bytes),
    // Names under assets/ carry a hash of the content; the page itself must always be the newest.
    'cache-control': found.file.includes(`${path.sep}assets${path.sep}`)
      ? 'public, max-age=31536000, immutable'
      : 'no-cache',
  }
  if (request.method === 'HEAD') return new Response(null, { headers })
  return new Response(Readable.toWeb(createReadStream(found.file)) as ReadableStream<Uint8Array>, { headers })
}

async function locate(folder: string, pathname: string): Promise<{ file: string; bytes: number } | null> {
  let name: string
  try {
    name = decodeURIComponent(pathname)
  } catch {
    return null
  }
  if (name.includes('\0')) return null
  const file = path.resolve(folder, `.${name === '/' ? '/index.html' : name}`)
  if (!file.startsWith(folder + path.sep)) return null
  // Also not by a symbolic link.
  const [real, home] = await Promise.all([realpath(file).catch(() => null), realpath(folder).catch(() => null)])
  if (!real?.startsWith(home + path.sep)) return null
  const entry = await stat(file).catch(() => null)
  return entry?.isFile() ? { file, bytes: entry.size } : null
}
