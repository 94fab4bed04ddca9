import { MedullaError } from '../../shared/errors.ts'
import type { Casebook } from '../casebook/casebook.ts'
import type { LiveView } from './live-view.ts'
import type { Slides } from './slides.ts'

export interface PictureParts {
  readonly casebook: Casebook
  readonly slides: Slides
  readonly live: LiveView
}

const TILE = /^\/tiles\/(\d{1,9})\/(\d{1,2})\/(\d{1,6})_(\d{1,6})\.jpg$/
const CROP = /^\/crops\/(\d{1,15})\.jpg$/

/** GET /tiles/RUN/LEVEL/X_Y.jpg, /crops/CELL.jpg, /live.jpg; 404 for anything else and for what is not there yet. */
export async function answerPicture(request: Request, { casebook, slides, live }: PictureParts): Promise<Response> {
  if (request.method !== 'GET') return notThere()
  const { pathname, searchParams } = new URL(request.url)
  // A picture asked for under a version of its own never changes under that address.
  const lasting = searchParams.has('v') ? 'private, max-age=86400, immutable' : 'no-store'

  const tile = TILE.exec(pathname)
  if (tile) {
    const [runId, level, x, y] = tile.slice(1).map(Number)
    const bytes = await tileOf(slides, runId, level, x, y)
    return bytes ? jpeg(bytes, lasting) : notThere()
  }
  const crop = CROP.exec(pathname)
  if (crop) {
    const bytes = casebook.crop(Number(crop[1]))
    return bytes ? jpeg(bytes, 'private, max-age=86400, immutable') : notThere()
  }
  if (pathname === '/live.jpg') {
    const bytes = await live.jpeg()
    return bytes ? jpeg(bytes, lasting) : notThere()
  }
  return notThere()
}

/** null: nothing there yet, or no such run. */
async function tileOf(slides: Slides, runId: number, level: number, x: number, y: number): Promise<Uint8Array | null> {
  try {
    return await slides.of(runId).tile(level, x, y)
  } catch (error) {
    if (error instanceof MedullaError && error.code === 'not-found') return null
    throw error
  }
}

function jpeg(bytes: Uint8Array, cacheControl: string): Response {
  return new Response(new Uint8Array(bytes), {
    headers: { 'content-type': 'image/jpeg', 'cache-control': cacheControl },
  })
}

function notThere(): Response {
  return new Response('There is nothing here.', { status: 404, headers: { 'cache-control': 'no-store' } })
}
