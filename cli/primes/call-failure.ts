import { type ServiceError, status } from '@grpc/grpc-js'
import { BadRequest, RetryInfo } from '../../gen/google/rpc/error_details.ts'
import { Status } from '../../gen/google/rpc/status.ts'
import { CommandError } from '../command-error.ts'

/** What a failed call is explained with. */
export interface CallSite {
  target: string
  deadlineMs?: number | undefined
}

/** What a gRPC client reports of a call that failed, by shape: the class is not exported. */
export type CallFailure = Pick<ServiceError, 'code' | 'details' | 'metadata'>

/** Whether a thrown thing is the end of a call. */
export function isCallFailure(thrown: unknown): thrown is CallFailure {
  return thrown instanceof Error && 'code' in thrown && 'details' in thrown && 'metadata' in thrown
}

/** A failed call as the error of a command: status, what the service said, what to do. Other errors stay what they are. */
export function commandErrorFrom(thrown: unknown, site: CallSite): unknown {
  return isCallFailure(thrown) ? new CommandError(describeCallFailure(thrown, site)) : thrown
}

/** One line: the status, what the service said (with the field that was wrong), and a remedy where there is one. */
export function describeCallFailure(failure: CallFailure, site: CallSite): string {
  if (failedToConnect(failure)) {
    const reason = failure.details.replace(/^.*Last error: (Error: )?/, '').replace(/\.? ?Resolution note:.*$/, '')
    return `UNAVAILABLE: ${site.target} cannot be reached (${reason}); \`npm start\` starts a fleet there, --target names another`
  }
  const remedy = remedyOf(failure, site)
  return `${statusName(failure.code)}: ${messageOf(failure)}${remedy === undefined ? '' : `; ${remedy}`}`
}

/** `INVALID_ARGUMENT` for 3. */
export function statusName(code: number): string {
  return status[code] ?? `STATUS_${code}`
}

/** How long the service asks to wait before the call is made again, in milliseconds; undefined when it does not say. */
export function retryDelayMs(failure: CallFailure): number | undefined {
  const { retryDelay } = detailsOf(failure).retryInfo ?? {}
  return retryDelay && Number(retryDelay.seconds) * 1000 + retryDelay.nanos / 1e6
}

/** Whether the call never left: nothing listens, the name is unknown. */
export function failedToConnect({ code, details }: CallFailure): boolean {
  return (
    code === status.UNAVAILABLE && /^(No connection established|Name resolution failed|Failed to connect)/.test(details)
  )
}

function messageOf(failure: CallFailure): string {
  const unsaid = (detailsOf(failure).badRequest?.fieldViolations ?? [])
    .filter(({ field, description }) => !failure.details.includes(field) || !failure.details.includes(description))
    .map(({ field, description }) => `${field}: ${description}`)
  return [failure.details, ...unsaid].filter((part) => part !== '').join('; ') || 'the service gave no reason'
}

function remedyOf(failure: CallFailure, { target, deadlineMs }: CallSite): string | undefined {
  const delayMs = retryDelayMs(failure)
  if (delayMs !== undefined) return `try again in ${Math.ceil(delayMs)} ms`
  if (failure.code === status.DEADLINE_EXCEEDED) {
    return deadlineMs === undefined ? undefined : `it was given ${deadlineMs} ms, --deadline-ms gives another time`
  }
  if (failure.code === status.UNIMPLEMENTED) return `${target} serves something else, --target names another`
  if (failure.code === status.UNAVAILABLE) return 'no replica could answer, try again'
  return undefined
}

interface RichDetails {
  badRequest?: BadRequest
  retryInfo?: RetryInfo
}

/** The google.rpc details of a status. What cannot be decoded is left out: it came from outside. */
function detailsOf({ metadata }: CallFailure): RichDetails {
  const found: RichDetails = {}
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
