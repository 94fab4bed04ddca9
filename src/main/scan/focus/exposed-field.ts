import type { RgbImage } from '../../../shared/image.ts'
import type { PlannedField } from '../stage-plan.ts'
import type { Plane, SeenThrough } from './refocus.ts'

/** A field that is exposed, until it is known whether that exposure will do. */
export class ExposedField {
  readonly planned: PlannedField
  /** What becomes of it. */
  readonly seenThrough: Promise<SeenThrough>
  readonly #first: Promise<Plane>
  readonly #isBlurred: (edgeWidthUm: number | null) => boolean
  readonly #settle: PromiseWithResolvers<SeenThrough>

  /**
   * Settles by itself where the exposure is good or does not arrive, and when the scan ends while the field still waits to be focused: then it is not
   * captured, and a resumed scan comes to it anew.
   */
  constructor(
    planned: PlannedField,
    frame: Promise<RgbImage>,
    planeOf: (image: RgbImage) => Plane,
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
        if (!this.#isBlurred(plane.edgeWidthUm)) return this.settle({ plane, focus: null })
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

  /** The exposure where it is too blurred to be taken as it is; null: it will do, or it did not arrive, which `seenThrough` tells. */
  async blurred(): Promise<Plane | null> {
    const plane = await this.#first.catch(() => null)
    return plane && this.#isBlurred(plane.edgeWidthUm) ? plane : null
  }

  settle(seen: SeenThrough): void {
    this.#settle.resolve(seen)
  }

  fail(error: unknown): void {
    this.#settle.reject(error)
  }
}
