/**
 * Drift in the course of a run: `node benchmarks/drift.ts [--fields 60] [--profiles normal,aml,cll] [--seeds 1,2]`. One JSON object on stdout. Fields of
 * simulated smears, in the order of a scan, at half the camera's pixels; measured as in a scan. As they are; with a lamp that loses 12 % of its light from first to
 * last; with a stain that gets half as dense again across the slide (each pixel's density multiplied). `raised`: runs in which a flag of that kind was
 * raised, of the runs; `ordinary`: runs in which any was.
 */
import { parseArgs } from 'node:util'
import { createWorld } from '../src/main/microscope/simulator/create-world.ts'
import { DEFAULT_EFFECTS } from '../src/main/microscope/simulator/effects.ts'
import type { Profile } from '../src/main/microscope/simulator/world.ts'
import { plannedField, planStage } from '../src/main/scan/stage-plan.ts'
import { measureField } from '../src/main/vision/quality/measure-field.ts'
import type { RunFlag } from '../src/shared/contract/quality.ts'
import { stageUm } from '../src/shared/geometry.ts'
import type { RgbImage } from '../src/shared/image.ts'
import { DriftWatch } from '../src/shared/quality/drift.ts'

const CAMERA = { widthPx: 1024, heightPx: 768, pixelSizeUm: 0.184, placeErrorUm: 0.4 }
const FADES_BY = 0.12
const DENSER_BY = 0.5

const { values } = parseArgs({
  options: {
    fields: { type: 'string', default: '60' },
    profiles: { type: 'string', default: 'normal,aml,cll' },
    seeds: { type: 'string', default: '1,2' },
  },
})
const fields = Number(values.fields)

function denser(image: RgbImage, times: number, glass: readonly [number, number, number]): RgbImage {
  const tables = glass.map((white) =>
    Uint8Array.from({ length: 256 }, (_, value) => Math.min(255, Math.round(white * (value / white) ** times))),
  )
  return { ...image, data: image.data.map((value, i) => tables[i % 3]![value]!) }
}

const runs: { ordinary: RunFlag[]; lamp: RunFlag[]; stain: RunFlag[] }[] = []
for (const profile of values.profiles.split(',') as Profile[]) {
  for (const seed of values.seeds.split(',').map(Number)) {
    const world = createWorld({ seed, profile })
    const plan = planStage(world.countable, CAMERA)
    const watches = { ordinary: new DriftWatch(), lamp: new DriftWatch(), stain: new DriftWatch() }
    const raised = { ordinary: [] as RunFlag[], lamp: [] as RunFlag[], stain: [] as RunFlag[] }
    for (let k = 0; k < fields; k++) {
      const done = k / (fields - 1)
      const { centre } = plannedField(plan, k)
      const view = (light: number) =>
        world.render({
          ...CAMERA,
          centre,
          zUm: world.bestFocusUm(centre),
          travelUm: stageUm(0, 0),
          effects: { ...DEFAULT_EFFECTS, light },
          noiseSeed: k,
        })
      const plain = await view(1)
      const quality = measureField(plain, CAMERA.pixelSizeUm)
      raised.ordinary.push(...watches.ordinary.add(quality, k))
      raised.lamp.push(...watches.lamp.add(measureField(await view(1 - FADES_BY * done), CAMERA.pixelSizeUm), k))
      const { red, green, blue } = quality.glass
      const stained = denser(plain, 1 + DENSER_BY * done, [red, green, blue])
      raised.stain.push(...watches.stain.add(measureField(stained, CAMERA.pixelSizeUm), k))
    }
    await world.close()
    runs.push(raised)
    const told = (flags: RunFlag[]) => flags.map(({ kind, field }) => `${kind} at ${field}`).join(', ') || 'none'
    console.error(
      `${profile} ${seed}: ordinary ${told(raised.ordinary)}; lamp ${told(raised.lamp)}; stain ${told(raised.stain)}`,
    )
  }
}
const share = (of: (run: (typeof runs)[number]) => boolean) => ({ runs: runs.filter(of).length, of: runs.length })
console.log(
  JSON.stringify({
    benchmark: 'drift',
    profiles: values.profiles,
    seeds: values.seeds,
    fields,
    ordinary: share(({ ordinary }) => ordinary.length > 0),
    raised: {
      lamp: share(({ lamp }) => lamp.some(({ kind }) => kind === 'light')),
      stain: share(({ stain }) => stain.some(({ kind }) => kind.startsWith('stain'))),
    },
  }),
)
