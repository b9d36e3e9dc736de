import { type ServiceError, status } from '@grpc/grpc-js'
import { BadRequest, RetryInfo } from '../gen/google/rpc/error_details.ts'
import { Status } from '../gen/google/rpc/status.ts'

/** What a gRPC client reports of a call that failed, by shape: the class is not exported. */
export type CallFailure = Pick<ServiceError, 'code' | 'details' | 'metadata'>

/** What a service adds to a status, as far as replicas of ours do. */
export interface FailureDetails {
  /** The fields that were wrong. */
  badRequest?: BadRequest
  /** When to come back. */
  retryInfo?: RetryInfo
}

/** Whether a thrown thing is the end of a call. */
export function isCallFailure(thrown: unknown): thrown is CallFailure {
  return thrown instanceof Error && 'code' in thrown && 'details' in thrown && 'metadata' in thrown
}

/** Whether the call never left: nothing listens, the name is unknown. */
export function failedToConnect({ code, details }: CallFailure): boolean {
  const neverLeft = /^(round_robin: )?(No connection established|Name resolution failed|Failed to connect)/
  return code === status.UNAVAILABLE && neverLeft.test(details)
}

/** How long the service asks to wait before the call is made again, in milliseconds; undefined when it does not say. */
export function retryDelayMs(failure: CallFailure): number | undefined {
  const { retryDelay } = failureDetailsOf(failure).retryInfo ?? {}
  return retryDelay && Number(retryDelay.seconds) * 1000 + retryDelay.nanos / 1e6
}

/** The google.rpc details of a status. What cannot be decoded is left out: it came from outside. */
export function failureDetailsOf({ metadata }: CallFailure): FailureDetails {
  const found: FailureDetails = {}
  try {
    for (const bytes of metadata.get('grpc-status-details-bin')) {
      for (const { typeUrl, value } of Status.decode(Buffer.from(bytes)).details) {
        if (typeUrl.endsWith('/google.rpc.BadRequest')) found.badRequest = BadRequest.decode(value)
        if (typeUrl.endsWith('/google.rpc.RetryInfo')) found.retryInfo = RetryInfo.decode(value)
      }
    }
  } catch {
    return found
  }
  return found
}
