import { ZodError, z } from 'zod'
import type { RigFile } from '../../shared/contract/rig.ts'
import { MedullaError } from '../../shared/errors.ts'
import { type Rect, type StageUm, stageUm } from '../../shared/geometry.ts'
import { openCamera } from './camera/drivers/index.ts'
import { ProcessClock } from './clock.ts'
import { type EmulatedRig, openEmulatedRig } from './emulated-rig.ts'
import type { StageRig } from './rig.ts'
import { ControllerStage } from './stage/controller-stage.ts'
import { createProtocol } from './stage/drivers/index.ts'
import { SerialLine } from './stage/line/serial-line.ts'
import type { StageProtocol } from './stage/protocol.ts'

/** The microscope that a rig file describes. Nothing moves. Rejects `invalid-input`, `device-failed`, `device-taken`. */
export async function openRigFile(rig: RigFile): Promise<StageRig> {
  const protocol = protocolOf(rig)
  const eye = await openEye(rig)
  try {
    const { port, settings, baud = protocol.serial.bauds[0] } = rig.stage
    const line = new SerialLine(port, { baud, stopBits: protocol.serial.stopBits })
    const stage = await ControllerStage.open(line, protocol, settings, new ProcessClock())
    return {
      kind: 'stage',
      name: rig.name,
      stage,
      driven: stage,
      camera: eye.camera,
      workingZUm: rig.workingZUm,
      focusOffsetUm: rig.focusOffsetUm,
      placeErrorUm: rig.stage.settings.placeErrorUm,
      area: rig.area ? rectangle(rig.area) : (eye.world?.countable ?? null),
      world: eye.world,
      async close() {
        try {
          await stage.close()
        } finally {
          await eye.close()
        }
      },
    }
  } catch (error) {
    await eye.close()
    throw error
  }
}

/** That the driver's own part of a rig file fits it. Opens nothing. Throws `invalid-input`. */
export function checkRig(rig: RigFile): void {
  protocolOf(rig)
}

type Eye = Pick<EmulatedRig, 'camera' | 'close'> & Pick<StageRig, 'world'>

async function openEye({ stage, camera }: RigFile): Promise<Eye> {
  if (camera.kind === 'simulated') return openEmulatedRig(stage, camera)
  const real = await openCamera(camera)
  return { camera: real, world: null, close: () => real.close() }
}

function rectangle({ x, y }: NonNullable<RigFile['area']>): Rect<StageUm> {
  return { origin: stageUm(x.minUm, y.minUm), width: x.maxUm - x.minUm, height: y.maxUm - y.minUm }
}

function protocolOf({ stage }: RigFile): StageProtocol {
  try {
    return createProtocol(stage.driver, stage.options)
  } catch (error) {
    if (!(error instanceof ZodError)) throw error
    throw new MedullaError(
      'invalid-input',
      `The rig file's options do not fit the driver ${stage.driver}: ${z.prettifyError(error)}`,
      {
        remedy: 'Correct stage.options in the rig file; the user guide lists what each driver takes.',
      },
    )
  }
}
