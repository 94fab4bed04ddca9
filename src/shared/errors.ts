/**
 * The errors that may cross the bench's boundary. Codes cross, classes do not.
 * `status` is the HTTP status the browser shell answers with.
 */
export const ERROR_CODES = {
  'not-found': { status: 404 },
  'invalid-input': { status: 422 },
  'images-missing': { status: 422 },
  'image-unreadable': { status: 422 },
  'pixel-size-implausible': { status: 422 },
  /** It was to be estimated from the red cells, and too few are there. */
  'pixel-size-unknown': { status: 422 },
  'model-missing': { status: 424 },
  'model-invalid': { status: 424 },
  'casebook-locked': { status: 409 },
  'casebook-newer': { status: 409 },
  'casebook-damaged': { status: 409 },
  'data-unwritable': { status: 507 },
  'disk-full': { status: 507 },
  'run-active': { status: 409 },
  'run-not-active': { status: 409 },
  'device-failed': { status: 502 },
  'capture-timeout': { status: 504 },
  'position-out-of-limits': { status: 422 },
  /** The stage moves, but where it is is not known any more: it has to be homed. */
  'position-unknown': { status: 409 },
  /** Another program has the device's port. */
  'device-taken': { status: 409 },
  'port-taken': { status: 409 },
  /** Too little is in view to measure by. */
  'field-too-plain': { status: 422 },
  'focus-lost': { status: 422 },
  /** The brightest pixels are at the end of the camera's scale. */
  'image-saturated': { status: 422 },
  /** The light is not as the measurement needs it. */
  'light-unsuited': { status: 422 },
  /** The controller reports another place, the image says it is the same. */
  'stage-did-not-move': { status: 502 },
  /** What is seen where a field was scanned is not what was kept of it. */
  'slide-changed': { status: 409 },
  'no-truth': { status: 422 },
  /** Not foreseen: the log line with the id in `values` says more. */
  internal: { status: 500 },
} as const

export type ErrorCode = keyof typeof ERROR_CODES

export interface ErrorDetail {
  /** What to do about it, one sentence in the imperative. */
  readonly remedy: string
  /** For hardware: whether something may have moved. */
  readonly motionPossible?: boolean
  /** Values the message names (a path, a version), for programs. */
  readonly values?: Readonly<Record<string, string | number>>
}

/** An error a person can act on: what it means (`message`, a sentence: it gets its full stop here), what to do (`detail.remedy`). */
export class MedullaError extends Error {
  override readonly name = 'MedullaError'
  readonly code: ErrorCode
  readonly detail: ErrorDetail

  constructor(code: ErrorCode, message: string, detail: ErrorDetail, options?: ErrorOptions) {
    super(/[.?!]$/.test(message) ? message : `${message}.`, options)
    this.code = code
    this.detail = detail
  }
}
