import type { ContractRouterClient } from '@orpc/contract'
import { calibration } from './calibration.ts'
import { cases } from './cases.ts'
import { cells } from './cells.ts'
import { devices } from './devices.ts'
import { evidence } from './evidence.ts'
import { fields } from './fields.ts'
import { images } from './images.ts'
import { microscope } from './microscope.ts'
import { models } from './models.ts'
import { overview } from './overview.ts'
import { reference } from './reference.ts'
import { rigs } from './rigs.ts'
import { runs } from './runs.ts'
import { search } from './search.ts'
import { slide } from './slide.ts'
import { system } from './system.ts'
import { tally } from './tally.ts'

/** Everything the bench does, for the window, the command line and other programs. Reached under /rpc. */
export const contract = {
  system,
  cases,
  runs,
  cells,
  fields,
  slide,
  evidence,
  search,
  tally,
  images,
  models,
  reference,
  devices,
  rigs,
  microscope,
  calibration,
  overview,
}
export type BenchClient = ContractRouterClient<typeof contract>
