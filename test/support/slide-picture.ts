/** A square of the slide round a point, SlidePx. */
export interface Square {
  readonly x: number
  readonly y: number
  readonly side: number
}

/** Runs in the page: 24 x 24 grey values round a point of the slide; null where the canvas is empty. */
export function grey({ x, y, side }: Square): number[] | null {
  const overlay = document.querySelector<HTMLCanvasElement>('canvas[data-testid="boxes"]')!
  const slide = [...document.querySelectorAll<HTMLCanvasElement>('.viewer-host canvas')].find((one) => one !== overlay)!
  const [scale, offsetX, offsetY] = overlay.dataset.placement!.split(' ').map(Number)
  const small = document.createElement('canvas')
  small.width = 24
  small.height = 24
  const ctx = small.getContext('2d')!
  const left = (x - side / 2) * scale + offsetX
  const top = (y - side / 2) * scale + offsetY
  ctx.drawImage(slide, left, top, side * scale, side * scale, 0, 0, 24, 24)
  const { data } = ctx.getImageData(0, 0, 24, 24)
  const values: number[] = []
  for (let i = 0; i < data.length; i += 4) {
    if (data[i + 3] < 255) return null
    values.push(data[i + 1])
  }
  return values
}

/** Mean difference of grey values; infinite where they are not of one size. */
export function difference(a: readonly number[], b: readonly number[]): number {
  if (a.length !== b.length || a.length === 0) return Number.POSITIVE_INFINITY
  return a.reduce((sum, value, i) => sum + Math.abs(value - b[i]), 0) / a.length
}
