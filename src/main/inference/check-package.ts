import { workerFile } from '../worker-file.ts'
import { askApart } from './apart.ts'
import { asError } from './failure.ts'
import { invalidModel } from './package.ts'
import type { CheckedGraph, TrialAnswer, TrialQuestion } from './trial-worker.ts'

/** A model that answers its test crops no sooner than this would not end a scan. */
const TIMEOUT_MS = 5 * 60_000

/**
 * Tries every graph of a package, in a process of its own: hash, names, types, shapes, every crop of its test vector.
 * Rejects as `openModel` does, and `model-invalid` where the graph brings that process down or never answers.
 */
export async function checkPackage(folder: string): Promise<readonly CheckedGraph[]> {
  const question: TrialQuestion = { task: 'check', folder }
  const ended = await askApart(workerFile(import.meta.url, './trial-worker.ts'), question, TIMEOUT_MS)
  if (ended.kind === 'silent') {
    throw invalidModel(folder, `its graph could not be tried: ${ended.reason}`, 'Do not use this package.')
  }
  const answer = ended.answer as TrialAnswer
  if ('graphs' in answer) return answer.graphs
  throw 'failure' in answer ? asError(answer.failure) : new Error('another question was answered')
}
