/** What a line tells whoever opened it. */
export interface LineListener {
  data(bytes: Uint8Array): void
  /** Once, when the line is gone without having been closed from this side. */
  lost(reason: string): void
}

/** An open line. */
export interface ByteConnection {
  /** Hands the bytes over without waiting; on a line that is gone they are dropped. */
  write(bytes: Uint8Array): void
  /** Nothing is told after it. */
  close(): Promise<void>
}

/** A way to a controller that carries bytes: a serial port, or a simulated one. */
export interface ByteLine {
  /** The port as a person knows it: `/dev/ttyUSB0`, `COM3`. */
  readonly name: string
  /** Rejects `LineUnavailable`. Each call makes a new connection; one at a time. */
  open(listener: LineListener): Promise<ByteConnection>
}

/** missing: no such port now. taken: another program has it. forbidden: no permission. failed: anything else. */
export type Unavailability = 'missing' | 'taken' | 'forbidden' | 'failed'

export class LineUnavailable extends Error {
  override readonly name = 'LineUnavailable'
  readonly kind: Unavailability

  constructor(kind: Unavailability, message: string, options?: ErrorOptions) {
    super(message, options)
    this.kind = kind
  }
}
