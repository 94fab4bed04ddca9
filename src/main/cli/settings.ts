import path from 'node:path'
import type { Command } from 'commander'
import type { Bench } from '../bench/bench.ts'
import { createOutput, type Output } from './output.ts'

export interface Settings {
  readonly dataFolder: string
  readonly modelFolder: string | null
  readonly output: Output
}

export function settingsOf(command: Command): Settings {
  const { data, model, json } = command.optsWithGlobals<{ data: string; model?: string; json?: boolean }>()
  return {
    dataFolder: path.resolve(callerFolder(), data),
    modelFolder: model === undefined ? null : path.resolve(callerFolder(), model),
    output: createOutput(json === true),
  }
}

/** Runs a command on an open bench and closes it whatever happens. */
export async function withBench(settings: Settings, work: (bench: Bench) => Promise<void>): Promise<void> {
  // Loaded here, so that help and mistyped commands are answered without the model's runtime.
  const { openBench } = await import('../bench/bench.ts')
  const bench = await openBench({ dataFolder: settings.dataFolder, modelFolder: settings.modelFolder })
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
