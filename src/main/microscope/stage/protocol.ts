import type { Exchange } from './line/exchange.ts'
import type { Unasked } from './line/line-session.ts'

export const AXES = ['x', 'y', 'z'] as const
export type Axis = (typeof AXES)[number]
export type PerAxis<T> = Readonly<Record<Axis, T>>
/** Where to go, micrometres on the controller's own axes; an axis that is absent stays where it is. */
export type AxisTargets = Readonly<Partial<Record<Axis, number>>>

/** Asks the controller a harmless question; repeats it as often as it takes. */
export type Ask = <T>(exchange: Exchange<T>) => Promise<T>

export interface SerialTable {
  /** The usual rate first. */
  readonly bauds: readonly [number, ...number[]]
  readonly stopBits?: 1 | 2
  /** The board restarts when its port is opened, and takes this long until it listens; 0: it does not care. */
  readonly restartsOnOpenMs: number
  readonly characterGapMs?: number
  readonly maxLineBytes?: number
}

/** Speeds, millimetres a second. */
export interface StageSpeed {
  readonly xyMmPerS: number
  readonly zMmPerS: number
}

/**
 * What a driver knows of its controller: what to send and how answers read. Positions are micrometres on the controller's own axes.
 * Everything else (limits, backlash, order of axes, recovery) is `ControllerStage`'s, once for all.
 */
export interface StageProtocol {
  /** How the rig file names it. */
  readonly driver: string
  readonly title: string
  readonly serial: SerialTable
  readonly identify: Exchange<string>
  unasked(line: string): Unasked
  /** After each opening, before anything else: reads what conversions need and turns chatter off. Moves nothing. */
  setUp(ask: Ask): Promise<void>
  /** Together they give all three axes. */
  position(): readonly Exchange<AxisTargets>[]
  /** Every one has to say false for the stage to be at rest. Rejects `refused` with what is wrong when the controller is in a fault. */
  busy(): readonly Exchange<boolean>[]
  /** @param from where the stage is. Sent in this order, each once. */
  move(to: AxisTargets, from: PerAxis<number>): readonly Exchange<unknown>[]
  /** Brakes without losing count; null: a move cannot be broken off, and is sent in pieces (`pieceMs`). */
  readonly halt: readonly Exchange<unknown>[] | null
  /** Stops at once at the price of the position, for a controller that answers nothing; absent: there is no such thing. */
  readonly emergency?: string
  /** Longest piece of a move; null: moves are sent whole. */
  readonly pieceMs: number | null
  /** false: the controller itself does not know where it stands; then only homing is possible. Absent: it always claims to know. */
  referenced?(): readonly Exchange<boolean>[]
  /** Runs these axes to their reference and counts from there; null: they have none. */
  home(axes: readonly Axis[]): readonly Exchange<unknown>[] | null
  /** Told once these axes stand at their reference. */
  afterHoming?(axes: readonly Axis[]): readonly Exchange<unknown>[]
  /** Breaks homing off; absent: `halt` does. */
  readonly haltHoming?: readonly Exchange<unknown>[]
  speed(speed: StageSpeed): readonly Exchange<unknown>[]
  /** What becomes of a wanted speed; absent: just that. */
  attainable?(speed: StageSpeed): StageSpeed
  /**
   * Something the controller forgets when it is reset, so that a reset nobody heard of shows: told once, read back with every
   * position. null: nothing of the kind. A count that is suddenly zero counts as a reset in any case.
   */
  readonly witness: { readonly tell: readonly Exchange<unknown>[]; readonly read: Exchange<string> } | null
  /** An answer to `home` or a move that is missing means a reset, unless the target is reached. */
  readonly answersWhenArrived?: boolean
  /** Smallest step the controller reports, micrometres. */
  readonly quantumUm: PerAxis<number>
}
