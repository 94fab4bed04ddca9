import type { SlideShift } from './contract/runs.ts'

/**
 * What is said of a slide that lay elsewhere when its scan was resumed, in a sentence. `um`: how the place writes micrometres.
 */
export function slideShiftWords({ xUm, yUm, zUm }: SlideShift, um: 'um' | 'µm'): string {
  const off = Math.hypot(xUm, yUm)
  const focus = Math.abs(zUm) < LEAST_UM ? '' : `; best focus ${signed(zUm)} ${um}`
  return `When the scan was resumed the slide lay ${off.toFixed(0)} ${um} from where it was (x ${signed(xUm)}, y ${signed(yUm)} ${um}${focus}): corrected.`
}

/** Less is not told. */
const LEAST_UM = 0.1

const signed = (value: number): string => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(1)}`
