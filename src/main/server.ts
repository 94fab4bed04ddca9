import { createServer, type Server } from 'node:http'
import path from 'node:path'
import { createRequestListener } from '@remix-run/node-fetch-server'
import { MedullaError } from '../shared/errors.ts'
import { type Bench, type BenchOptions, openBench } from './bench/bench.ts'
import { Access, type Refusal } from './shell/access.ts'
import { isBenchPath } from './shell/bench-address.ts'
import { SECURITY_HEADERS, serveStatic } from './shell/static-files.ts'
import { projectRoot } from './worker-file.ts'

export interface ServeOptions extends BenchOptions {
  /** 0: any free port. */
  readonly port?: number
  /** The built window; absent: `out/renderer`. */
  readonly rendererFolder?: string
}

export interface BrowserShell {
  readonly bench: Bench
  readonly port: number
  readonly token: string
  /** What to open in a browser on this machine; carries the token. */
  readonly link: string
  close(): Promise<void>
}

/**
 * Serves the bench and its window on 127.0.0.1. Rejects `port-taken`, and whatever `openBench` rejects; the port is taken
 * first, so that a bench that cannot be reached is never opened.
 */
export async function serve(options: ServeOptions): Promise<BrowserShell> {
  const rendererFolder = path.resolve(options.rendererFolder ?? path.join(projectRoot(), 'out', 'renderer'))
  // A page left open asks again as soon as the port answers: it waits until the bench is there.
  const opened = Promise.withResolvers<{ access: Access; bench: Bench }>()
  const server = createServer(
    createRequestListener(async (request) => {
      const { access, bench } = await opened.promise
      return answer(request, access, bench, rendererFolder)
    }),
  )
  const port = await listen(server, options.port ?? 0)
  const access = new Access(port)
  const bench = await openBench(options).catch((error) => {
    server.close()
    server.closeAllConnections()
    throw error
  })
  opened.resolve({ access, bench })
  return {
    bench,
    port,
    token: access.token,
    link: `http://127.0.0.1:${port}/#token=${access.token}`,
    async close() {
      server.close()
      server.closeAllConnections()
      await bench.close()
    },
  }
}

async function answer(request: Request, access: Access, bench: Bench, rendererFolder: string): Promise<Response> {
  const { pathname } = new URL(request.url)
  const foreign = access.checkSource(request.headers)
  if (foreign) return refuse(foreign)
  if (pathname === '/session') {
    if (request.method !== 'POST')
      return new Response('Method not allowed', { status: 405, headers: { allow: 'POST' } })
    const refusal = access.checkBearer(request.headers)
    if (refusal) return refuse(refusal)
    return new Response(null, { status: 204, headers: { 'set-cookie': access.sessionCookie() } })
  }
  if (!isBenchPath(pathname)) return serveStatic(rendererFolder, request)
  const isProcedure = pathname === '/rpc' || pathname.startsWith('/rpc/')
  const refusal = isProcedure ? access.checkBearer(request.headers) : access.checkImages(request.headers)
  if (refusal) return refuse(refusal)
  const response = await bench.handle(request)
  response.headers.set('x-content-type-options', 'nosniff')
  response.headers.set('cross-origin-resource-policy', 'same-origin')
  return response
}

function refuse({ status, reason }: Refusal): Response {
  return new Response(reason, { status, headers: { ...SECURITY_HEADERS, 'content-type': 'text/plain; charset=utf-8' } })
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EADDRINUSE' && error.code !== 'EACCES') return reject(error)
      reject(
        new MedullaError(
          'port-taken',
          error.code === 'EACCES' ? `Port ${port} may not be used.` : `Port ${port} is used by another program.`,
          { remedy: 'Name another port with --port, or 0 for any free one.', values: { port } },
          { cause: error },
        ),
      )
    })
    server.listen({ host: '127.0.0.1', port, exclusive: true }, () => {
      const address = server.address()
      resolve(typeof address === 'object' && address ? address.port : port)
    })
  })
}
