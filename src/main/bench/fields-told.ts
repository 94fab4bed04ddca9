import type { RunEvent } from '../../shared/contract/runs.ts'
import type { FieldPictureTold } from '../../shared/contract/slide.ts'
import type { Casebook } from '../casebook/casebook.ts'
import type { FieldPicture } from '../slide/slide.ts'

/** As many as are committed or decided of in the time between two events; more change where places are solved anew. */
const MOST_TOLD = 8

/**
 * The fields that changed, for one reader of a run's events, with the pictures of those that are new: told with the event that says so, they are
 * on screen a question and an answer earlier.
 */
export class FieldsTold {
  readonly #runId: number
  readonly #casebook: Pick<Casebook, 'fields' | 'fieldsRevision'>
  readonly #pictureOf: (field: number) => FieldPicture | undefined
  #after: number | null = null
  readonly #told = new WeakSet<FieldPicture>()

  /** @param pictureOf of a field that was just committed; undefined: of no other. */
  constructor(
    runId: number,
    casebook: Pick<Casebook, 'fields' | 'fieldsRevision'>,
    pictureOf: (field: number) => FieldPicture | undefined,
  ) {
    this.#runId = runId
    this.#casebook = casebook
    this.#pictureOf = pictureOf
  }

  /** Since it was asked before. */
  next(): RunEvent['fields'] {
    const newest = this.#casebook.fieldsRevision(this.#runId)
    const after = this.#after ?? newest
    this.#after = newest
    if (newest <= after) return { after, changed: [], pictures: [] }
    const changed = this.#casebook.fields(this.#runId, after, MOST_TOLD + 1)
    if (changed.length > MOST_TOLD) return { after: newest, changed: [], pictures: [] }
    return { after, changed, pictures: this.#pictures(changed) }
  }

  #pictures(changed: RunEvent['fields']['changed']): FieldPictureTold[] {
    const pictures: FieldPictureTold[] = []
    for (const { index } of changed) {
      const picture = this.#pictureOf(index)
      if (!picture || this.#told.has(picture)) continue
      this.#told.add(picture)
      pictures.push({ index, ...picture, jpeg: Buffer.from(picture.jpeg).toString('base64') })
    }
    return pictures
  }
}
