import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { type RigFile, rigFile } from '../../shared/contract/rig.ts'
import { MedullaError } from '../../shared/errors.ts'

/** Rejects `not-found`, and `invalid-input` with every place in the file that is not as it should be. */
export async function readRigFile(path: string): Promise<RigFile> {
  const { success, data, error } = rigFile.safeParse(parsed(await readText(path), path))
  if (success) return data
  throw invalid(`The rig file ${path} is not as it should be:\n${z.prettifyError(error)}`)
}

/** Rejects `not-found`. */
export async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    throw new MedullaError(
      'not-found',
      `There is no rig file ${path} that can be read.`,
      { remedy: 'Name a rig file, or one of the rigs "simulated" and "folder".', values: { path } },
      { cause },
    )
  }
}

function parsed(text: string, path: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw invalid(`The rig file ${path} is no JSON: ${(cause as Error).message}.`)
  }
}

function invalid(message: string): MedullaError {
  return new MedullaError('invalid-input', message, {
    remedy: 'Correct the file; docs/rigs has examples, and the user guide says what each part means.',
  })
}
