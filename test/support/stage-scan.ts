import type { SimulatedRig } from '../../src/main/microscope/simulated-rig.ts'
import type { CapturedField } from '../../src/main/scan/field-source.ts'
import type { StagePlan } from '../../src/main/scan/stage-plan.ts'
import { StageSource } from '../../src/main/scan/stage-source.ts'
import type { Field } from '../../src/shared/contract/slide.ts'

/** All that are left, in order. */
export async function fieldsFrom(source: StageSource): Promise<CapturedField[]> {
  const { signal } = new AbortController()
  await source.prepare(signal, async (work) => work())
  const captured: Promise<CapturedField>[] = []
  for (let pending = await source.next(signal); pending; pending = await source.next(signal)) {
    // Its failure is met below, or not at all where the scan failed first.
    pending.captured.catch(() => undefined)
    captured.push(pending.captured)
  }
  return Promise.all(captured)
}

/** What a scan in front of the rig goes by; it asks for nothing but the stage and the camera. */
export function scanOf(
  rig: SimulatedRig,
  plan: StagePlan,
  fields: readonly Field[] = [],
  savePlan: (plan: StagePlan) => void = () => undefined,
): StageSource {
  const unasked = async (): Promise<never> => {
    throw new Error('nothing is compared')
  }
  const nothing = () => undefined
  const registrar = { match: unasked, solve: unasked, close: async () => undefined }
  return new StageSource({
    rig,
    plan,
    fields,
    kept: unasked,
    registrar,
    compare: false,
    savePlan,
    onActivity: nothing,
    onMatch: nothing,
  })
}
