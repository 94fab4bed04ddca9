import type { TruthCellRow } from '../../shared/contract/cells.ts'
import type { RunSummary } from '../../shared/contract/runs.ts'
import type { Field } from '../../shared/contract/slide.ts'
import { MedullaError } from '../../shared/errors.ts'
import { contains, fieldPx, fieldToSlide, type Rect, type SlidePx, slidePx, stageUm } from '../../shared/geometry.ts'
import { truePlaces } from '../microscope/open-rig.ts'
import { createWorld } from '../microscope/simulator/create-world.ts'
import { slideFrame, stagePlan } from '../scan/stage-plan.ts'

/** Every truth cell in the areas that the run's fields own, in the frame of the field that owns it. `plan` as the casebook keeps it. */
export async function truthOf(run: RunSummary, fields: readonly Field[], plan: string): Promise<TruthCellRow[]> {
  if (run.rig.kind !== 'simulated') {
    throw new MedullaError('no-truth', `Run ${run.runId} scanned real images: nobody knows its truth.`, {
      remedy: 'Ask for the truth of a simulated run.',
    })
  }
  const { rig } = run
  const { pixelSizeUm } = slideFrame(stagePlan.parse(JSON.parse(plan)))
  const world = createWorld({ seed: rig.seed, profile: rig.profile })
  const truePlaceOf = truePlaces(rig)
  const told = new Set<number>()
  // A point belongs to the first field that owns it.
  const ownerOf = (at: SlidePx) => fields.find(({ owned }) => contains(rectOf(owned), at))
  try {
    return fields.flatMap((field) => {
      if (field.stage === null) return []
      const middle = truePlaceOf(field.stage)
      const corner = stageUm(
        middle.xUm - (field.widthPx / 2) * pixelSizeUm,
        middle.yUm - (field.heightPx / 2) * pixelSizeUm,
      )
      const area = {
        origin: stageUm(
          corner.x + (field.owned.x - field.slideX) * pixelSizeUm,
          corner.y + (field.owned.y - field.slideY) * pixelSizeUm,
        ),
        width: field.owned.width * pixelSizeUm,
        height: field.owned.height * pixelSizeUm,
      }
      return world.truthIn(area).flatMap((cell) => {
        const at = fieldPx((cell.centre.x - corner.x) / pixelSizeUm, (cell.centre.y - corner.y) / pixelSizeUm)
        const onSlide = fieldToSlide(at, slidePx(field.slideX, field.slideY))
        // On a seam, fields are right to the pixel and no better: the first that has it keeps it.
        if (ownerOf(onSlide) !== field || told.has(cell.id)) return []
        told.add(cell.id)
        return [
          {
            id: cell.id,
            field: field.index,
            image: field.image,
            xPx: at.x,
            yPx: at.y,
            widthPx: cell.widthUm / pixelSizeUm,
            heightPx: cell.heightUm / pixelSizeUm,
            slideX: onSlide.x,
            slideY: onSlide.y,
            class: cell.class,
          },
        ]
      })
    })
  } finally {
    await world.close()
  }
}

const rectOf = ({ x, y, width, height }: Field['owned']): Rect<SlidePx> => ({ origin: slidePx(x, y), width, height })
