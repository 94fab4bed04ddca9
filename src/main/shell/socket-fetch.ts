import { Agent, request as httpRequest, type IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'

const agent = new Agent({ keepAlive: true, maxFreeSockets: 16 })

/** Headers that belong to one connection and not to the message (RFC 9110, 7.6.1), and what the transport sets itself. */
const HOP_HEADERS = new Set(['connection', 'keep-alive', 'transfer-encoding', 'upgrade', 'te', 'trailer', 'host'])

/**
 * Passes a request on to the HTTP server behind a local socket. Both bodies stream; giving up the answer, or aborting the
 * request, closes the connection, which is how the other side learns of it. Rejects when the socket does not answer.
 */
export function socketFetch(socketPath: string, request: Request): Promise<Response> {
  const { pathname, search } = new URL(request.url)
  const headers: Record<string, string> = {}
  request.headers.forEach((value, name) => {
    if (!HOP_HEADERS.has(name)) headers[name] = value
  })
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest({ socketPath, path: pathname + search, method: request.method, headers, agent })
    const abort = () => outgoing.destroy(new Error('The request was given up.'))
    request.signal.addEventListener('abort', abort, { once: true })
    outgoing.once('close', () => request.signal.removeEventListener('abort', abort))
    outgoing.once('error', reject)
    outgoing.once('response', (incoming) => resolve(toResponse(incoming)))
    if (request.body) {
      Readable.fromWeb(request.body as Parameters<typeof Readable.fromWeb>[0])
        .on('error', abort)
        .pipe(outgoing)
    } else {
      outgoing.end()
    }
  })
}

function toResponse(incoming: IncomingMessage): Response {
  const status = incoming.statusCode ?? 502
  const headers = new Headers()
  for (let i = 0; i < incoming.rawHeaders.length; i += 2) {
    const name = incoming.rawHeaders[i]
    if (!HOP_HEADERS.has(name.toLowerCase())) headers.append(name, incoming.rawHeaders[i + 1])
  }
  if (status === 204 || status === 205 || status === 304) {
    incoming.resume()
    return new Response(null, { status, headers })
  }
  return new Response(toWebStream(incoming), { status, headers })
}

/** `Readable.toWeb` of Node 18 throws where nobody can catch it when the reader leaves early, so this does it by hand. */
function toWebStream(incoming: IncomingMessage): ReadableStream<Uint8Array> {
  let open = true
  const settle = (end: () => void) => {
    if (!open) return
    open = false
    end()
  }
  return new ReadableStream<Uint8Array>({
    start(controller) {
      incoming.on('data', (chunk: Buffer) => {
        if (!open) return
        controller.enqueue(chunk)
        if ((controller.desiredSize ?? 0) <= 0) incoming.pause()
      })
      incoming.on('end', () => settle(() => controller.close()))
      incoming.on('error', (error) => settle(() => controller.error(error)))
      incoming.on('close', () => settle(() => controller.error(new Error('The bench closed the connection.'))))
    },
    pull() {
      incoming.resume()
    },
    cancel() {
      settle(() => incoming.destroy())
    },
  })
}
