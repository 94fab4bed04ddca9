import * as fs from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { promisify } from 'node:util'
import { crc32 } from 'node:zlib'
import jpeg from '@julusian/jpeg-turbo'
import type { RgbImage } from '../../shared/image.ts'
import { syncFolder } from '../durable-files.ts'
import { type FieldLevel, fieldLevels, tilePixels, tilePlaces } from './field-levels.ts'
import { halveRows } from './halve.ts'
import { JPEG_OPTIONS, outputBuffer } from './jpeg-tiles.ts'
import { type Span, type TiffLabels, tiffHead, tiffHeadBytes } from './tiff.ts'

/** Rows of a smaller image made in one turn of the event loop: a millisecond or less, which nobody waiting for an answer feels. */
const ROWS_A_TURN = 192

/** Plain descriptors: file handles cost the calling thread four times as much. */
const openFile = promisify(fs.open)
const writeParts = promisify(fs.writev)
const writeRest = promisify(fs.writeFile)
const syncData = promisify(fs.fdatasync)
const closeFile = promisify(fs.close)

/** Memory that one field after another is made in: new pages would cost more than what is done with them. */
export interface Workshop {
  readonly outputs: Buffer[]
  readonly smaller: Buffer[]
}

export const emptyWorkshop = (): Workshop => ({ outputs: [], smaller: [] })

/**
 * Writes a field's images as one file, whole or not at all, also when the power fails. The smallest comes first, so that one short
 * read finds it together with the head. The CRC-32 of each tile lies between head and tiles, where other programs do not look.
 */
export async function writeFieldFile(
  path: string,
  image: RgbImage,
  labels: TiffLabels,
  workshop: Workshop,
): Promise<void> {
  const levels = fieldLevels(image.widthPx, image.heightPx)
  const compressed = await compressAll(image, levels, workshop)
  await writeDurably(path, arranged(levels, compressed, labels))
}

/** The tiles of each level, compressed: by libuv's threads, while this one makes the next smaller image. */
async function compressAll(image: RgbImage, levels: readonly FieldLevel[], workshop: Workshop): Promise<Buffer[][]> {
  const work: Promise<Buffer>[][] = []
  let outputs = 0
  let current = image
  for (const [i, level] of levels.entries()) {
    if (i > 0) current = await smaller(current, i, workshop)
    const pixels = current
    const size = { width: level.tileWidthPx, height: level.tileHeightPx }
    work.push(
      tilePlaces(level).map((place) => {
        const { data, stride } = tilePixels(pixels, level, place)
        workshop.outputs[outputs] ??= outputBuffer()
        return jpeg.compress(data, workshop.outputs[outputs++], { ...JPEG_OPTIONS, ...size, stride })
      }),
    )
  }
  // All of them, also after a failure: their memory is used again.
  await Promise.allSettled(work.flat())
  return Promise.all(work.map((tiles) => Promise.all(tiles)))
}

async function smaller(image: RgbImage, level: number, workshop: Workshop): Promise<RgbImage> {
  const widthPx = Math.ceil(image.widthPx / 2)
  const heightPx = Math.ceil(image.heightPx / 2)
  // A row to spare, so that the last tiles need no copy: see `tilePixels`.
  const bytes = 3 * widthPx * (heightPx + 1)
  if (!(workshop.smaller[level]?.length >= bytes)) workshop.smaller[level] = Buffer.allocUnsafeSlow(bytes)
  const data = workshop.smaller[level]
  for (let row = 0; row < heightPx; row += ROWS_A_TURN) {
    halveRows(image, data, row, Math.min(heightPx, row + ROWS_A_TURN))
    await nextTurn()
  }
  return { data, widthPx, heightPx }
}

/** The file's parts in their order. */
function arranged(
  levels: readonly FieldLevel[],
  compressed: readonly (readonly Buffer[])[],
  labels: TiffLabels,
): Buffer[] {
  const sized = (spans: readonly Span[][]) => levels.map((level, i) => ({ ...level, tiles: spans[i] }))
  const unplaced = compressed.map((tiles) => tiles.map(({ length }) => ({ offset: 0, bytes: length })))
  const checksums = Buffer.alloc(4 * compressed.flat().length)
  for (const [i, tile] of compressed.flat().entries()) checksums.writeUInt32LE(crc32(tile), 4 * i)
  let at = tiffHeadBytes(sized(unplaced), labels) + checksums.length
  const placed: Span[][] = []
  for (let level = levels.length - 1; level >= 0; level--) {
    placed[level] = compressed[level].map(({ length }) => {
      at += length
      return { offset: at - length, bytes: length }
    })
  }
  return [tiffHead(sized(placed), labels), checksums, ...compressed.toReversed().flat()]
}

async function writeDurably(path: string, parts: Buffer[]): Promise<void> {
  const unfinished = `${path}.unfinished`
  try {
    const file = await openFile(unfinished, 'w')
    try {
      // A disk that fills up takes a part without a word; the next write is told.
      const { bytesWritten } = await writeParts(file, parts)
      const whole = parts.reduce((sum, { length }) => sum + length, 0)
      if (bytesWritten < whole) await writeRest(file, Buffer.concat(parts).subarray(bytesWritten))
      await syncData(file)
    } finally {
      await closeFile(file)
    }
    await rename(unfinished, path)
  } catch (error) {
    await rm(unfinished, { force: true }).catch(() => undefined)
    throw error
  }
  await syncFolder(dirname(path))
}
