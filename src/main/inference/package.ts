import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { z } from 'zod'
import type { ModelVariant } from '../../shared/contract/models.ts'
import { MedullaError } from '../../shared/errors.ts'
import { type ModelManifest, modelManifest } from './manifest.ts'
import { contradiction } from './manifest-claims.ts'

/** Crops and what the graph should say of them. */
export interface TestVector {
  /** n x sizePx x sizePx x 3, RGB, 8 bit. */
  readonly crops: Uint8Array
  readonly n: number
  /** n x classes. */
  readonly probabilities: Float32Array
  /** How far a probability may lie from the one stated. */
  readonly tolerance: number
}

/** A model package read from disk and checked as far as that goes without running it. */
export interface ModelPackage {
  readonly folder: string
  readonly manifest: ModelManifest
  /** Markdown. */
  readonly card: string
  readonly variant: ModelVariant
  /** Of the graph, lower case hex; what the manifest says it should be. */
  readonly sha256: string
  /** The ONNX file's bytes. */
  readonly graph: Uint8Array
  /** null: the package has none. */
  readonly testVector: TestVector | null
}

export const CARD = 'card.md'
export const MANIFEST = 'manifest.json'
/** The largest graph that is taken, bytes: ten times the reference network, and what one read can hold. */
export const MAX_GRAPH_BYTES = 1024 ** 3
/** Of the test vector's crops. */
export const MAX_CROPS_BYTES = 256 * 1024 ** 2
/** Of the manifest and of the card. */
export const MAX_TEXT_BYTES = 4 * 1024 ** 2
const RESTORE = 'Restore the model package from where it came from (a fresh copy of all its files).'
/** An 8 bit graph whose own answers are not stated may differ by as much: it is another network, only much the same. */
const LOOSE_TOLERANCE = 0.5

export function invalidModel(folder: string, what: string, remedy: string = RESTORE, cause?: unknown): MedullaError {
  return new MedullaError(
    'model-invalid',
    `The model package ${basename(folder)} cannot be used: ${what}.`,
    { remedy, values: { folder } },
    { cause },
  )
}

/** Rejects where it is not a plain file of 1 to `maxBytes` bytes. */
async function requireFile(folder: string, file: string, maxBytes: number): Promise<void> {
  const found = await stat(join(folder, file)).catch((cause: unknown) => {
    throw missing(folder, file, cause)
  })
  if (!found.isFile()) throw invalidModel(folder, `${file} is not a plain file`)
  if (found.size > maxBytes) {
    const [size, most] = [found.size, maxBytes].map((bytes) => `${(bytes / 1024 ** 2).toFixed(1)} MiB`)
    throw invalidModel(folder, `${file} has ${size}, more than the ${most} that are taken`, OTHER_PACKAGE)
  }
  if (found.size === 0) throw invalidModel(folder, `${file} is empty`)
}

const OTHER_PACKAGE = 'Use a model package made for this version of Medulla.'

async function read(folder: string, file: string, maxBytes: number): Promise<Buffer> {
  await requireFile(folder, file, maxBytes)
  try {
    return await readFile(join(folder, file))
  } catch (cause) {
    throw missing(folder, file, cause)
  }
}

function missing(folder: string, file: string, cause: unknown): MedullaError {
  return new MedullaError(
    'model-missing',
    `There is no readable ${file} in the model folder ${folder}.`,
    { remedy: `Put a model package (${MANIFEST}, the ONNX file and ${CARD}) into that folder.`, values: { folder } },
    { cause },
  )
}

/** The first fault as `path: message`. */
function fault(error: z.ZodError): string {
  const [issue] = error.issues
  return issue ? `${issue.path.join('.') || 'manifest'}: ${issue.message}` : error.message
}

export function parseManifest(folder: string, text: string): ModelManifest {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (cause) {
    throw invalidModel(folder, `${MANIFEST} is not JSON`, RESTORE, cause)
  }
  const parsed = modelManifest.safeParse(json)
  if (!parsed.success) {
    const what = `${MANIFEST} does not describe a model of this version of Medulla (${fault(parsed.error)})`
    throw invalidModel(folder, what, OTHER_PACKAGE, parsed.error)
  }
  const found = contradiction(parsed.data)
  if (found) throw invalidModel(folder, found)
  return parsed.data
}

/** Manifest and card alone. Rejects as `readPackage` does where they are concerned. */
export async function readDescription(folder: string): Promise<Pick<ModelPackage, 'folder' | 'manifest' | 'card'>> {
  const manifest = parseManifest(folder, (await read(folder, MANIFEST, MAX_TEXT_BYTES)).toString('utf8'))
  const card = (await read(folder, CARD, MAX_TEXT_BYTES)).toString('utf8')
  if (card.trim() === '') throw invalidModel(folder, 'its card is empty')
  return { folder, manifest, card }
}

/**
 * Reads manifest, card, one of the graphs and the test vector, and checks the graph against the manifest's hash.
 *
 * Rejects `model-missing` where a file is absent or unreadable, or the package has no such variant; `model-invalid` where the
 * manifest is not understood or contradicts itself, the card is empty, a file is too large or is not the one the manifest means.
 */
export async function readPackage(folder: string, variant: ModelVariant = 'float'): Promise<ModelPackage> {
  const { manifest, card } = await readDescription(folder)
  const meant = variant === 'float' ? manifest : manifest.int8
  if (!meant) {
    throw new MedullaError('model-missing', `${manifest.name} ${manifest.version} has no graph of 8 bit weights.`, {
      remedy: 'Use its float graph (--precision float), or a package that has both.',
      values: { folder },
    })
  }
  await requireFile(folder, meant.file, MAX_GRAPH_BYTES)
  // Streamed: a file that is not the right one need not fit into memory.
  const sha256 = await hashOf(join(folder, meant.file)).catch((cause: unknown) => {
    throw missing(folder, meant.file, cause)
  })
  if (sha256 !== meant.sha256) {
    throw invalidModel(
      folder,
      `${meant.file} is not the file its manifest describes (it may have been cut short or changed; sha256 ${sha256.slice(0, 12)}..., expected ${meant.sha256.slice(0, 12)}...)`,
    )
  }
  const graph = await read(folder, meant.file, MAX_GRAPH_BYTES)
  return { folder, manifest, card, variant, sha256, graph, testVector: await readTestVector(folder, manifest, variant) }
}

/** Lower case hex. */
export async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer)
  return hash.digest('hex')
}

async function readTestVector(
  folder: string,
  { testVector, int8, input }: ModelManifest,
  variant: ModelVariant,
): Promise<TestVector | null> {
  if (!testVector) return null
  const bytes = testVector.n * input.sizePx ** 2 * 3
  const crops = await read(folder, testVector.crops, MAX_CROPS_BYTES)
  if (crops.length !== bytes) {
    const what = `${testVector.crops} has ${crops.length} bytes, not the ${bytes} of ${testVector.n} crops of ${input.sizePx} px`
    throw invalidModel(folder, what)
  }
  const own = variant === 'float' ? testVector : int8
  return {
    crops,
    n: testVector.n,
    probabilities: Float32Array.from((own?.probabilities ?? testVector.probabilities).flat()),
    tolerance: own?.tolerance ?? LOOSE_TOLERANCE,
  }
}
