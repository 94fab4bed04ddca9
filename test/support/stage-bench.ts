import { VirtualClock } from '../../src/main/microscope/simulator/virtual-clock.ts'
import { ControllerStage } from '../../src/main/microscope/stage/controller-stage.ts'
import { createProtocol } from '../../src/main/microscope/stage/drivers/index.ts'
import type { Firmware } from '../../src/main/microscope/stage/firmware/firmware.ts'
import { createFirmware, SIMULATED_OPTIONS } from '../../src/main/microscope/stage/firmware/index.ts'
import { SimulatedLine } from '../../src/main/microscope/stage/firmware/simulated-line.ts'
import type { StageDriver } from '../../src/shared/contract/rig.ts'
import { type StageSettings, stageSettings } from '../../src/shared/contract/rig.ts'

/** Limits within the travel of the simulated mechanics, speeds that every simulated controller reaches. */
export const BENCH_SETTINGS: StageSettings = stageSettings.parse({
  limits: { x: { minUm: 100, maxUm: 39_000 }, y: { minUm: 100, maxUm: 29_000 }, z: { minUm: 50, maxUm: 7900 } },
  retractedZUm: 500,
  // More than the backlash of the simulated mechanics by more than the coarsest step.
  approachUm: { x: 5, y: 5, z: 4 },
  speedXyMmPerS: 10,
  speedZMmPerS: 2,
})

/** Drivers whose controller can be sent to a reference on every axis. */
export const CAN_HOME: readonly StageDriver[] = ['asi', 'tango', 'zaber', 'grbl', 'marlin', 'ludl', 'uc2']
/** Boards that are reset by opening their port: after a replug their count means nothing. */
export const RESTARTS_ON_OPEN: readonly StageDriver[] = ['grbl', 'marlin', 'sangaboard', 'uc2']

export interface StageBench {
  readonly driver: StageDriver
  readonly clock: VirtualClock
  readonly firmware: Firmware
  readonly line: SimulatedLine
  readonly stage: ControllerStage
  run<T>(work: Promise<T>): Promise<T>
}

/** A driver in front of its simulated controller, in virtual time; homed where it says nothing of its position before. */
export async function openStageBench(
  driver: StageDriver,
  { seed = 1, settings = BENCH_SETTINGS }: { seed?: number; settings?: StageSettings } = {},
): Promise<StageBench> {
  const clock = new VirtualClock()
  const firmware = createFirmware(driver, clock, { seed })
  const line = new SimulatedLine(firmware, clock, seed)
  const protocol = createProtocol(driver, SIMULATED_OPTIONS[driver])
  const stage = await clock.run(ControllerStage.open(line, protocol, settings, clock))
  if (stage.state === 'unreferenced') await clock.run(stage.home())
  return { driver, clock, firmware, line, stage, run: (work) => clock.run(work) }
}
