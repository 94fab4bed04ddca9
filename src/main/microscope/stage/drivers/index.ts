import { z } from 'zod'
import type { StageDriver } from '../../../../shared/contract/rig.ts'
import type { StageProtocol } from '../protocol.ts'
import { asi } from './asi/asi.ts'
import { grbl } from './grbl/grbl.ts'
import { ludl, ludlOptions } from './ludl/ludl.ts'
import { marlin } from './marlin/marlin.ts'
import { prior, priorOptions } from './prior/prior.ts'
import { sangaboard, sangaboardOptions } from './sangaboard/sangaboard.ts'
import { tango } from './tango/tango.ts'
import { uc2, uc2Options } from './uc2/uc2.ts'
import { zaber, zaberOptions } from './zaber/zaber.ts'

const none = z.strictObject({}).default({})

/** A driver's own part of the rig file: what its controller cannot tell. */
const drivers = {
  asi: { options: none, create: () => asi() },
  prior: { options: priorOptions.prefault({}), create: prior },
  tango: { options: none, create: () => tango() },
  zaber: { options: zaberOptions, create: zaber },
  grbl: { options: none, create: () => grbl() },
  marlin: { options: none, create: () => marlin() },
  sangaboard: { options: sangaboardOptions, create: sangaboard },
  ludl: { options: ludlOptions.prefault({}), create: ludl },
  uc2: { options: uc2Options, create: uc2 },
}

/** By driver: the schema of its options. */
export function driverOptions(driver: StageDriver): z.ZodType {
  return drivers[driver].options
}

/** A protocol for one stage. @param options as in the rig file. Throws `ZodError` where they do not fit the driver. */
export function createProtocol(driver: StageDriver, options: unknown): StageProtocol {
  const create = <T>(entry: { readonly options: z.ZodType<T>; create(options: T): StageProtocol }) =>
    entry.create(entry.options.parse(options ?? undefined))
  switch (driver) {
    case 'prior':
      return create(drivers.prior)
    case 'zaber':
      return create(drivers.zaber)
    case 'sangaboard':
      return create(drivers.sangaboard)
    case 'ludl':
      return create(drivers.ludl)
    case 'uc2':
      return create(drivers.uc2)
    default:
      return create(drivers[driver])
  }
}
