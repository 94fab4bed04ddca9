import { eventIterator } from '@orpc/contract'
import { z } from 'zod'
import { classCode, ofReading, procedure, runIdInput } from './base.ts'
import { modelInfo } from './models.ts'

/** Why the model names a cell as it does: what covering one spot of its crop after another does to the answer. */
export const saliency = z.object({
  cellId: z.number().int(),
  /** Name and version of the model that was asked: the one that named the cell, or the one in use where that is gone. */
  model: z.string(),
  /** The maps are grids of so many spots, over the square in the middle of the cell's picture that the model looks at. */
  rows: z.number().int().positive(),
  columns: z.number().int().positive(),
  /** Side of that square, micrometres, and of the picture GET /crops/CELL.jpg. */
  sideUm: z.number().positive(),
  pictureUm: z.number().positive(),
  /** What was put over each spot: how wide it is (where it covers by half), and its colour, red, green, blue: the crop's background. */
  spotUm: z.number().positive(),
  background: z.tuple([z.number(), z.number(), z.number()]),
  /** Of the most probable class and of the runner-up, in that order. */
  maps: z.array(
    z.object({
      class: classCode,
      /** Of the crop as it is, 0-1. */
      probability: z.number(),
      /** By row from the top: the probability lost when the spot is covered; below 0: gained. */
      weights: z.array(z.number()),
    }),
  ),
})
export type Saliency = z.infer<typeof saliency>

/** Places of a run's cells, those that look alike to the model together. Each way from -1 to 1. */
export const cellMap = z.object({
  runId: z.number().int(),
  /** Name and version of the model whose answers are mapped. */
  model: z.string(),
  /** embedding: the feature vectors the model gives. probabilities: its probabilities, as it gives no features. */
  basis: z.enum(['embedding', 'probabilities']),
  /** Ascending; x and y in the same order. */
  cellIds: z.array(z.number().int()),
  x: z.array(z.number()),
  y: z.array(z.number()),
  /** Cells the map was laid out from; the others were placed among those they are most like. */
  laidOut: z.number().int(),
})
export type CellMap = z.infer<typeof cellMap>

export const cellMapEvent = z.discriminatedUnion('state', [
  z.object({
    state: z.literal('working'),
    /** 0-1. */
    done: z.number(),
    /** null: cannot be told yet. */
    secondsLeft: z.number().nullable(),
    cells: z.number().int(),
  }),
  z.object({ state: z.literal('ready'), map: cellMap }),
])
export type CellMapEvent = z.infer<typeof cellMapEvent>

/** `hits` of `of` images, as a share 0-1 with its exact 95 % interval. */
export const trustFigure = z.object({
  hits: z.number().int(),
  of: z.number().int(),
  value: z.number(),
  low: z.number(),
  high: z.number(),
})
export type TrustFigure = z.infer<typeof trustFigure>

const mistakes = z.array(z.object({ class: classCode, count: z.number().int() }))

/** What a model is worth on one class. */
export const classTrust = z.object({
  class: classCode,
  /** The model names this class. */
  named: z.boolean(),
  images: z.enum(['real', 'rendered', 'none']),
  /** Images it was tried on, none of which it learned from. */
  n: z.number().int(),
  /** Of the images of the class, those it named so. null: not known. */
  recall: trustFigure.nullable(),
  /** Of the images it named so, those of the class; it depends on how many of each class were tried. null: not known. */
  precision: trustFigure.nullable(),
  /** What it called images of the class instead, and images of what it called so; the most frequent first. Empty: none, or not said. */
  takenFor: mistakes,
  takenForIt: mistakes,
  /** The reference network on the class (Matek et al. 2021, Table 1). */
  reference: z.object({
    images: z.number().int(),
    precision: z.number(),
    recall: z.number(),
    tolerantPrecision: z.number(),
    tolerantRecall: z.number(),
  }),
})
export type ClassTrust = z.infer<typeof classTrust>

export const evidence = {
  /**
   * What a model says of itself, and what that is worth class by class: the run's, as it was when the run was made; or a package's, NAME or
   * NAME@VERSION; of neither: the one in use. null: no model, or one that is unknown by now.
   */
  model: procedure
    .input(
      z.object({
        runId: z.number().int().positive().nullable().default(null),
        ...ofReading,
        model: z.string().min(1).max(200).nullable().default(null),
      }),
    )
    .output(z.object({ model: modelInfo.nullable(), trust: z.array(classTrust) })),
  /** Some sixty answers of the model, a few at a time, so that a scan goes on beside it. Aborting stops it. */
  saliency: procedure.input(z.object({ cellId: z.number().int().positive(), ...ofReading })).output(saliency),
  /**
   * How far the map is, then the map. The cells named so far; ask again when there are more. The same cells give the same map. Whoever
   * asks meanwhile waits for the same map; it is given up when nobody waits any more. Rejects `invalid-input` where too few are named.
   */
  map: procedure.input(runIdInput.extend(ofReading)).output(eventIterator(cellMapEvent)),
}
