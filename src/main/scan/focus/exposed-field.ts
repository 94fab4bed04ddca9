import type { RgbImage } from '../../../shared/image.ts'
import type { PlannedField } from '../stage-plan.ts'
import type { Plane, SeenThrough } from './refocus.ts'

/** Why a first exposure will not do. */
export interface Flaw {
  /** Too blurred; null: the image is none of this field. */
  readonly plane: Plane | null
}

/** A field that is exposed, until it is known whether that exposure will do. */
export class ExposedField {
  readonly planned: PlannedField
  /** What becomes of it. */
  readonly seenThrough: Promise<SeenThrough>
  readonly #first: Promise<Plane | null>
  readonly #isBlurred: (edgeWidthUm: number | null) => boolean
  readonly #settle: PromiseWithResolvers<SeenThrough>

  /**
   * Settles by itself where the exposure is good or does not arrive, and when the scan ends while the field still waits to be exposed anew: then it is not
   * captured, and a resumed scan comes to it anew.
   * @param planeOf null: the image is none of this field.
   */
  constructor(
    planned: PlannedField,
    frame: Promise<RgbImage>,
    planeOf: (image: RgbImage) => Plane | null,
    isBlurred: (edgeWidthUm: number | null) => boolean,
    signal: AbortSignal,
  ) {
    this.planned = planned
    this.#isBlurred = isBlurred
    this.#first = frame.then(planeOf)
    this.#settle = Promise.withResolvers()
    this.seenThrough = this.#settle.promise
    this.#first.then(
      (plane) => {
        if (plane && !this.#isBlurred(plane.edgeWidthUm)) return this.settle({ plane, focus: null })
        if (signal.aborted) return this.fail(signal.reason)
        const fail = () => this.fail(signal.reason)
        signal.addEventListener('abort', fail, { once: true })
        // The signal lives as long as the scan: what it still called for would keep this field's image as long.
        const forget = () => signal.removeEventListener('abort', fail)
        this.seenThrough.then(forget, forget)
      },
      (error: unknown) => this.fail(error),
    )
  }

  /** What has to be exposed anew, and what there is of it; null: nothing has, or the exposure did not arrive, which `seenThrough` tells. */
  async flaw(): Promise<Flaw | null> {
    try {
      const plane = await this.#first
      return plane && !this.#isBlurred(plane.edgeWidthUm) ? null : { plane }
    } catch {
      return null
    }
  }

  settle(seen: SeenThrough): void {
    this.#settle.resolve(seen)
  }

  fail(error: unknown): void {
    this.#settle.reject(error)
  }
}
