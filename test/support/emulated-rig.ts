import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type RigFile, rigFile } from '../../src/shared/contract/rig.ts'
import { ROOT } from './medulla.ts'

/** The rig file of the guide with a faster stage, its ports in a folder: a stage over a pseudo-terminal, a simulated camera. */
export function emulatedRig(folder: string, timeScale = 4) {
  const rig: RigFile = rigFile.parse(JSON.parse(readFileSync(join(ROOT, 'docs/rigs/emulated-asi.json'), 'utf8')))
  if (rig.camera.kind !== 'simulated') throw new Error('the example has no simulated camera')
  return {
    ...rig,
    stage: { ...rig.stage, port: join(folder, 'stage'), settings: { ...rig.stage.settings, settleMs: 30 } },
    camera: { ...rig.camera, timeScale, emulator: join(folder, 'emulator') },
  }
}
