import { setImmediate as nextTurn } from 'node:timers/promises'
import { crc32 } from 'node:zlib'
import jpeg from '@julusian/jpeg-turbo'
import type { RgbImage } from '../../shared/image.ts'
import type { DurableFolder } from './durable-folder.ts'
import { type FieldLevel, fieldLevels, tilePixels, tilePlaces } from './field-levels.ts'
import { optionsOf, outputBuffer } from './jpeg-tiles.ts'
import { type FieldPicture, TILE_SIZE_PX } from './slide.ts'
import { SmallerImages } from './smaller-images.ts'
import type { StridedImage } from './strided.ts'
import { type Span, type TiffLabels, tiffHead, tiffHeadBytes } from './tiff.ts'

/** Longest side of a field's picture: about as wide as a field of many is on screen, and some ten kilobytes. */
const PICTURE_SIDE_PX = 256

/** Steps of making smaller images in one turn of the event loop: half a millisecond. */
const STEPS_A_TURN = 24

/** Memory that one field after another is made in: new pages would cost more than what is done with them. */
export interface Workshop {
  readonly outputs: Buffer[]
  readonly copies: Buffer[]
  /** null: of no image yet. */
  smaller: SmallerImages | null
}

export const emptyWorkshop = (): Workshop => ({ outputs: [], copies: [], smaller: null })

/**
 * Writes a field's images as one file, whole or not at all, also when the power fails. The smallest comes first, so that one short
 * read finds it together with the head. The CRC-32 of each tile lies between head and tiles, where other programs do not look.
 * Answers the field's picture.
 */
export async function writeFieldFile(
  folder: DurableFolder,
  name: string,
  image: RgbImage,
  labels: TiffLabels,
  workshop: Workshop,
): Promise<FieldPicture | null> {
  const levels = fieldLevels(image.widthPx, image.heightPx)
  const compressed = await compressAll(image, levels, workshop)
  // Before the memory it lies in is used again.
  const picture = fieldPicture(levels, compressed)
  await folder.writeWhole(name, arranged(levels, compressed, labels))
  return picture
}

/** The largest of the images that is no longer than a picture; of a field of more than 8192 px the smallest, null where that has several tiles. */
function fieldPicture(levels: readonly FieldLevel[], compressed: readonly (readonly Buffer[])[]): FieldPicture | null {
  const fitting = levels.findIndex(({ widthPx, heightPx }) => Math.max(widthPx, heightPx) <= PICTURE_SIDE_PX)
  const n = fitting < 0 ? levels.length - 1 : fitting
  const [tile, ...others] = compressed[n]
  if (others.length > 0) return null
  const { widthPx, heightPx } = levels[n]
  return { jpeg: new Uint8Array(tile), widthPx, heightPx }
}

/** The tiles of each level, compressed: by libuv's threads, while this one makes the next smaller image. */
async function compressAll(image: RgbImage, levels: readonly FieldLevel[], workshop: Workshop): Promise<Buffer[][]> {
  const work: Promise<Buffer>[][] = []
  let [outputs, copies] = [0, 0]
  const compress = (pixels: StridedImage, n: number) => {
    const level = levels[n]
    const size = { width: level.tileWidthPx, height: level.tileHeightPx }
    work.push(
      tilePlaces(level).map((place) => {
        const { data, stride } = tilePixels(pixels, level, place, () => nth(workshop.copies, copies++, copyBuffer))
        const output = nth(workshop.outputs, outputs++, outputBuffer)
        return jpeg.compress(data, output, { ...optionsOf(n), ...size, stride })
      }),
    )
  }
  if (!workshop.smaller?.fits(image)) {
    workshop.smaller = new SmallerImages(image.widthPx, image.heightPx, levels.length - 1)
  }
  const { smaller } = workshop
  compress({ ...image, stridePx: image.widthPx }, 0)
  compress(await inTurns(smaller.half(image)), 1)
  for (let i = 2; i < levels.length; i++) compress(smaller.next(i - 2), i)
  // All of them, also after a failure: their memory is used again.
  await Promise.allSettled(work.flat())
  return Promise.all(work.map((tiles) => Promise.all(tiles)))
}

const copyBuffer = () => Buffer.allocUnsafeSlow(3 * TILE_SIZE_PX ** 2)

/** The nth of some memory, made where there is none yet. */
function nth(buffers: Buffer[], n: number, make: () => Buffer): Buffer {
  buffers[n] ??= make()
  return buffers[n]
}

/** Does the work a few steps at a time, so that nobody who waits for an answer feels it. */
async function inTurns<Result>(work: Generator<void, Result>): Promise<Result> {
  for (let steps = 1; ; steps++) {
    const { done, value } = work.next()
    if (done) return value
    if (steps % STEPS_A_TURN === 0) await nextTurn()
  }
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
