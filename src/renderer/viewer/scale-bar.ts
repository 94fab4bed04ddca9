export interface ScaleBar {
  /** Length on screen, CSS pixels. */
  readonly px: number
  readonly label: string
}

/**
 * The longest round length (1, 2 or 5 times a power of ten, micrometres) that fits.
 * `umPerPx`: micrometres of the slide under one CSS pixel at the present zoom. Null: no scale is known.
 */
export function scaleBar(umPerPx: number, maxPx: number): ScaleBar | null {
  if (!(umPerPx > 0) || !Number.isFinite(umPerPx)) return null
  const most = umPerPx * maxPx
  const power = 10 ** Math.floor(Math.log10(most))
  const um = [5, 2, 1].map((step) => step * power).find((length) => length <= most * (1 + 1e-9)) ?? power
  return { px: um / umPerPx, label: lengthLabel(um) }
}

function lengthLabel(um: number): string {
  if (um >= 1000) return `${trim(um / 1000)} mm`
  if (um >= 1) return `${trim(um)} µm`
  return `${trim(um * 1000)} nm`
}

const trim = (value: number): string => String(Number(value.toPrecision(6)))
