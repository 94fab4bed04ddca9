import { type FileHandle, open } from 'node:fs/promises'
import { MedullaError } from '../../shared/errors.ts'

/** A file in a tar archive. */
export interface TarEntry {
  /** With forward slashes. */
  readonly name: string
  readonly offset: number
  readonly bytes: number
}

const BLOCK = 512
const MAX_NAME_BYTES = 64 * 1024
const PLAIN = ['0', '\0', '']
const LONG_NAME = 'L'
const EXTENDED = 'x'

/**
 * A tar archive (ustar, with long names as GNU tar and pax write them) whose files are read where they lie: a labelled set of ten
 * thousand crops is one file on the disk and need not be unpacked. Links and devices in it are passed over.
 */
export class TarArchive {
  /** In the order of the archive. */
  readonly entries: readonly TarEntry[]
  readonly #file: FileHandle

  private constructor(file: FileHandle, entries: readonly TarEntry[]) {
    this.#file = file
    this.entries = entries
  }

  /** Rejects `images-missing` where the file cannot be read, `image-unreadable` where it is no tar archive or not a whole one. */
  static async open(path: string): Promise<TarArchive> {
    const file = await open(path, 'r').catch((cause: unknown) => {
      throw new MedullaError(
        'images-missing',
        `The file ${path} cannot be read.`,
        { remedy: 'Check the path.', values: { path } },
        { cause },
      )
    })
    try {
      return new TarArchive(file, await listed(file, path))
    } catch (error) {
      await file.close()
      throw error
    }
  }

  async read({ offset, bytes }: TarEntry): Promise<Buffer> {
    return readAt(this.#file, offset, bytes)
  }

  close(): Promise<void> {
    return this.#file.close()
  }
}

async function readAt(file: FileHandle, offset: number, bytes: number): Promise<Buffer> {
  const buffer = Buffer.alloc(bytes)
  const { bytesRead } = await file.read(buffer, 0, bytes, offset)
  return buffer.subarray(0, bytesRead)
}

async function listed(file: FileHandle, path: string): Promise<TarEntry[]> {
  const { size } = await file.stat()
  const entries: TarEntry[] = []
  let longName: string | null = null
  for (let at = 0; ; ) {
    const header = await readAt(file, at, BLOCK)
    // Empty blocks are the end; without one the archive was cut short.
    if (header.length < BLOCK) throw damaged(path, at === 0 ? 'it is not a tar archive' : 'it ends too early')
    if (header.every((byte) => byte === 0)) break
    if (!sumAgrees(header)) throw damaged(path, 'it is not a tar archive')
    const bytes = numberOf(header, 124, 12)
    const offset = at + BLOCK
    if (!(offset + bytes <= size)) throw damaged(path, 'it ends in the middle of a file')
    const kind = text(header, 156, 1)
    if (kind === LONG_NAME || kind === EXTENDED) {
      if (bytes > MAX_NAME_BYTES) throw damaged(path, 'one of its names is too long')
      const said = await readAt(file, offset, bytes)
      longName = kind === LONG_NAME ? said.toString('utf8').replace(/\0+$/, '') : (pathOf(said) ?? longName)
    } else {
      if (PLAIN.includes(kind)) entries.push({ name: longName ?? shortName(header), offset, bytes })
      longName = null
    }
    at = offset + Math.ceil(bytes / BLOCK) * BLOCK
  }
  if (entries.length === 0) throw damaged(path, 'there is no file in it')
  return entries
}

/** The header's own sum, its own field counted as spaces. */
function sumAgrees(header: Buffer): boolean {
  let sum = 8 * 0x20
  for (let i = 0; i < BLOCK; i++) if (i < 148 || i >= 156) sum += header[i]
  return numberOf(header, 148, 8) === sum
}

/** Octal digits; NaN where it is something else. */
function numberOf(header: Buffer, start: number, length: number): number {
  const digits = text(header, start, length).trim()
  return /^[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : Number.NaN
}

function shortName(header: Buffer): string {
  const prefix = text(header, 257, 5) === 'ustar' ? text(header, 345, 155) : ''
  const name = text(header, 0, 100)
  return prefix === '' ? name : `${prefix}/${name}`
}

/** Up to the first zero. */
function text(header: Buffer, start: number, length: number): string {
  const field = header.subarray(start, start + length)
  const end = field.indexOf(0)
  return field.toString('utf8', 0, end < 0 ? length : end)
}

/** Of pax records ("LENGTH key=value", a line each), the path. */
function pathOf(records: Buffer): string | null {
  for (let at = 0; at < records.length; ) {
    const space = records.indexOf(0x20, at)
    const length = Number(records.toString('utf8', at, space))
    if (space < 0 || !(length > 0)) return null
    const record = records.toString('utf8', space + 1, at + length - 1)
    if (record.startsWith('path=')) return record.slice('path='.length)
    at += length
  }
  return null
}

function damaged(path: string, what: string): MedullaError {
  return new MedullaError('image-unreadable', `The archive ${path} cannot be used: ${what}.`, {
    remedy: 'Copy it again, or unpack it and name the folder.',
    values: { path },
  })
}
