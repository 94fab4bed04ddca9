import type { StageRigSettings } from '../../../shared/contract/microscope.ts'
import { type Rect, type StageUm, stageUm } from '../../../shared/geometry.ts'
import type { Casebook } from '../../casebook/casebook.ts'
import { calibratedRig } from '../../microscope/calibration/calibrated-rig.ts'
import { inUse } from '../../microscope/calibration/in-use.ts'
import type { StageRig } from '../../microscope/rig.ts'
import type { StagePosition } from '../../microscope/stage/stage.ts'
import { calibrationsInUse } from '../calibrations-in-use.ts'

/** More than this and areas drawn on the live image, which is not corrected, would lie wrong. */
const TURNED_DEGREES = 1

/** What the camera sees of the slide round the place where the stage stands: as a run's fields lie, along the stage's axes. */
export interface FieldOfView {
  readonly widthUm: number
  readonly heightUm: number
  /** The camera's own image lies along the stage's axes too. */
  readonly upright: boolean
}

/** null: the pixel size is not known. */
export function fieldOfView(
  rig: StageRig,
  settings: StageRigSettings,
  casebook: Pick<Casebook, 'calibrations'>,
): FieldOfView | null {
  // Nothing but the pixel size says what is seen; tables of light would be made for nothing.
  const known = inUse(calibrationsInUse(casebook, settings).filter(({ result }) => result.kind === 'pixel-size'))
  const { widthPx, heightPx, pixelSizeUm } = calibratedRig(rig, known).camera
  if (pixelSizeUm === null) return null
  const pose = known['pixel-size']
  return {
    widthUm: widthPx * pixelSizeUm,
    heightUm: heightPx * pixelSizeUm,
    upright: pose === null || (!pose.mirrored && Math.abs(pose.rotationDegrees) <= TURNED_DEGREES),
  }
}

export function areaRound({ xUm, yUm }: StagePosition, { widthUm, heightUm }: FieldOfView): Rect<StageUm> {
  return { origin: stageUm(xUm - widthUm / 2, yUm - heightUm / 2), width: widthUm, height: heightUm }
}
