import { createHash } from 'node:crypto'

/**
 * Whether the image of this file name is in a split: "all", or "sha256-N": a hash of the name alone is below N of 100, so an image
 * never changes sides (as training/images.py has it).
 */
export function inSplit(split: string, fileName: string): boolean {
  if (split === 'all') return true
  const percent = Number(split.slice('sha256-'.length))
  return createHash('sha256').update(fileName).digest().readUInt32BE() % 100 < percent
}
