import { type CameraPose, type CameraTransform, cameraPose } from '../../../shared/camera-transform.ts'
import { MedullaError } from '../../../shared/errors.ts'
import type { StagePosition } from '../stage/stage.ts'
import {
  type CalibrationBench,
  didNotMove,
  focusHere,
  frameNow,
  go,
  isPlain,
  tooPlain,
  unclear,
  upFrom,
  within,
} from './bench.ts'
import { fitCamera, type MovedView } from './camera-fit.ts'
import type { GreyPlane } from './grey-plane.ts'
import { LEAST_CERTAINTY, register, registrable } from './register.ts'

export interface PixelSizeResult extends CameraPose {
  readonly transform: CameraTransform
  readonly pixelSizeErrorPercent: number
  readonly rotationErrorDegrees: number
  readonly residualPx: number
  readonly moves: number
  readonly leftOut: number
  /** Of the images it holds for: another region of interest or binning is another calibration. */
  readonly widthPx: number
  readonly heightPx: number
}

/** First steps, each twice the last, until the view has moved far enough to tell a direction; micrometres. */
const FIRST_STEP_UM = 2
const LAST_STEP_UM = 600
/** So far, as a share of the image's smaller side. */
const TELLING_SHARE = 0.04
/** Steps of the walk, as a share of the image's smaller side: the images still share more than half. */
const STEP_SHARE = 0.4
/** Length of the walk along each axis: a turn of the usual lead screw, whose error then cancels out. */
const WALK_UM = 1000
const FEWEST_STEPS = 6

interface View extends StagePosition {
  readonly plane: GreyPlane
}

/**
 * Pixel size and mounting of the camera: small steps tell roughly how the view follows the stage, then a walk of about a millimetre
 * along each axis, in steps that leave half of the image in common, is registered step by step and fitted. Nothing has to be known
 * beforehand. Always walks upwards, so that backlash plays no part. Ends where it began.
 * Rejects `field-too-plain`, `focus-lost`, `stage-did-not-move`, as stage and camera do, and with the signal's reason.
 */
export async function measurePixelSize(bench: CalibrationBench): Promise<PixelSizeResult> {
  bench.say('focusing', 0, 1)
  const start = await focusHere(bench)
  const { widthPx, heightPx } = bench.camera
  const side = Math.min(widthPx, heightPx)

  const see = async (to: Partial<StagePosition>): Promise<View> => {
    const at = await go(bench, to)
    return { ...at, plane: registrable(await frameNow(bench)) }
  }

  /** How the view follows one axis: steps get longer until it has clearly moved. */
  const feel = async (axis: 'x' | 'y'): Promise<MovedView> => {
    const key = axis === 'x' ? 'xUm' : 'yUm'
    const { fromUm: originUm, toUm } = upFrom(bench.stage.limits[axis], start[key], LAST_STEP_UM)
    const origin = await see({ [key]: originUm })
    let moved: MovedView | null = null
    let stood = 0
    for (let stepUm = FIRST_STEP_UM; originUm + stepUm <= toUm; stepUm *= 2) {
      bench.say(`looking which way ${axis} goes`, 0, 1)
      const view = await see({ [key]: originUm + stepUm })
      const twice = moved && { xPx: 2 * moved.xPx, yPx: 2 * moved.yPx }
      const shift = register(origin.plane, view.plane, twice ?? undefined)
      if (shift.certainty < LEAST_CERTAINTY) break
      moved = { xUm: view.xUm - origin.xUm, yUm: view.yUm - origin.yUm, xPx: shift.xPx, yPx: shift.yPx }
      const length = Math.hypot(shift.xPx, shift.yPx)
      if (length >= TELLING_SHARE * side) return moved
      stood = length < 1 ? stepUm : 0
    }
    if (stood > 0 && stood >= (toUm - originUm) / 4) throw didNotMove(axis, stood)
    if (moved && Math.hypot(moved.xPx, moved.yPx) >= 5) return moved
    throw await unclear(bench)
  }

  if (await isPlain(bench)) throw tooPlain()
  const felt = [await feel('x')]
  await go(bench, { xUm: start.xUm, yUm: start.yUm })
  felt.push(await feel('y'))
  let fit = fitCamera(felt)
  if (!fit) throw await unclear(bench)

  const moves: MovedView[] = []
  let lost = 0
  const pixelSizeUm = cameraPose(fit.transform).pixelSizeUm
  const stepUm = STEP_SHARE * side * pixelSizeUm
  const steps = Math.max(FEWEST_STEPS, Math.ceil(WALK_UM / stepUm))
  const walk = async (axis: 'x' | 'y', doneBefore: number): Promise<void> => {
    const key = axis === 'x' ? 'xUm' : 'yUm'
    const { fromUm, toUm } = within(bench.stage.limits[axis], start[key], steps * stepUm)
    const count = Math.max(1, Math.min(steps, Math.floor((toUm - fromUm) / stepUm + 1e-6)))
    // From below its own beginning, so that the backlash is taken up along both axes.
    let from = await see({ xUm: start.xUm, yUm: start.yUm, [key]: fromUm })
    for (let i = 1; i <= count; i++) {
      bench.say(`walking along ${axis}`, doneBefore + i, 2 * steps)
      const to = await see({ [key]: fromUm + i * stepUm })
      const [xUm, yUm] = [to.xUm - from.xUm, to.yUm - from.yUm]
      const { xx, xy, yx, yy } = seenPerUm(fit!.transform)
      const shift = register(from.plane, to.plane, { xPx: xx * xUm + xy * yUm, yPx: yx * xUm + yy * yUm })
      if (shift.certainty >= LEAST_CERTAINTY) {
        moves.push({ xUm, yUm, xPx: shift.xPx, yPx: shift.yPx })
        from = to
      } else {
        lost++
        if (lost > steps) throw await unclear(bench)
        await focusHere(bench, true)
        from = await see({})
      }
    }
  }
  await walk('x', 0)
  await walk('y', steps)
  fit = fitCamera(moves)
  if (!fit || fit.moves < FEWEST_STEPS) throw await unclear(bench)
  if (fit.leftOut > fit.moves / 2) {
    throw new MedullaError('device-failed', 'The stage moves too unevenly for one pixel size to fit.', {
      remedy: 'Check that slide and camera are held fast, measure the backlash, then begin again.',
      motionPossible: true,
      values: { moves: fit.moves, leftOut: fit.leftOut },
    })
  }
  await go(bench, { xUm: start.xUm, yUm: start.yUm, zUm: start.zUm })
  const { transform, residualPx, pixelSizeErrorPercent, rotationErrorDegrees } = fit
  return {
    transform,
    ...cameraPose(transform),
    pixelSizeErrorPercent,
    rotationErrorDegrees,
    residualPx,
    moves: fit.moves,
    leftOut: fit.leftOut,
    widthPx,
    heightPx,
  }
}

/** How far the view moves for a micrometre of the stage: against it, by the inverse. */
function seenPerUm({ xx, xy, yx, yy }: CameraTransform): CameraTransform {
  const area = xx * yy - xy * yx
  return { xx: -yy / area, xy: xy / area, yx: yx / area, yy: -xx / area }
}
