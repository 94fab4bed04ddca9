import type { StageDriver } from '../../../../shared/contract/rig.ts'
import type { Clock } from '../../clock.ts'
import { AsiFirmware } from '../drivers/asi/asi-firmware.ts'
import { GrblFirmware } from '../drivers/grbl/grbl-firmware.ts'
import { LudlFirmware } from '../drivers/ludl/ludl-firmware.ts'
import { MarlinFirmware } from '../drivers/marlin/marlin-firmware.ts'
import { PriorFirmware } from '../drivers/prior/prior-firmware.ts'
import { SangaboardFirmware } from '../drivers/sangaboard/sangaboard-firmware.ts'
import { TangoFirmware } from '../drivers/tango/tango-firmware.ts'
import { Uc2Firmware } from '../drivers/uc2/uc2-firmware.ts'
import { ZaberFirmware } from '../drivers/zaber/zaber-firmware.ts'
import type { Firmware } from './firmware.ts'
import type { MechanicsOptions } from './mechanics.ts'

const FIRMWARES: Readonly<Record<StageDriver, new (clock: Clock, mechanics: Partial<MechanicsOptions>) => Firmware>> = {
  asi: AsiFirmware,
  prior: PriorFirmware,
  tango: TangoFirmware,
  zaber: ZaberFirmware,
  grbl: GrblFirmware,
  marlin: MarlinFirmware,
  sangaboard: SangaboardFirmware,
  ludl: LudlFirmware,
  uc2: Uc2Firmware,
}

/** A simulated controller that speaks this driver's protocol. */
export function createFirmware(driver: StageDriver, clock: Clock, mechanics: Partial<MechanicsOptions> = {}): Firmware {
  return new FIRMWARES[driver](clock, mechanics)
}

/** The driver options that fit the simulated controller: what a rig file for it says. */
export const SIMULATED_OPTIONS: Readonly<Record<StageDriver, Readonly<Record<string, unknown>>>> = {
  asi: {},
  prior: {},
  tango: {},
  zaber: {
    x: { device: 1, axis: 1, microstepUm: 0.1 },
    y: { device: 1, axis: 2, microstepUm: 0.1 },
    z: { device: 1, axis: 3, microstepUm: 0.1 },
  },
  grbl: {},
  marlin: {},
  sangaboard: { stepUm: { x: 0.1, y: 0.1, z: 0.05 } },
  ludl: {},
  uc2: { stepUm: { x: 0.3125, y: 0.3125, z: 0.3125 } },
}
