import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)
/** By version of Aravis; the first that is there. */
const NAMES = ['arv-tool-0.8', 'arv-tool-0.10', 'arv-tool']
/** Looking for cameras takes it about a second. */
const ASK_MS = 15_000

/** Aravis's own program for a question, or null where none is installed. */
async function arvTool(args: readonly string[]): Promise<string | null> {
  for (const name of NAMES) {
    try {
      return (await run(name, args, { timeout: ASK_MS })).stdout
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') return ''
    }
  }
  return null
}

export interface AravisCameraFound {
  /** As a rig file names it. */
  readonly name: string
  /** Its network address; null: it has none (USB). */
  readonly address: string | null
}

/** Asks the network and USB who is there, which disturbs nobody. null: there is no arv-tool to ask with. */
export async function listAravisCameras(): Promise<AravisCameraFound[] | null> {
  const text = await arvTool([])
  return text === null ? null : parseCameras(text)
}

/** Lines like `Basler-acA1920-40gc-21944233 (169.254.1.2)` or, of USB cameras, with the name alone. */
export function parseCameras(text: string): AravisCameraFound[] {
  return text
    .split(/\r?\n/)
    .map((line) => /^(\S.*?)(?: \(([^()]+)\))?\s*$/.exec(line))
    .filter((match) => match !== null)
    .filter(([line]) => !/^no device found/i.test(line))
    .map(([, name, address]) => ({ name, address: address ?? null }))
}

export interface FeatureFound {
  readonly value: number
  readonly min: number
  readonly max: number
}

/** The features among these that the camera has, with their ranges. Reading them is allowed while another program controls it. */
export async function readFeatures(
  camera: string | null,
  names: readonly string[],
): Promise<ReadonlyMap<string, FeatureFound>> {
  const text = await arvTool([...(camera === null ? [] : ['-n', camera]), 'control', ...names])
  return parseFeatures(text ?? '')
}

/** Lines like `ExposureTimeAbs = 10000 min:10 max:1e+07`; of a feature it lacks, another line. */
export function parseFeatures(text: string): Map<string, FeatureFound> {
  const found = new Map<string, FeatureFound>()
  for (const [, name, ...numbers] of text.matchAll(/^\s*(\w+) = (\S+) min:(\S+) max:(\S+)/gm)) {
    const [value, min, max] = numbers.map(Number)
    if ([value, min, max].every(Number.isFinite)) found.set(name, { value, min, max })
  }
  return found
}
