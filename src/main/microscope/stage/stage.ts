/** What a motorised stage with a focus drive does. Coordinates are micrometres on the stage's own axes. */
export interface StagePosition {
  readonly xUm: number
  readonly yUm: number
  /** Height of the objective's focal plane: larger is nearer to the slide. */
  readonly zUm: number
}

export interface AxisLimits {
  readonly minUm: number
  readonly maxUm: number
}

export interface StageLimits {
  readonly x: AxisLimits
  readonly y: AxisLimits
  readonly z: AxisLimits
}

/** Departures from how the stage moves for images. Only calibration, which measures what they leave out, has a use for them. */
export interface MoveManner {
  /** The shortest way to the target: what backlash there is is not taken up. */
  readonly straight?: boolean
  /** Resolve as soon as the controller reports idle, while the stage may still vibrate. */
  readonly unsettled?: boolean
}

export interface Stage {
  readonly name: string
  readonly limits: StageLimits
  /** The height at which the objective is clear of anything on the slide. */
  readonly retractedZUm: number
  /** Read back from the controller, not assumed. Rejects `device-failed`. */
  position(): Promise<StagePosition>
  /**
   * Resolves with the position read back once the controller reports idle and the settle time has passed, so a frame whose
   * exposure begins after this belongs to the position. Every axis approaches its target from below (from smaller
   * coordinates), which takes up the backlash. Rejects `position-out-of-limits` before anything moves, `device-failed`.
   * Aborting halts the motion and rejects with the signal's reason.
   */
  moveTo(target: Partial<StagePosition>, signal?: AbortSignal, manner?: MoveManner): Promise<StagePosition>
  /** Stops all axes at once. A move under way rejects with a DOMException `AbortError`; afterwards the next may begin. */
  halt(): Promise<void>
  close(): Promise<void>
}

/**
 * idle, moving, homing: as they say. unreferenced: it answers, but where it stands is not known; only homing helps. disconnected: the
 * line is down or the controller silent; the next call tries again. closed: for good.
 */
export type StageState = 'idle' | 'moving' | 'homing' | 'unreferenced' | 'disconnected' | 'closed'

/** What happened to a stage without having been asked for. Times are `performance.now()` of this process. */
export interface StageNotice {
  readonly atMs: number
  /** moved-by-hand: somewhere else than it was left. reset: the controller has forgotten its position. */
  readonly kind: 'moved-by-hand' | 'reset' | 'disconnected' | 'reconnected'
  readonly message: string
}

/** A stage behind a controller of its own, reached over a line that can fail. */
export interface DrivenStage extends Stage {
  /** What the controller calls itself. */
  readonly identity: string
  readonly state: StageState
  /** It has a reference for every axis to run to. */
  readonly canHome: boolean
  /** The newest last; the oldest are forgotten. */
  readonly notices: readonly StageNotice[]
  /**
   * Runs the axes to their reference, z first, and counts from there. Resolves with the position read back. Rejects `device-failed`,
   * also where the controller has no reference; aborting as in `moveTo`, after which the position is not known.
   */
  home(signal?: AbortSignal): Promise<StagePosition>
}
