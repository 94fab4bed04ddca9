import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { z } from 'zod'
import { MedullaError } from '../../shared/errors.ts'
import { type ModelManifest, modelManifest } from './manifest.ts'

/** A model package read from disk and checked as far as that goes without running it. */
export interface ModelPackage {
  readonly folder: string
  readonly manifest: ModelManifest
  /** Markdown. */
  readonly card: string
  /** The ONNX file's bytes, whose hash is the manifest's. */
  readonly graph: Uint8Array
}

const CARD = 'card.md'
const MANIFEST = 'manifest.json'
const RESTORE = 'Restore the model package from where it came from (a fresh copy of all three files).'

export function invalidModel(folder: string, what: string, remedy: string = RESTORE, cause?: unknown): MedullaError {
  return new MedullaError(
    'model-invalid',
    `The model package ${basename(folder)} cannot be used: ${what}.`,
    { remedy, values: { folder } },
    { cause },
  )
}

async function read(folder: string, file: string): Promise<Buffer> {
  try {
    return await readFile(join(folder, file))
  } catch (cause) {
    throw new MedullaError(
      'model-missing',
      `There is no readable ${file} in the model folder ${folder}.`,
      { remedy: `Put a model package (${MANIFEST}, the ONNX file and ${CARD}) into that folder.`, values: { folder } },
      { cause },
    )
  }
}

/** The first fault as `path: message`. */
function fault(error: z.ZodError): string {
  const [issue] = error.issues
  return issue ? `${issue.path.join('.') || 'manifest'}: ${issue.message}` : error.message
}

function parseManifest(folder: string, text: string): ModelManifest {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (cause) {
    throw invalidModel(folder, `${MANIFEST} is not JSON`, RESTORE, cause)
  }
  const parsed = modelManifest.safeParse(json)
  if (!parsed.success) {
    throw invalidModel(
      folder,
      `${MANIFEST} does not describe a model of this version of Medulla (${fault(parsed.error)})`,
      'Use a model package made for this version of Medulla.',
      parsed.error,
    )
  }
  const manifest = parsed.data
  if (basename(manifest.file) !== manifest.file)
    throw invalidModel(folder, `its ONNX file lies outside the package (${manifest.file})`)
  if (new Set(manifest.classes).size !== manifest.classes.length)
    throw invalidModel(folder, 'its manifest names a class twice')
  return manifest
}

/**
 * Reads manifest, ONNX file and card and checks the file against the manifest's hash.
 *
 * Rejects `model-missing` where a file is absent or unreadable, `model-invalid` where the manifest is not understood, the
 * card is empty or the ONNX file is not the one the manifest means.
 */
export async function readPackage(folder: string): Promise<ModelPackage> {
  const manifest = parseManifest(folder, (await read(folder, MANIFEST)).toString('utf8'))
  const card = (await read(folder, CARD)).toString('utf8')
  if (card.trim() === '') throw invalidModel(folder, 'its card is empty')
  const graph = await read(folder, manifest.file)
  if (graph.length === 0) throw invalidModel(folder, `${manifest.file} is empty`)
  const sha256 = createHash('sha256').update(graph).digest('hex')
  if (sha256 !== manifest.sha256) {
    throw invalidModel(
      folder,
      `${manifest.file} is not the file its manifest describes (it may have been cut short or changed; sha256 ${sha256.slice(0, 12)}..., expected ${manifest.sha256.slice(0, 12)}...)`,
    )
  }
  return { folder, manifest, card, graph }
}
