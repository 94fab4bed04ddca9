import type { PixelRect } from './geometry.ts'

/** Where a field lies on the slide now, SlidePx. */
export interface PlacedField {
  readonly index: number
  readonly slideX: number
  readonly slideY: number
  readonly widthPx: number
  readonly heightPx: number
  /** The part it shows also where others cover it. */
  readonly owned: { readonly x: number; readonly y: number; readonly width: number; readonly height: number }
  readonly revision: number
}

/** Fields that were placed, or placed anew, after a revision. */
export type PlacesSince = (revision: number) => readonly PlacedField[]

/** Side of the squares by which fields are found, pixels. */
const SQUARE_PX = 4096

/** The places of a run's fields, as they are now, found by where they lie. */
export class Places {
  readonly #since: PlacesSince
  readonly #fields = new Map<number, PlacedField>()
  readonly #squares = new Map<string, Set<number>>()
  #revision = 0

  constructor(since: PlacesSince) {
    this.#since = since
  }

  /** Takes in what has changed. */
  refresh(): void {
    for (const field of this.#since(this.#revision)) {
      const before = this.#fields.get(field.index)
      if (before) for (const square of squaresUnder(rectOf(before))) this.#squares.get(square)?.delete(field.index)
      this.#fields.set(field.index, field)
      for (const square of squaresUnder(rectOf(field))) {
        const there = this.#squares.get(square)
        if (there) there.add(field.index)
        else this.#squares.set(square, new Set([field.index]))
      }
      this.#revision = Math.max(this.#revision, field.revision)
    }
  }

  /** null: no such field. */
  field(index: number): PlacedField | null {
    return this.#fields.get(index) ?? null
  }

  /** Fields that touch a rectangle of the slide, by index. */
  touching(rect: PixelRect): PlacedField[] {
    const found = new Set<number>()
    for (const square of squaresUnder(rect)) for (const index of this.#squares.get(square) ?? []) found.add(index)
    return [...found]
      .map((index) => this.#fields.get(index)!)
      .filter((field) => {
        const { left, top, right, bottom } = rectOf(field)
        return left < rect.right && top < rect.bottom && right > rect.left && bottom > rect.top
      })
      .sort((a, b) => a.index - b.index)
  }
}

/** The pixels of the slide a field is drawn on: its place, rounded to the pixel. */
export function rectOf({ slideX, slideY, widthPx, heightPx }: PlacedField): PixelRect {
  const left = Math.round(slideX)
  const top = Math.round(slideY)
  return { left, top, right: left + widthPx, bottom: top + heightPx }
}

function* squaresUnder({ left, top, right, bottom }: PixelRect): Generator<string> {
  for (let y = Math.floor(top / SQUARE_PX); y * SQUARE_PX < bottom; y++)
    for (let x = Math.floor(left / SQUARE_PX); x * SQUARE_PX < right; x++) yield `${x}_${y}`
}
