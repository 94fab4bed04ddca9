import { crc32, deflateRawSync } from 'node:zlib'

export interface ZipEntry {
  readonly name: string
  readonly data: Uint8Array
  /** Unix mode, file kind included; a plain file by default. */
  readonly mode?: number
  /** What the list of contents says of the size; the truth by default. */
  readonly statedBytes?: number
  /** How it is compressed: 0 stored, 8 deflated (default), anything else a lie. */
  readonly method?: number
}

const PLAIN_FILE = 0o100644
const UNIX = 3 << 8

/** A zip file of these entries, written as they are told: names, kinds and sizes may be nonsense. */
export function zipOf(entries: readonly ZipEntry[]): Buffer {
  const parts: Buffer[] = []
  const central: Buffer[] = []
  let at = 0
  for (const { name, data, mode = PLAIN_FILE, statedBytes = data.length, method = 8 } of entries) {
    const bytes = Buffer.from(name)
    const packed = method === 8 ? deflateRawSync(data, { level: 9 }) : Buffer.from(data)
    const local = Buffer.alloc(30)
    local.writeUInt32LE(0x04034b50, 0)
    fields(local, 4, { method, crc: crc32(data), packed: packed.length, size: statedBytes, name: bytes.length })
    parts.push(local, bytes, packed)
    const header = Buffer.alloc(46)
    header.writeUInt32LE(0x02014b50, 0)
    header.writeUInt16LE(UNIX | 20, 4)
    fields(header, 6, { method, crc: crc32(data), packed: packed.length, size: statedBytes, name: bytes.length })
    header.writeUInt32LE((mode << 16) >>> 0, 38)
    header.writeUInt32LE(at, 42)
    central.push(header, bytes)
    at += local.length + bytes.length + packed.length
  }
  const list = Buffer.concat(central)
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(entries.length, 8)
  end.writeUInt16LE(entries.length, 10)
  end.writeUInt32LE(list.length, 12)
  end.writeUInt32LE(at, 16)
  return Buffer.concat([...parts, list, end])
}

/** The fields that a local header and the list of contents share, in the same order. */
function fields(
  header: Buffer,
  at: number,
  { method, crc, packed, size, name }: { method: number; crc: number; packed: number; size: number; name: number },
): void {
  header.writeUInt16LE(20, at)
  header.writeUInt16LE(method, at + 4)
  header.writeUInt32LE(crc, at + 10)
  header.writeUInt32LE(packed, at + 14)
  header.writeUInt32LE(size, at + 18)
  header.writeUInt16LE(name, at + 22)
}
