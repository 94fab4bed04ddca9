import { existsSync } from 'node:fs'
import { env, listSupportedBackends } from 'onnxruntime-node'
import type { ModelVariant } from '../../shared/contract/models.ts'
import { MedullaError } from '../../shared/errors.ts'
import { workerFile } from '../worker-file.ts'
import { askApart } from './apart.ts'
import { candidates, type PassedOver, type Provider } from './providers.ts'
import type { ProviderTrial, TrialAnswer, TrialQuestion } from './trial-worker.ts'
import { OTHER_PROCESSOR_TOLERANCE } from './try-out.ts'

/** What the choice depends on besides the model, the drivers and the devices. */
export const RUNTIME = `onnxruntime ${env.versions.node} on ${process.platform} ${process.arch}`

/** One that needs longer than this is none to wait for. */
const TIMEOUT_MS = 30_000
/** As much quicker than the processor it has to be: what is nearly as quick is not worth the trouble. */
const WORTHWHILE = 1.25

export interface ChosenProvider {
  readonly provider: Provider
  /** Those that would have been preferred. */
  readonly passedOver: readonly PassedOver[]
}

export interface ProviderQuestion {
  /** Of the model package. */
  readonly folder: string
  readonly variant: ModelVariant
  /** auto: the best there is. */
  readonly wanted: Provider | 'auto'
  /** Best first; by default what this platform and this build of onnxruntime offer. */
  readonly offered?: readonly Provider[]
}

/**
 * The first provider that runs the model here, answers as the processor does and is quicker than it. Each is tried in a process of
 * its own. A wanted one need not be quicker; where it does not run, that is an error: rejects `invalid-input`. `tried`: some were tried,
 * which took its time.
 */
export async function chooseProvider(question: ProviderQuestion): Promise<ChosenProvider & { tried: boolean }> {
  const { wanted, offered = offeredHere() } = question
  if (wanted === 'cpu') return { provider: 'cpu', passedOver: [], tried: false }
  if (wanted !== 'auto') {
    const reason = offered.includes(wanted)
      ? await faultOf(wanted, question, { slowerIsFine: true })
      : `this build of onnxruntime has none for ${process.platform} ${process.arch}`
    if (reason === null) return { provider: wanted, passedOver: [], tried: true }
    throw new MedullaError('invalid-input', `The execution provider ${wanted} cannot be used here: ${reason}.`, {
      remedy: `Leave the choice to Medulla (--provider auto), or install what it needs; "doctor" tells what is there.`,
      values: { provider: wanted },
    })
  }
  const passedOver: PassedOver[] = []
  let tried = false
  for (const provider of offered) {
    if (provider === 'cpu') break
    const absent = absence(provider)
    tried ||= absent === null
    const reason = absent ?? (await faultOf(provider, question, { slowerIsFine: false }))
    if (reason === null) return { provider, passedOver, tried }
    passedOver.push({ provider, reason })
  }
  return { provider: 'cpu', passedOver, tried }
}

function offeredHere(): Provider[] {
  const known = listSupportedBackends().map(({ name }) => name)
  return candidates(process.platform, known)
}

/** What is plainly not there need not be tried; null: it may be there. */
function absence(provider: Provider): string | null {
  if (process.platform !== 'linux') return null
  if (provider === 'cuda' && !existsSync('/dev/nvidiactl')) return 'there is no NVIDIA driver'
  // A driver that is named may need no device.
  const driver = process.env.VK_DRIVER_FILES ?? process.env.VK_ICD_FILENAMES
  if (provider === 'webgpu' && !driver && !existsSync('/dev/dri') && !existsSync('/dev/nvidiactl'))
    return 'there is no graphics processor'
  return null
}

/** Why a provider is not to be used, as the end of a sentence; null: it is. */
async function faultOf(
  provider: Provider,
  { folder, variant }: ProviderQuestion,
  { slowerIsFine }: { slowerIsFine: boolean },
): Promise<string | null> {
  const question: TrialQuestion = { task: 'provider', folder, variant, provider }
  const ended = await askApart(workerFile(import.meta.url, './trial-worker.ts'), question, TIMEOUT_MS)
  if (ended.kind === 'silent') return ended.reason
  const answer = ended.answer as TrialAnswer
  if ('failure' in answer) return short(answer.failure.message)
  return 'trial' in answer ? faultOfTrial(answer.trial, slowerIsFine) : 'it answered another question'
}

function faultOfTrial({ difference, ms, cpuMs }: ProviderTrial, slowerIsFine: boolean): string | null {
  if (!(difference <= OTHER_PROCESSOR_TOLERANCE))
    return `it answers otherwise than the processor (off by ${difference.toFixed(3)})`
  if (ms * WORTHWHILE > cpuMs && !slowerIsFine)
    return `it is not much quicker than the processor (${ms.toFixed(0)} against ${cpuMs.toFixed(0)} ms)`
  return null
}

/** Native messages name their source file first and run over many lines. */
function short(message: string): string {
  const line = message
    .split('\n', 1)[0]!
    .replace(/^Error: /, '')
    .replace(/^.*?(Failed to |\[ONNXRuntimeError\] : )/, '$1')
  return line.length > 200 ? `${line.slice(0, 200)}...` : line.replace(/\.$/, '')
}
