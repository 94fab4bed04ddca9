import type { PlacedField } from '../../src/main/slide/places.ts'
import type { RgbImage } from '../../src/shared/image.ts'

/** A slide of odd size with overlapping fields of odd size, at places that are on no tile's edge. */
export const SLIDE_SIZE = { widthPx: 1901, heightPx: 1403 }
const FIELD = { widthPx: 601, heightPx: 507 }
const COLUMNS = 4
export const FIELD_COUNT = 12

/** Where the camera saw field `index`, in a serpentine; the last column and row reach beyond the slide. */
const placeOf = (index: number) => {
  const row = Math.floor(index / COLUMNS)
  const column = row % 2 === 0 ? index % COLUMNS : COLUMNS - 1 - (index % COLUMNS)
  return { slideX: 11.4 + column * 460.5, slideY: 7.3 + row * 451.7 }
}

/** The field at the place it was seen, or off it, owning its middle. */
export function placed(index: number, dx = 0, dy = 0, revision = index + 1): PlacedField {
  const at = placeOf(index)
  const [slideX, slideY] = [at.slideX + dx, at.slideY + dy]
  // A little more than neighbours leave it: what is owned overlaps in places.
  const owned = { x: slideX + 60, y: slideY + 20, width: FIELD.widthPx - 120, height: FIELD.heightPx - 40 }
  return { index, slideX, slideY, ...FIELD, owned, revision }
}

export const PLACES: readonly PlacedField[] = Array.from({ length: FIELD_COUNT }, (_, index) => placed(index))

/** What the camera saw: cells and plasma in smooth shades, so that JPEG keeps it within a few grey values. */
export function fieldImage(index: number): RgbImage {
  const { slideX, slideY } = placeOf(index)
  const data = new Uint8Array(3 * FIELD.widthPx * FIELD.heightPx)
  const [left, top] = [Math.round(slideX), Math.round(slideY)]
  for (let i = 0, y = top; y < top + FIELD.heightPx; y++) {
    for (let x = left; x < left + FIELD.widthPx; x++) {
      const cell = Math.max(0, Math.sin(x / 31) * Math.cos(y / 27))
      // Each field is lit a little otherwise, so that it shows which of two is seen.
      data[i++] = 225 - 110 * cell - 4 * index
      data[i++] = 215 - 150 * cell
      data[i++] = 230 - 60 * cell + index
    }
  }
  return { ...FIELD, data }
}

/** Who is seen at a pixel of the slide, looked up the plain way; null: nobody. */
export function seenAt(x: number, y: number, places: readonly PlacedField[]): PlacedField | null {
  const inField = ({ slideX, slideY, widthPx, heightPx }: PlacedField) => {
    const [left, top] = [Math.round(slideX), Math.round(slideY)]
    return x >= left && x < left + widthPx && y >= top && y < top + heightPx
  }
  const owns = ({ owned }: PlacedField) =>
    x >= Math.round(owned.x) &&
    x < Math.round(owned.x + owned.width) &&
    y >= Math.round(owned.y) &&
    y < Math.round(owned.y + owned.height)
  const there = places.filter(inField).sort((a, b) => a.index - b.index)
  return there.find(owns) ?? there.at(-1) ?? null
}

/** The slide made at once from the fields and their places, pixel by pixel, and each level below it; top level first. */
export function slideAtOnce(
  places: readonly PlacedField[],
  images: (index: number) => RgbImage,
  { widthPx, heightPx }: { readonly widthPx: number; readonly heightPx: number },
  levels: number,
): RgbImage[] {
  const data = new Uint8Array(3 * widthPx * heightPx)
  const kept = new Map(places.map(({ index }) => [index, images(index)]))
  for (let y = 0, i = 0; y < heightPx; y++) {
    for (let x = 0; x < widthPx; x++, i += 3) {
      const field = seenAt(x, y, places)
      if (!field) {
        data.fill(240, i, i + 3)
        continue
      }
      const from = 3 * ((y - Math.round(field.slideY)) * field.widthPx + x - Math.round(field.slideX))
      const image = kept.get(field.index)!
      for (let channel = 0; channel < 3; channel++) data[i + channel] = image.data[from + channel]
    }
  }
  const all: RgbImage[] = [{ data, widthPx, heightPx }]
  while (all.length < levels) all.push(halfPlainly(all.at(-1)!))
  return all
}

/** Two by two means, written the plain way. */
export function halfPlainly(image: RgbImage): RgbImage {
  const widthPx = Math.ceil(image.widthPx / 2)
  const heightPx = Math.ceil(image.heightPx / 2)
  const data = new Uint8Array(3 * widthPx * heightPx)
  for (let y = 0; y < heightPx; y++) {
    for (let x = 0; x < widthPx; x++) {
      for (let channel = 0; channel < 3; channel++) {
        let sum = 0
        let pixels = 0
        for (const [dx, dy] of [
          [0, 0],
          [1, 0],
          [0, 1],
          [1, 1],
        ]) {
          if (2 * x + dx >= image.widthPx || 2 * y + dy >= image.heightPx) continue
          sum += image.data[3 * ((2 * y + dy) * image.widthPx + 2 * x + dx) + channel]
          pixels++
        }
        data[3 * (y * widthPx + x) + channel] = Math.floor(sum / pixels + 0.5)
      }
    }
  }
  return { data, widthPx, heightPx }
}
