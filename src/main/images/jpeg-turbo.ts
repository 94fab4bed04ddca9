import { createRequire } from 'node:module'

// The package is CommonJS whose names Node cannot see ahead of running it, and its types know no default export: an ES import
// of either kind fails in one place or the other.
const turbo = createRequire(import.meta.url)('@julusian/jpeg-turbo') as typeof import('@julusian/jpeg-turbo')

export const { compress, compressSync, decompress, FORMAT_RGB, SAMP_420 } = turbo
