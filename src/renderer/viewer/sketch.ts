import type { Field, FieldPictureTold, SlideInfo } from '../../shared/contract/slide.ts'
import { type TileAddress, tilesUnder } from './tile-index.ts'

/** A field's small picture, ready to be drawn where the field lies. */
export interface Sketch {
  readonly field: Field
  readonly picture: ImageBitmap
}

/** Fields whose sketches are kept: more than are committed in the time their tiles take. */
const MOST_KEPT = 8

/** The sketches of the newest fields. */
export class Sketches {
  readonly #kept = new Map<number, Sketch>()

  put(sketch: Sketch): void {
    const { index } = sketch.field
    this.#kept.delete(index)
    this.#kept.set(index, sketch)
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= MOST_KEPT) return
      this.#kept.delete(oldest)
    }
  }

  /** Of a field that lies elsewhere now, perhaps. */
  forget(field: number): void {
    this.#kept.delete(field)
  }

  /** Those that touch a tile. */
  on({ level, x, y }: TileAddress, slide: SlideInfo): Sketch[] {
    return [...this.#kept.values()].filter(({ field }) =>
      [...tilesUnder(field, slide)].some((tile) => tile.level === level && tile.x === x && tile.y === y),
    )
  }
}

/** Decodes beside the page's own thread; null: the bytes are no picture. */
export async function decodePicture({ jpeg, widthPx, heightPx }: FieldPictureTold): Promise<ImageBitmap | null> {
  try {
    const bytes = Uint8Array.from(atob(jpeg), (character) => character.charCodeAt(0))
    return await createImageBitmap(new Blob([bytes], { type: 'image/jpeg' }), 0, 0, widthPx, heightPx)
  } catch {
    // The field's tiles are on their way.
    return null
  }
}

/** Draws what of the field lies on a tile over what is there; the context's canvas is the tile, a pixel for each of its level's. */
export function drawSketch(
  ctx: CanvasRenderingContext2D,
  { field, picture }: Sketch,
  { level, x, y }: TileAddress,
  { levels, tileSizePx }: SlideInfo,
): void {
  const scale = 2 ** (level - (levels - 1))
  const left = field.slideX * scale - x * tileSizePx
  const top = field.slideY * scale - y * tileSizePx
  ctx.drawImage(picture, left, top, field.widthPx * scale, field.heightPx * scale)
}
