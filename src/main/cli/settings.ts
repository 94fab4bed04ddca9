import { existsSync } from 'node:fs'
import path from 'node:path'
import type { Command } from 'commander'
import type { ModelVariant } from '../../shared/contract/models.ts'
import type { Bench } from '../bench/bench.ts'
import type { Provider } from '../inference/providers.ts'
import { createOutput, type Output } from './output.ts'

interface GlobalOptions {
  readonly data: string
  readonly model?: string
  readonly precision?: ModelVariant
  readonly provider?: Provider | 'auto'
  readonly json?: boolean
}

export interface Settings {
  readonly dataFolder: string
  /** A model package's folder, or NAME[@VERSION]; null: the one in use. */
  readonly model: string | null
  readonly precision: ModelVariant | null
  readonly provider: Provider | 'auto' | undefined
  readonly output: Output
}

export function settingsOf(command: Command): Settings {
  const { data, model, precision, provider, json } = command.optsWithGlobals<GlobalOptions>()
  return {
    dataFolder: path.resolve(callerFolder(), data),
    model: model === undefined ? null : modelNamed(model),
    precision: precision ?? null,
    provider,
    output: createOutput(json === true),
  }
}

/** A path from the caller's folder, or a name as it is. */
function modelNamed(text: string): string {
  const folder = path.resolve(callerFolder(), text)
  return /[\\/]/.test(text) || existsSync(folder) ? folder : text
}

/** Runs a command on an open bench and closes it whatever happens. */
export async function withBench(settings: Settings, work: (bench: Bench) => Promise<void>): Promise<void> {
  // Loaded here, so that help and mistyped commands are answered without the model's runtime.
  const { openBench } = await import('../bench/bench.ts')
  const bench = await openBench(settings)
  try {
    await work(bench)
  } finally {
    await bench.close()
  }
}

/** Relative paths are the caller's: `npm run` changes into the project's folder and leaves the caller's in INIT_CWD. */
export function callerFolder(): string {
  const { npm_lifecycle_event: script, INIT_CWD: started } = process.env
  return script === 'medulla' && started ? started : process.cwd()
}

/** A path as the bench finds it; left as written where that already works, so that answers name files as the caller did. */
export function callerPath(file: string): string {
  return callerFolder() === process.cwd() ? file : path.resolve(callerFolder(), file)
}
