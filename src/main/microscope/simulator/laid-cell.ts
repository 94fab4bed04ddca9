import type { ClassCode } from '../../../shared/taxonomy.ts'

/** A nucleated cell, or an artefact of a cell's size, in its place on the slide; um. */
export interface LaidCell {
  readonly id: number
  readonly code: ClassCode
  readonly seed: number
  readonly x: number
  readonly y: number
  readonly radiusUm: number
}
