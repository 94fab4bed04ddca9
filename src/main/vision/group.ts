import type { Moments } from './shape.ts'

/** Fragments taken to be one cell's nucleus. Lengths in working pixels. */
export interface Group {
  readonly members: readonly number[]
  /** Radius of the largest disc inside any member. */
  readonly radius: number
  readonly nucleus: Moments
  readonly territory: Moments
  /** Whether the image's edge cuts the cell. */
  readonly cut: boolean
}

/** Two groups whose territories meet. Lengths in working pixels. */
export interface Link {
  readonly a: number
  readonly b: number
  /** From one nucleus to the other through the cells' bodies; 0 where they touch. */
  readonly gap: number
  /** Length of the border between the territories. */
  readonly contact: number
  /** Half the width of the neck between the nuclei; 0 where they do not touch. */
  readonly neck: number
  /** Whether both lie in one body. */
  readonly sameBody: boolean
}
