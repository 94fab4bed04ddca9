import { spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A volume of its own in memory, to be filled up or made read only. */
export interface Volume {
  readonly path: string
  makeReadOnly(): void
  remove(): void
}

/** Mounts a tmpfs of this size; a sentence that says why it cannot where only root may, or there is none. */
export function mountVolume(kibibytes: number): Volume | string {
  if (process.platform !== 'linux') return 'needs a tmpfs, which only Linux has'
  const path = mkdtempSync(join(tmpdir(), 'medulla-volume-'))
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${kibibytes}k`, 'tmpfs', path], { encoding: 'utf8' })
  if (mounted.status !== 0) {
    rmSync(path, { recursive: true })
    return `cannot mount a tmpfs: ${mounted.error?.message ?? mounted.stderr.trim()}`
  }
  return {
    path,
    makeReadOnly() {
      spawnSync('mount', ['-o', 'remount,ro', path])
    },
    remove() {
      spawnSync('umount', ['-l', path])
      rmSync(path, { recursive: true, force: true })
    },
  }
}

/** Leaves so much of a volume, bytes; also while others write to it. What was filled before counts. */
export function fillVolume(path: string, leftBytes: number): void {
  const { bavail, bsize } = statfsSync(path)
  for (let bytes = bavail * bsize - leftBytes; bytes > 0; bytes = Math.floor(bytes / 2)) {
    try {
      writeFileSync(ballastOf(path), Buffer.alloc(bytes), { flag: 'a' })
      return
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
      // What fitted has been written.
      if (leftBytes === 0) return
    }
  }
}

/** Takes back what `fillVolume` filled. */
export function emptyVolume(path: string): void {
  rmSync(ballastOf(path), { force: true })
}

const ballastOf = (volume: string) => join(volume, 'ballast')

/** A folder nothing can be written in: without permission, or for root, whom permissions do not stop, on a read-only volume. */
export function unwritableFolder(): Pick<Volume, 'path' | 'remove'> | string {
  if (process.getuid?.() === 0) {
    const volume = mountVolume(64)
    if (typeof volume !== 'string') volume.makeReadOnly()
    return volume
  }
  if (process.platform === 'win32') return 'folders have no write permission of their own on Windows'
  const path = mkdtempSync(join(tmpdir(), 'medulla-unwritable-'))
  chmodSync(path, 0o555)
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}
