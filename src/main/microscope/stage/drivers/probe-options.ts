import type { StageDriver } from '../../../../shared/contract/rig.ts'

const unit = { x: 1, y: 1, z: 1 }
const zaberAxis = (axis: number) => ({ device: 1, axis, microstepUm: 1 })

/** Options with which a driver can ask for a name; positions mean nothing with them. */
export const PROBE_OPTIONS: Readonly<Record<StageDriver, Readonly<Record<string, unknown>>>> = {
  asi: {},
  prior: {},
  tango: {},
  zaber: { x: zaberAxis(1), y: zaberAxis(2), z: zaberAxis(3) },
  grbl: {},
  marlin: {},
  sangaboard: { stepUm: unit },
  ludl: {},
  uc2: { stepUm: unit },
}
