import type { ServedBy } from '../../client/served-by.ts'

/** How one call of a load ended, and who answered, as far as the answer says. */
export interface CallEnd extends Readonly<ServedBy> {
  /** When it was to be sent, in milliseconds from the start of the load. */
  readonly intendedMs: number
  /** When it was sent: later, where this client fell behind. */
  readonly sentMs: number
  /** From when it was to be sent to the end, in milliseconds. */
  readonly latencyMs: number
  /** gRPC status code. */
  readonly code: number
  readonly details: string
  /** Response headers had come; an error after them cannot be retried by anyone. */
  readonly headersSeen: boolean
  /** The server said how it ended: an error without this was made by the client, of a connection that broke. */
  readonly trailersSeen: boolean
  /** How often this client sent it. */
  readonly attempts: number
}
