import type { FieldPicture } from '../slide/slide.ts'

/** The pictures of the fields committed last: an event that tells of one takes its picture along. */
export class FreshPictures {
  readonly #most: number
  readonly #pictures = new Map<number, FieldPicture>()

  /** @param most so many are kept. */
  constructor(most: number) {
    this.#most = most
  }

  put(field: number, picture: FieldPicture): void {
    this.#pictures.delete(field)
    this.#pictures.set(field, picture)
    for (const oldest of this.#pictures.keys()) {
      if (this.#pictures.size <= this.#most) return
      this.#pictures.delete(oldest)
    }
  }

  of(field: number): FieldPicture | undefined {
    return this.#pictures.get(field)
  }
}
