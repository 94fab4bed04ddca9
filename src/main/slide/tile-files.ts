import * as fs from 'node:fs'
import { mkdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import jpeg from '@julusian/jpeg-turbo'
import { MedullaError } from '../../shared/errors.ts'
import { syncFolder } from '../durable-files.ts'
import { BACKGROUND, type RawTile } from './raw-tile.ts'
import { TILE_SIZE_PX } from './slide.ts'

/** Near the point where people stop seeing a difference; the classifier never sees tiles. */
export const JPEG_QUALITY = 88

/** Colour at half resolution: at 0.1 um a pixel the objective resolves no finer than that. */
const SUBSAMPLING = jpeg.SAMP_420

const UNFINISHED = 'unfinished'

/** Plain descriptors: thirty tiles a field are written, and file handles cost the calling thread four times as much. */
const openFile = promisify(fs.open)
const writeWhole = promisify(fs.writeFile)
const syncData = promisify(fs.fdatasync)
const closeFile = promisify(fs.close)

export function tilePath(folder: string, level: number, x: number, y: number): string {
  return join(folder, String(level), `${x}_${y}.jpg`)
}

/** Memory to compress any tile into. */
export function outputBuffer(): Buffer {
  return Buffer.allocUnsafeSlow(
    jpeg.bufferSize({ width: TILE_SIZE_PX, height: TILE_SIZE_PX, subsampling: SUBSAMPLING }),
  )
}

/** Makes the folders, and throws away what a killed process left half written. */
export async function prepareFolders(folder: string, levels: readonly number[]): Promise<void> {
  const unfinished = join(folder, UNFINISHED)
  await rm(unfinished, { recursive: true, force: true })
  await mkdir(unfinished, { recursive: true })
  for (const level of levels) await mkdir(join(folder, String(level)), { recursive: true })
  await syncFolder(folder)
}

/** Fills a new tile from disk, or with background where there is none. Throws `image-unreadable`. */
export async function loadTile(folder: string, tile: RawTile): Promise<RawTile> {
  const path = tilePath(folder, tile.level, tile.x, tile.y)
  const file = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw error
  })
  if (!file) {
    tile.data.fill(BACKGROUND)
    return tile
  }
  const { left, top, right, bottom } = tile.rect
  try {
    const { width, height, size } = await jpeg.decompress(file, tile.data, { format: jpeg.FORMAT_RGB })
    if (width === right - left && height === bottom - top && size === tile.data.length) return tile
  } catch (error) {
    throw unreadable(path, error)
  }
  throw unreadable(path, null)
}

/** Replaces the tile's file by these pixels: whole or not at all, also when the power fails. */
export async function storeTile(folder: string, tile: RawTile, output: Buffer): Promise<void> {
  const { left, top, right, bottom } = tile.rect
  const bytes = await jpeg.compress(tile.data, output, {
    format: jpeg.FORMAT_RGB,
    width: right - left,
    height: bottom - top,
    quality: JPEG_QUALITY,
    subsampling: SUBSAMPLING,
  })
  // In a folder of their own, half written tiles are found again without searching every level.
  const unfinished = join(folder, UNFINISHED, `${tile.level}-${tile.x}_${tile.y}.jpg`)
  try {
    const file = await openFile(unfinished, 'w')
    try {
      await writeWhole(file, bytes)
      await syncData(file)
    } finally {
      await closeFile(file)
    }
    await rename(unfinished, tilePath(folder, tile.level, tile.x, tile.y))
  } catch (error) {
    await rm(unfinished, { force: true }).catch(() => undefined)
    throw error
  }
}

function unreadable(path: string, cause: unknown): MedullaError {
  return new MedullaError(
    'image-unreadable',
    `The slide's tile ${path} is damaged.`,
    {
      remedy: 'Move that file away and resume: the field in work paints it anew, its other fields show as not seen.',
      values: { path },
    },
    { cause },
  )
}
