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
  moveTo(target: Partial<StagePosition>, signal?: AbortSignal): Promise<StagePosition>
  /** Stops all axes at once. A move under way rejects with a DOMException `AbortError`; afterwards the next may begin. */
  halt(): Promise<void>
  close(): Promise<void>
}
