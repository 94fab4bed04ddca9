import type { TruthCellRow } from '../../shared/contract/cells.ts'
import type { RunSummary } from '../../shared/contract/runs.ts'
import type { Field } from '../../shared/contract/slide.ts'
import { MedullaError } from '../../shared/errors.ts'
import { slidePx, slideToStage, stageToSlide } from '../../shared/geometry.ts'
import { createWorld } from '../microscope/simulator/create-world.ts'
import { slideFrame, stagePlan } from '../scan/stage-plan.ts'

/** Every truth cell in the areas that the run's fields own, in the frame of the field that owns it. `plan` as the casebook keeps it. */
export async function truthOf(run: RunSummary, fields: readonly Field[], plan: string): Promise<TruthCellRow[]> {
  if (run.rig.kind !== 'simulated') {
    throw new MedullaError('no-truth', `Run ${run.runId} scanned real images: nobody knows its truth.`, {
      remedy: 'Ask for the truth of a simulated run.',
    })
  }
  const frame = slideFrame(stagePlan.parse(JSON.parse(plan)))
  const world = createWorld({ seed: run.rig.seed, profile: run.rig.profile })
  try {
    return fields.flatMap((field) => {
      const origin = slideToStage(slidePx(field.owned.x, field.owned.y), frame)
      const area = {
        origin,
        width: field.owned.width * frame.pixelSizeUm,
        height: field.owned.height * frame.pixelSizeUm,
      }
      return world.truthIn(area).map((cell) => {
        const at = stageToSlide(cell.centre, frame)
        return {
          id: cell.id,
          field: field.index,
          image: field.image,
          xPx: at.x - field.slideX,
          yPx: at.y - field.slideY,
          widthPx: cell.widthUm / frame.pixelSizeUm,
          heightPx: cell.heightUm / frame.pixelSizeUm,
          slideX: at.x,
          slideY: at.y,
          class: cell.class,
        }
      })
    })
  } finally {
    await world.close()
  }
}
