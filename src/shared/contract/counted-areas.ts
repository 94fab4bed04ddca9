import { z } from 'zod'

/** On the stage's own axes, micrometres. */
export const areaUm = z.object({ x: z.number(), y: z.number(), width: z.number(), height: z.number() })
/** On a run's slide, SlidePx. */
export const areaPx = z.object({ x: z.number(), y: z.number(), width: z.number(), height: z.number() })

/**
 * What places on the stage are compared in. Two areas lie on one slide in one frame where rig and objective are the same and nobody said
 * that the slide was moved between the two (`mounting`: how often somebody had said so before).
 */
export const countingFrame = z.object({
  /** As calibrations name it; with a simulated rig also the smear. */
  rig: z.string(),
  objective: z.string().nullable(),
  mounting: z.number().int(),
})
export type CountingFrame = z.infer<typeof countingFrame>

/**
 * add: counts what nobody has counted, and is put together with the machine's count. compare: counts what may have been counted before, to
 * be held against that; it is never added to it.
 */
export const tallyPurpose = z.enum(['add', 'compare'])
export type TallyPurpose = z.infer<typeof tallyPurpose>

/** Who counted an area. */
export const counter = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('run'), runId: z.number().int(), field: z.number().int() }),
  z.object({
    kind: z.literal('sitting'),
    sittingId: z.number().int(),
    reader: z.string(),
    /** From 0, of the sitting. */
    view: z.number().int(),
    purpose: tallyPurpose,
  }),
])
export type Counter = z.infer<typeof counter>

/** One row of the ledger: an area of the slide that was counted. */
export const countedArea = z.object({
  by: counter,
  /** null: the place on the stage is not known. */
  areaUm: areaUm.nullable(),
  frame: countingFrame.nullable(),
  at: z.string(),
  /** Cells counted there, those outside the denominator too. */
  cells: z.number().int(),
})
export type CountedArea = z.infer<typeof countedArea>

/** What was counted already where a person looks. */
export const look = z.object({
  /** What is looked at; null: not known. */
  areaUm: areaUm.nullable(),
  /** Why that is not known, or what cannot be compared, in words; null: nothing of that. */
  problem: z.string().nullable(),
  /** Share that was counted already, 0-1: what two counted counts once. Of a sitting that compares: by itself. */
  share: z.number(),
  /** Share that runs counted, 0-1: what a sitting that compares is held against. */
  machineShare: z.number(),
  /** The largest first. */
  already: z.array(z.object({ by: counter, areaUm, share: z.number() })),
  /** The image lies along the stage's axes, so that areas can be drawn on it. */
  upright: z.boolean(),
})
export type Look = z.infer<typeof look>

/** Where a person looks. live: where the stage stands. slide: this part of the run's image, SlidePx. none: not known. */
export const lookingAt = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('live') }),
  z.object({ kind: z.literal('slide'), area: areaPx }),
  z.object({ kind: z.literal('none') }),
])
export type LookingAt = z.infer<typeof lookingAt>
