import type { Readable } from 'node:stream'
import { MedullaError } from '../../../shared/errors.ts'
import { MANIFEST } from '../package.ts'

/** Where the files of a package are read from before it is in the store: a folder, or a zip file. */
export interface PackageSource {
  /** Sizes as they are stated, bytes, by name; the manifest is among them. */
  readonly sizes: ReadonlyMap<string, number>
  /** Rejects where the file cannot be read; the stream fails where it is not what was stated. */
  open(name: string): Promise<Readable>
  close(): Promise<void>
}

export const NO_LINKS = 'Make the package of plain files, without links.'

export function noManifest(path: string): MedullaError {
  return new MedullaError('model-missing', `There is no ${MANIFEST} in ${path}.`, {
    remedy: 'Name a model package: a folder with manifest.json, the ONNX file and card.md, or a zip file of it.',
    values: { path },
  })
}
