/**
 * timeout: no answer in time. garbled: an answer that cannot be one. lost: the line went away. refused: the controller said no.
 * restarted: the controller has been reset. interrupted: a halt went ahead of it. unavailable: the port could not be opened.
 * other-device: what answers is not the controller that was there.
 */
export type LineFaultKind =
  | 'timeout'
  | 'garbled'
  | 'lost'
  | 'refused'
  | 'restarted'
  | 'interrupted'
  | 'taken'
  | 'forbidden'
  | 'missing'
  | 'other-device'
  | 'closed'

/** Why an exchange gave no answer. Stays within the stage's own code: `ControllerStage` turns it into an error for people. */
export class LineFault extends Error {
  override readonly name = 'LineFault'
  readonly kind: LineFaultKind

  constructor(kind: LineFaultKind, message: string, options?: ErrorOptions) {
    super(message, options)
    this.kind = kind
  }
}
