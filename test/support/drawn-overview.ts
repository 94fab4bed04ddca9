import type { OverviewPlace } from '../../src/shared/overview/place.ts'

/** What a drawn smear is like at a point, for tests. */
export interface DrawnPlace {
  readonly singleShare?: number | null
  readonly cellsPerMm2?: number
  readonly cellShare?: number
  readonly touchingShare?: number
  readonly redShare?: number
  readonly sharpness?: number | null
}

/** An overview of `columns` x `rows` places, `pitchUm` apart, of a smear drawn by a function of the place. Without noise. */
export function drawnOverview(
  columns: number,
  rows: number,
  pitchUm: number,
  at: (xUm: number, yUm: number) => DrawnPlace,
): OverviewPlace[] {
  return Array.from({ length: columns * rows }, (_, index) => {
    const [xUm, yUm] = [(index % columns) * pitchUm, Math.floor(index / columns) * pitchUm]
    const drawn = at(xUm, yUm)
    const cellsPerMm2 = drawn.cellsPerMm2 ?? 1000
    return {
      index,
      xUm,
      yUm,
      zUm: 0,
      sharpness: drawn.sharpness === undefined ? 0.2 : drawn.sharpness,
      spread: {
        groundShare: 0.5,
        groundLevel: 230,
        redShare: drawn.redShare ?? 0.3,
        singleShare: drawn.singleShare === undefined ? 0.55 : drawn.singleShare,
        cells: Math.round(cellsPerMm2 * 0.0204),
        cellsPerMm2,
        cellShare: drawn.cellShare ?? 0.15,
        touchingShare: drawn.touchingShare ?? 0.1,
      },
    }
  })
}
