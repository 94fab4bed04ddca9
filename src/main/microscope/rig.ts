import type { Rect, StageUm } from '../../shared/geometry.ts'
import type { Camera } from './camera/camera.ts'
import type { World } from './simulator/world.ts'
import type { DrivenStage, Stage } from './stage/stage.ts'

/** A microscope with a driven stage. Whoever scans holds it alone. */
export interface StageRig {
  readonly kind: 'stage'
  readonly name: string
  readonly stage: Stage
  /** The same stage where it is behind a controller of its own; null: it is simulated without one. */
  readonly driven: DrivenStage | null
  readonly camera: Camera
  /** Height at which a slide is roughly in focus, within `FOCUS_RANGE_UM` (`focus/find-focus.ts`): where a focus search starts. */
  readonly workingZUm: number
  /** How far the height for images lies above the one that focus is found at. */
  readonly focusOffsetUm: number
  /** How far neighbouring fields may lie to each other from where the stage says, along each axis, micrometres: by so much more they overlap. */
  readonly placeErrorUm: number
  /** Where the smear lies on the stage; null: not known. */
  readonly area: Rect<StageUm> | null
  /** The simulated world behind the fakes; null on real instruments. */
  readonly world: World | null
  close(): Promise<void>
}
