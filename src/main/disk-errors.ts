import { MedullaError } from '../shared/errors.ts'

/**
 * What a file system error means to a person, or null where it is none a person can act on (a bug, say).
 * ENOSPC and EDQUOT are `disk-full`; no permission and read-only volumes are `data-unwritable`.
 */
export function diskError(error: unknown, path: string): MedullaError | null {
  if (!(error instanceof Error)) return null
  const { code, syscall } = error as NodeJS.ErrnoException
  if (code === 'ENOSPC' || code === 'EDQUOT') return diskFull(path, error)
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') return dataUnwritable(path, error)
  // Making folders with those above them answers ENOENT on a read-only volume, and these two where a file is in the way.
  if (syscall === 'mkdir' && (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EEXIST'))
    return dataUnwritable(path, error)
  return null
}

export function diskFull(path: string, cause: unknown): MedullaError {
  return new MedullaError(
    'disk-full',
    `The disk that holds ${path} is full. What was saved before is safe.`,
    { remedy: 'Free some space on that disk, then resume.', values: { path } },
    { cause },
  )
}

export function dataUnwritable(path: string, cause: unknown): MedullaError {
  return new MedullaError(
    'data-unwritable',
    `${path} cannot be written.`,
    {
      remedy: 'Give your account write permission there, or choose another data folder with --data.',
      values: { path },
    },
    { cause },
  )
}
