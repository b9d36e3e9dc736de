// Not from the package's entry, as in errors.ts.
import { Status as status } from '@grpc/grpc-js/build/src/constants.js'
import type { Any } from '../gen/google/protobuf/any.ts'
import { type CallError, callErrorFrom } from './errors.ts'

/** What a chosen status says beside its code. */
export interface StatusErrorOptions {
  /** Messages for `grpc-status-details-bin`, in this order. */
  details?: readonly Pick<Any, 'typeUrl' | 'value'>[]
  /** Never sent to the caller; logged. */
  cause?: unknown
}

/**
 * A status of the workload's own choice, where no row of the error table says it: thrown by a handler, it ends the call with this
 * code and this text. Callers are told nothing of when to come back; a full replica says so by itself. Throws for OK and for
 * numbers that are no status.
 */
export class StatusError extends Error {
  override readonly name = 'StatusError'
  readonly status: status
  readonly details: readonly Pick<Any, 'typeUrl' | 'value'>[]

  constructor(code: status, message: string, { details = [], cause }: StatusErrorOptions = {}) {
    super(message, cause === undefined ? undefined : { cause })
    if (code === status.OK || status[code] === undefined) {
      throw new RangeError(`status ${code}: an error has a status of gRPC from 1 to 16; return to end a call well`)
    }
    this.status = code
    this.details = details
  }
}

/** What a handler threw, as what ends its call: an error of the table, or the status that it chose. */
export function callEndFrom(thrown: unknown): CallError | StatusError {
  return thrown instanceof StatusError ? thrown : callErrorFrom(thrown)
}
