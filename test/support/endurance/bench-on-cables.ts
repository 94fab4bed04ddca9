import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { rigFile } from '../../../src/shared/contract/rig.ts'
import { ROOT } from '../medulla.ts'
import { PtyCable } from '../pty.ts'

/** A microscope whose stage and camera hang on cables of their own. */
export interface BenchOnCables {
  /** What the command line takes as --rig. */
  readonly rigPath: string
  readonly cables: Readonly<Record<'stage' | 'camera', Cable>>
  /** The camera gives its newest image again and again, until it is plugged in anew. */
  readonly hangCamera: () => void
}

export interface Cable {
  plug(): Promise<void>
  unplug(): Promise<void>
}

/**
 * The rig file of the guide with a faster stage, its ports and cables in this folder; nothing is plugged in yet.
 * @param mount how its camera is mounted, see `simulatedCamera`
 */
export function benchOnCables(folder: string, mount: number | null): BenchOnCables {
  const rig = rigFile.parse(JSON.parse(readFileSync(join(ROOT, 'docs/rigs/emulated-asi.json'), 'utf8')))
  if (rig.camera.kind !== 'simulated') throw new Error('the example has no simulated camera')
  const [port, emulator, cable] = ['stage', 'emulator', 'camera-cable'].map((name) => join(folder, name))
  const rigPath = join(folder, 'rig.json')
  const fast = {
    ...rig,
    stage: { ...rig.stage, port, settings: { ...rig.stage.settings, settleMs: 30 } },
    camera: { ...rig.camera, timeScale: 4, emulator, mount, cable },
  }
  writeFileSync(rigPath, JSON.stringify(fast))
  return {
    rigPath,
    cables: {
      stage: new PtyCable(port, emulator),
      camera: {
        plug: async () => writeFileSync(cable, ''),
        unplug: async () => rmSync(cable, { force: true }),
      },
    },
    hangCamera: () => writeFileSync(cable, 'hangs'),
  }
}
