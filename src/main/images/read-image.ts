import { readFile } from 'node:fs/promises'

import jpeg from '@julusian/jpeg-turbo'
import sharp from 'sharp'
import { MedullaError } from '../../shared/errors.ts'
import type { RgbImage } from '../../shared/image.ts'
import { frameMemory } from '../frame-memory.ts'
import { isJpeg, readJpegHeader } from './jpeg-header.ts'

/**
 * Reads a JPEG, PNG or TIFF file (8 or 16 bit, grey, colour, CMYK, with or without alpha) as 8-bit RGB on a
 * SharedArrayBuffer. Alpha is laid over white, 16 bit is cut to 8, CMYK becomes sRGB, the first page of several is taken.
 * EXIF orientation is ignored: a field's axes are the camera's. A file that ends early or decodes with any complaint is an
 * error, never half an image.
 *
 * @throws MedullaError `image-unreadable`
 */
export async function readImage(path: string): Promise<RgbImage> {
  let bytes: Buffer
  try {
    bytes = await readFile(path)
  } catch (cause) {
    throw unreadable(path, reasonOf(cause), 'Check that the file exists and may be read.', cause)
  }
  return decodeImage(bytes, path)
}

/** `readImage` for bytes that are in memory already; `name` is what an error calls them. */
export async function decodeImage(bytes: Buffer, name: string): Promise<RgbImage> {
  if (bytes.length === 0) {
    throw unreadable(name, 'the file is empty', 'Export or copy the image again.')
  }
  try {
    return (await decodeColourJpeg(bytes)) ?? (await decodeWithSharp(bytes))
  } catch (cause) {
    throw unreadable(name, reasonOf(cause), 'Use a whole JPEG, PNG or TIFF file; export or copy it again.', cause)
  }
}

/** Null where the bytes are no JPEG this fast path reads: CMYK, or one libjpeg-turbo complains about. */
async function decodeColourJpeg(bytes: Buffer): Promise<RgbImage | null> {
  const header = readJpegHeader(bytes)
  if (header === null || header.components > 3 || header.widthPx === 0 || header.heightPx === 0) return null
  const data = frameMemory(header.widthPx, header.heightPx)
  try {
    await jpeg.decompress(bytes, Buffer.from(data.buffer, 0, data.length), { format: jpeg.FORMAT_RGB })
  } catch {
    // libjpeg-turbo's binding does not say why; the slow path does, or reads it after all.
    return null
  }
  return { data, widthPx: header.widthPx, heightPx: header.heightPx }
}

async function decodeWithSharp(bytes: Buffer): Promise<RgbImage> {
  // A warning about JPEG data means damaged pixels; TIFF and PNG writers raise harmless ones about their tags.
  const { data, info } = await sharp(bytes, { failOn: isJpeg(bytes) ? 'warning' : 'error', autoOrient: false })
    .flatten({ background: '#ffffff' })
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true })
  const shared = frameMemory(info.width, info.height)
  if (info.channels === 3) {
    shared.set(data)
  } else {
    for (let from = 0, to = 0; to < shared.length; from += info.channels, to += 3) {
      shared[to] = data[from]
      shared[to + 1] = data[from + (info.channels > 2 ? 1 : 0)]
      shared[to + 2] = data[from + (info.channels > 2 ? 2 : 0)]
    }
  }
  return { data: shared, widthPx: info.width, heightPx: info.height }
}

function reasonOf(cause: unknown): string {
  const code = (cause as NodeJS.ErrnoException | null)?.code
  if (code === 'ENOENT') return 'there is no such file'
  if (code === 'EISDIR') return 'it is a folder'
  if (code === 'EACCES' || code === 'EPERM') return 'reading it is not allowed'
  const text = cause instanceof Error ? cause.message : String(cause)
  return text.split('\n')[0]
}

function unreadable(path: string, reason: string, remedy: string, cause?: unknown): MedullaError {
  return new MedullaError(
    'image-unreadable',
    `The image ${path} cannot be read: ${reason}.`,
    { remedy, values: { path, reason } },
    { cause },
  )
}
