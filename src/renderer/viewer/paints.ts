import { CLASS_CODES, cellClass } from '../../shared/taxonomy.ts'
import { inkOn, luminance } from '../ui/colour.ts'

const UNNAMED_COLOUR = '#5b5e63'

/** How a class is drawn on the pale ground of a slide. */
export interface Paint {
  readonly colour: string
  readonly halo: string
  readonly ink: string
  readonly code: string
}

/** By place of the class among the codes; the last is for cells no model named. */
export const paints: readonly Paint[] = [...CLASS_CODES, null].map((code) => {
  const colour = code === null ? UNNAMED_COLOUR : cellClass(code).colour
  // A bright colour is lost on the pale slide without a dark edge, a dark one on a dark nucleus without a pale edge.
  const halo = luminance(colour) > 0.3 ? 'rgb(0 0 0 / 55%)' : 'rgb(255 255 255 / 75%)'
  return { colour, halo, ink: inkOn(colour), code: code ?? '?' }
})
