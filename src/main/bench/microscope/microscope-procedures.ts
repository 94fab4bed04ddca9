import { setTimeout as sleep } from 'node:timers/promises'
import { implement } from '@orpc/server'
import type { Logger } from 'pino'
import { contract } from '../../../shared/contract/index.ts'
import type { MicroscopeView } from '../../../shared/contract/microscope.ts'
import { withBoundaryErrors } from '../boundary-errors.ts'
import type { LiveView } from '../live-view.ts'
import { viewOf } from './microscope-view.ts'
import type { RigKeeper } from './rig-keeper.ts'
import { type RigShelf, readRig } from './rig-shelf.ts'

/** Event streams have no back-pressure: a reader gets the newest state, at most this often. */
const MIN_INTERVAL_MS = 100

export interface MicroscopeParts {
  readonly keeper: RigKeeper
  readonly shelf: RigShelf
  readonly live: LiveView
  readonly log: Logger
}

/** The procedures about rig files. */
export function rigProcedures({ shelf }: Pick<MicroscopeParts, 'shelf'>) {
  const os = implement(contract.rigs)
  return os.router({
    list: os.list.handler(async () => ({ folder: shelf.folder, rigs: await shelf.list() })),
    check: os.check.handler(({ input }) => readRig(input.text)),
    save: os.save.handler(({ input }) => shelf.save(input.rigId, input.rig)),
    remove: os.remove.handler(async ({ input }) => ({ removed: await shelf.remove(input.rigId) })),
  })
}

/** The procedures about the microscope that is connected. */
export function microscopeProcedures({ keeper, live, log }: MicroscopeParts) {
  const os = implement(contract.microscope)
  const view = () => viewOf(keeper, live)

  async function* events(signal?: AbortSignal): AsyncGenerator<MicroscopeView, void> {
    const unwatch = keeper.watch()
    try {
      while (!signal?.aborted) {
        // Listening starts before reading, so a change in between is not missed.
        const change = keeper.changes.next(signal)
        yield view()
        await change
        await sleep(MIN_INTERVAL_MS, undefined, { signal }).catch(() => undefined)
      }
    } finally {
      unwatch()
    }
  }

  return os.router({
    view: os.view.handler(view),
    events: os.events.handler(({ signal }) => withBoundaryErrors(events(signal), log)),
    connect: os.connect.handler(async ({ input }) => {
      await keeper.connect(input.settings, input.rigId)
      return view()
    }),
    disconnect: os.disconnect.handler(async () => {
      await keeper.disconnect()
      return view()
    }),
    goTo: os.goTo.handler(({ input }) => keeper.requireHands().goTo(input)),
    step: os.step.handler(({ input }) => keeper.requireHands().step(input)),
    drive: os.drive.handler(async ({ input }) => ({ driving: await keeper.requireHands().drive(input) })),
    halt: os.halt.handler(async () => {
      await keeper.halt()
      return {}
    }),
    home: os.home.handler(() => keeper.requireHands().home()),
    retract: os.retract.handler(() => keeper.requireHands().retract()),
    configure: os.configure.handler(async ({ input }) => {
      keeper.requireHands()
      await keeper.open?.rig.camera.configure(input)
      return view()
    }),
  })
}
