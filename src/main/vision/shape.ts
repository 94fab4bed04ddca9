/** Sums over a set of pixels, from which its size and shape follow; sums of two sets add up. Working pixels. */
export interface Moments {
  area: number
  x: number
  y: number
  xx: number
  yy: number
  xy: number
}

export const noMoments = (): Moments => ({ area: 0, x: 0, y: 0, xx: 0, yy: 0, xy: 0 })

/** Adds `count` pixels side by side, the first of them at x, y. */
export function addRun(to: Moments, x: number, y: number, count: number): void {
  // Sums of 0 to count - 1, and of their squares.
  const steps = (count * (count - 1)) / 2
  const squares = (steps * (2 * count - 1)) / 3
  const sum = count * x + steps
  to.area += count
  to.x += sum
  to.y += count * y
  to.xx += count * x * x + 2 * x * steps + squares
  to.yy += count * y * y
  to.xy += sum * y
}

export function sumOf(a: Moments, b: Moments): Moments {
  return {
    area: a.area + b.area,
    x: a.x + b.x,
    y: a.y + b.y,
    xx: a.xx + b.xx,
    yy: a.yy + b.yy,
    xy: a.xy + b.xy,
  }
}

export interface Shape {
  readonly area: number
  readonly x: number
  readonly y: number
  /** Axes of the ellipse with the same second moments. */
  readonly majorAxis: number
  readonly minorAxis: number
  /** Area over that ellipse's area: 1 for any filled ellipse, less with bays and waists. */
  readonly fill: number
}

export function shapeOf(sums: Moments): Shape {
  const { area } = sums
  const x = sums.x / area
  const y = sums.y / area
  // A pixel is a square of its own: 1/12 keeps a line of pixels from having no width.
  const varianceX = sums.xx / area - x * x + 1 / 12
  const varianceY = sums.yy / area - y * y + 1 / 12
  const covariance = sums.xy / area - x * y
  const half = (varianceX + varianceY) / 2
  const root = Math.sqrt(Math.max(0, ((varianceX - varianceY) / 2) ** 2 + covariance ** 2))
  const majorAxis = 4 * Math.sqrt(half + root)
  const minorAxis = 4 * Math.sqrt(Math.max(1 / 12, half - root))
  return { area, x, y, majorAxis, minorAxis, fill: area / ((Math.PI / 4) * majorAxis * minorAxis) }
}
