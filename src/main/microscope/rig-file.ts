import { ZodError, z } from 'zod'
import type { RigFile } from '../../shared/contract/rig.ts'
import { MedullaError } from '../../shared/errors.ts'
import { ProcessClock } from './clock.ts'
import type { StageRig } from './rig.ts'
import { createWorld } from './simulator/create-world.ts'
import { DEFAULT_EFFECTS } from './simulator/effects.ts'
import { SimulatedCamera } from './simulator/simulated-camera.ts'
import type { World } from './simulator/world.ts'
import { ControllerStage } from './stage/controller-stage.ts'
import { createProtocol } from './stage/drivers/index.ts'
import { FirmwarePort } from './stage/firmware/firmware-port.ts'
import { createFirmware } from './stage/firmware/index.ts'
import type { MechanicsOptions } from './stage/firmware/mechanics.ts'
import { SerialLine } from './stage/line/serial-line.ts'
import type { StageProtocol } from './stage/protocol.ts'

/** Room beyond the smear in which the emulated stage can still go, micrometres. */
const MARGIN_UM = 2000

/** The microscope that a rig file describes. Nothing moves. Rejects `invalid-input`, `device-failed`, `device-taken`. */
export async function openRigFile(rig: RigFile): Promise<StageRig> {
  const { stage: wanted, camera: cameraWanted } = rig
  const protocol = protocolOf(rig)
  const { profile, seed, timeScale, emulator } = cameraWanted
  const world = createWorld({ seed, profile })
  // The camera has to know where the stage really is, so the emulated controller runs in this process, behind a line of its own.
  const clock = new ProcessClock(timeScale)
  const firmware = createFirmware(wanted.driver, clock, { seed, ...mechanicsOver(world) })
  const serial = { baud: firmware.baud }
  const controller = new FirmwarePort(firmware, new SerialLine(emulator, serial), clock)
  const camera = new SimulatedCamera(
    world,
    { truePositionAt: (tMs) => firmware.mechanics.loadAt(tMs * timeScale) },
    { seed, timeScale, effects: DEFAULT_EFFECTS },
  )
  const closeRest = async () => {
    await camera.close()
    await controller.close()
    await world.close()
  }
  try {
    const { baud = protocol.serial.bauds[0] } = wanted
    const line = new SerialLine(wanted.port, { baud, stopBits: protocol.serial.stopBits })
    const stage = await ControllerStage.open(line, protocol, wanted.settings, new ProcessClock())
    return {
      kind: 'stage',
      name: rig.name,
      stage,
      camera,
      workingZUm: rig.workingZUm,
      world,
      async close() {
        await stage.close()
        await closeRest()
      },
    }
  } catch (error) {
    await closeRest()
    throw error
  }
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

/** A stage that reaches the whole smear, standing in its middle with the objective down. */
function mechanicsOver({ extent, countable }: World): Partial<MechanicsOptions> {
  const { origin, width, height } = extent
  return {
    travel: {
      x: { minUm: origin.x - MARGIN_UM, maxUm: origin.x + width + MARGIN_UM },
      y: { minUm: origin.y - MARGIN_UM, maxUm: origin.y + height + MARGIN_UM },
      z: { minUm: -4000, maxUm: 500 },
    },
    start: {
      x: countable.origin.x + countable.width / 2,
      y: countable.origin.y + countable.height / 2,
      z: -3000,
    },
    zero: { x: 0, y: 0, z: 0 },
    speedMmPerS: { x: 20, y: 20, z: 4 },
  }
}
