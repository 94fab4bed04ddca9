import type { Stage, StagePosition } from '../microscope/stage/stage.ts'

/** Farther than this, micrometres, the stage moves with the objective out of the way. */
const LONG_MOVE_UM = 1600

/**
 * Z first: before the stage goes far, as from one part of an area to another, the objective is out of the way. `zUm` absent: it stays where
 * that leaves it. Rejects as `Stage.moveTo`.
 * @param from where it stands; null: not known; the caller has retracted.
 */
export async function goTo(
  stage: Stage,
  target: Partial<StagePosition> & Pick<StagePosition, 'xUm' | 'yUm'>,
  from: StagePosition | null,
  signal: AbortSignal,
): Promise<StagePosition> {
  const { xUm, yUm } = target
  if (from && from.zUm > stage.retractedZUm && Math.hypot(from.xUm - xUm, from.yUm - yUm) > LONG_MOVE_UM) {
    await stage.moveTo({ zUm: stage.retractedZUm }, signal)
    await stage.moveTo({ xUm, yUm }, signal)
  }
  return stage.moveTo(target, signal)
}
