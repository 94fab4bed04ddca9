import type { StageRect } from '../../../shared/contract/area.ts'
import type { OverviewSummary } from '../../../shared/contract/overview.ts'

export interface Point {
  readonly xUm: number
  readonly yUm: number
}

/** A rectangle from one corner to the other, in whole fields from the first on, inside the extent. */
export function rectBetween(
  from: Point,
  to: Point,
  { step, extent }: Pick<OverviewSummary, 'step' | 'extent'>,
): StageRect {
  const fields = (lengthUm: number, stepUm: number) => Math.max(1, Math.round(Math.abs(lengthUm) / stepUm)) * stepUm
  const widthUm = fields(to.xUm - from.xUm, step.widthUm)
  const heightUm = fields(to.yUm - from.yUm, step.heightUm)
  return within(
    {
      xUm: to.xUm < from.xUm ? from.xUm - widthUm : from.xUm,
      yUm: to.yUm < from.yUm ? from.yUm - heightUm : from.yUm,
      widthUm,
      heightUm,
    },
    extent,
  )
}

/** Moved into the extent, and no larger than it. */
export function within(rect: StageRect, extent: StageRect): StageRect {
  const widthUm = Math.min(rect.widthUm, extent.widthUm)
  const heightUm = Math.min(rect.heightUm, extent.heightUm)
  const clamp = (value: number, low: number, high: number) => Math.min(Math.max(value, low), Math.max(low, high))
  return {
    xUm: clamp(rect.xUm, extent.xUm, extent.xUm + extent.widthUm - widthUm),
    yUm: clamp(rect.yUm, extent.yUm, extent.yUm + extent.heightUm - heightUm),
    widthUm,
    heightUm,
  }
}

/** The frame that keys move: by so many fields, or made larger by them. */
export function nudged(
  frame: StageRect,
  [across, down]: readonly [number, number],
  resize: boolean,
  { step, extent }: Pick<OverviewSummary, 'step' | 'extent'>,
): StageRect {
  const [x, y] = [across * step.widthUm, down * step.heightUm]
  const changed = resize
    ? {
        ...frame,
        widthUm: Math.max(step.widthUm, frame.widthUm + x),
        heightUm: Math.max(step.heightUm, frame.heightUm + y),
      }
    : { ...frame, xUm: frame.xUm + x, yUm: frame.yUm + y }
  return within(changed, extent)
}

/** Five fields by seven in the middle. */
export function firstFrame({ step, extent }: Pick<OverviewSummary, 'step' | 'extent'>): StageRect {
  const [widthUm, heightUm] = [5 * step.widthUm, 7 * step.heightUm]
  return within(
    {
      xUm: extent.xUm + (extent.widthUm - widthUm) / 2,
      yUm: extent.yUm + (extent.heightUm - heightUm) / 2,
      widthUm,
      heightUm,
    },
    extent,
  )
}

/** "x, y, width, height" in millimetres; null: empty. Throws RangeError where it cannot be read. */
export function extentOf(text: string): StageRect | null {
  if (text.trim() === '') return null
  const numbers = text
    .split(/[;,\s]+/)
    .filter((part) => part !== '')
    .map((part) => 1000 * Number(part))
  const [xUm, yUm, widthUm, heightUm] = numbers
  if (numbers.length !== 4 || numbers.some((value) => !Number.isFinite(value)) || widthUm! <= 0 || heightUm! <= 0)
    throw new RangeError('Give x, y, width and height in millimetres, such as 4, 3, 8, 5.')
  return { xUm: xUm!, yUm: yUm!, widthUm: widthUm!, heightUm: heightUm! }
}
