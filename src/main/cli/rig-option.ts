import { type Command, Option } from 'commander'
import type { StageRigSettings } from '../../shared/contract/microscope.ts'
import { simulatedRig } from '../../shared/contract/rig-settings.ts'
import { positive, whole } from './numbers.ts'
import { readRigFile } from './rig-file.ts'
import { callerPath } from './settings.ts'

const PROFILES = simulatedRig.shape.profile.unwrap().options
const STAGES = simulatedRig.shape.stage.unwrap().options

export interface RigOptions {
  /** simulated, or the path of a rig file. */
  readonly rig: string
  readonly profile: (typeof PROFILES)[number]
  readonly seed: number
  readonly timeScale: number
  readonly mount?: number
  readonly stage: (typeof STAGES)[number]
  readonly objective?: string
}

/** Options that name a microscope: one that scans, or looks over a smear. */
export function withRig(command: Command, kinds: string): Command {
  return command
    .option('--rig <kind>', kinds, 'simulated')
    .addOption(new Option('--profile <name>', 'simulated patient').choices(PROFILES).default('normal'))
    .option('--seed <n>', 'seed of the simulated smear', whole(0), 1)
    .option('--time-scale <n>', 'how many times faster than real time the simulated stage and camera work', positive, 1)
    .option('--mount <n>', 'seed of a simulated microscope put together at random: see "calibrate"', whole(0))
    .addOption(
      new Option('--stage <name>', 'simulated stage: "worn" is off by 5 um rms and does not know it')
        .choices(STAGES)
        .default('good'),
    )
    .option('--objective <name>', 'objective in place, as it was calibrated')
}

/** Rejects as `readRigFile`. */
export async function stageRigOf(options: RigOptions): Promise<StageRigSettings> {
  const { rig, profile, seed, timeScale, mount = null, stage, objective = null } = options
  if (rig === 'simulated') return { kind: 'simulated', profile, seed, timeScale, mount, stage, objective }
  return { kind: 'microscope', rig: await readRigFile(callerPath(rig)), objective }
}
