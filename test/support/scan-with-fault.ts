import { join } from 'node:path'
import { expect } from 'vitest'
import { openCasebook } from '../../src/main/casebook/open-casebook.ts'
import { openRigOn } from '../../src/main/microscope/simulated-rig.ts'
import { createWorld } from '../../src/main/microscope/simulator/create-world.ts'
import type { World } from '../../src/main/microscope/simulator/world.ts'
import { type Rect, type StageUm, stageUm } from '../../src/shared/geometry.ts'
import { LENT_RIG, openRunsOn } from './lent-rig.ts'

const SEED = 4
const CAMERA = { widthPx: 900, heightPx: 700 }
const KNOCK_UM = 40
const MODEL = join(import.meta.dirname, '..', 'fixtures', 'models', 'colour')

/**
 * knock: the slide is pushed to the left once the second row has been scanned: from there on it shows what should be 40 um farther right.
 * half-turn: the camera is mounted upside down, and nobody calibrated it.
 */
export type StageFault = 'knock' | 'half-turn'

function faultyWorld(fault: StageFault): { world: World; area: Rect<StageUm>; lineUm: number } {
  const world = createWorld({ seed: SEED, profile: 'normal' })
  const { origin } = world.countable
  const area = { origin: stageUm(origin.x + 700, origin.y + 700), width: 230, height: 200 }
  const lineUm = area.origin.y + 85
  const seenAt: Record<StageFault, (centre: StageUm) => StageUm> = {
    knock: ({ x, y }) => stageUm(x + (y > lineUm ? KNOCK_UM : 0), y),
    'half-turn': ({ x, y }) => stageUm(2 * area.origin.x + area.width - x, 2 * area.origin.y + area.height - y),
  }
  return {
    world: { ...world, render: (request) => world.render({ ...request, centre: seenAt[fault](request.centre) }) },
    area,
    lineUm,
  }
}

/**
 * A scan of a small area by a bench's own run manager, with a fault of what carries the slide or the camera.
 * @param brokenOffAfter the bench is closed once so many fields are committed, and the run resumed by another; null: left in peace.
 */
export async function scanWithFault(folder: string, fault: StageFault, brokenOffAfter: number | null) {
  const casebook = openCasebook(folder)
  const { world, area, lineUm } = faultyWorld(fault)
  const bench = () =>
    openRunsOn({
      dataFolder: folder,
      casebook,
      model: MODEL,
      lend: () => ({
        ...openRigOn(world, { seed: SEED, timeScale: 1000, camera: CAMERA }),
        area,
        // The world is looked at again after the run is resumed.
        close: async () => undefined,
      }),
    })
  const follow = async ({ runs, close }: ReturnType<typeof bench>, runId: number, until: number | null) => {
    for await (const { run } of runs.events(runId)) if (until !== null && run.fields >= until) break
    await close()
  }
  const first = bench()
  const { runId } = await first.runs.start({
    rig: { ...LENT_RIG, seed: SEED },
    targetCells: null,
    stopWhen: [],
    caseId: null,
    area: null,
    order: 'serpentine',
  })
  await follow(first, runId, brokenOffAfter)
  if (brokenOffAfter !== null) {
    expect(casebook.run(runId).state).toBe('interrupted')
    const second = bench()
    await second.runs.resume(runId)
    await follow(second, runId, null)
  }
  await world.close()
  return { casebook, runId, lineUm }
}
