import { readFileSync } from 'node:fs'
import type { RigCamera } from '../../shared/contract/camera.ts'
import type { RigFile } from '../../shared/contract/rig.ts'
import type { Camera } from './camera/camera.ts'
import { ProcessClock } from './clock.ts'
import { createWorld } from './simulator/create-world.ts'
import { DEFAULT_EFFECTS } from './simulator/effects.ts'
import { MOUNTED_BINNING, randomMount } from './simulator/random-mount.ts'
import { SimulatedCamera } from './simulator/simulated-camera.ts'
import type { World } from './simulator/world.ts'
import { FirmwarePort } from './stage/firmware/firmware-port.ts'
import { createFirmware } from './stage/firmware/index.ts'
import type { MechanicsOptions } from './stage/firmware/mechanics.ts'
import { SerialLine } from './stage/line/serial-line.ts'

/** Room beyond the smear in which the emulated stage can still go, micrometres. */
const MARGIN_UM = 2000

/** A simulated camera over a simulated smear, and the emulated controller of the stage that the smear lies on. */
export interface EmulatedRig {
  readonly camera: Camera
  readonly world: World
  close(): Promise<void>
}

/**
 * The camera has to know where the stage really is, so the emulated controller runs in this process, behind a line of its own: the
 * rig's stage is at that line's other end.
 */
export function openEmulatedRig(
  { driver }: RigFile['stage'],
  { profile, seed, timeScale, emulator, mount, cable }: Extract<RigCamera, { kind: 'simulated' }>,
): EmulatedRig {
  const world = createWorld({ seed, profile })
  const clock = new ProcessClock(timeScale)
  const firmware = createFirmware(driver, clock, { seed, ...mechanicsOver(world) })
  const controller = new FirmwarePort(firmware, new SerialLine(emulator, { baud: firmware.baud }), clock)
  // How the stage is put together is the emulated controller's own.
  const mounted = mount === null ? null : randomMount(mount, MOUNTED_BINNING).options
  const camera = new SimulatedCamera(
    world,
    { truePositionAt: (tMs) => firmware.mechanics.loadAt(tMs * timeScale) },
    {
      seed,
      timeScale,
      ...mounted?.camera,
      effects: { ...DEFAULT_EFFECTS, ...mounted?.effects },
      isPlugged: () => cable === null || saidBy(cable) !== null,
      isHung: () => cable !== null && saidBy(cable)?.trim() === 'hangs',
    },
  )
  return {
    camera,
    world,
    async close() {
      await camera.close()
      await controller.close()
      await world.close()
    },
  }
}

/** null: there is no such file. */
function saidBy(cable: string): string | null {
  try {
    return readFileSync(cable, 'utf8')
  } catch {
    return null
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
