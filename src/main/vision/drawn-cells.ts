import type { RgbImage } from '../../shared/image.ts'

/**
 * A plain drawing for tests: grey-white glass, a grid of red cells, and at each place a lymphocyte (nucleus 7 um, cell 10 um).
 * Real and simulated smears are tried elsewhere; this one has known edges.
 */
export function drawCells(
  widthPx: number,
  heightPx: number,
  pixelSizeUm: number,
  places: readonly { readonly x: number; readonly y: number }[],
): RgbImage {
  const data = new Uint8Array(new SharedArrayBuffer(widthPx * heightPx * 3))
  for (let y = 0; y < heightPx; y++) {
    for (let x = 0; x < widthPx; x++) {
      let colour = [228, 226, 224]
      const redCell = 11 / pixelSizeUm
      if (Math.hypot((x % redCell) - redCell / 2, (y % redCell) - redCell / 2) * pixelSizeUm < 3.5)
        colour = [206, 150, 146]
      for (const place of places) {
        const fromCentreUm = Math.hypot(x + 0.5 - place.x, y + 0.5 - place.y) * pixelSizeUm
        if (fromCentreUm < 5) colour = [150, 150, 205]
        if (fromCentreUm < 3.5) {
          colour = [70, 40, 130]
          break
        }
      }
      data.set(colour, (y * widthPx + x) * 3)
    }
  }
  return { data, widthPx, heightPx }
}
