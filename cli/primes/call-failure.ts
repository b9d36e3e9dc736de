import { status } from '@grpc/grpc-js'
import {
  type CallFailure,
  failedToConnect,
  failureDetailsOf,
  isCallFailure,
  retryDelayMs,
} from '../../client/call-failure.ts'
import { CommandError } from '../command-error.ts'

/** What a failed call is explained with. */
export interface CallSite {
  target: string
  deadlineMs?: number | undefined
}

/** A failed call as the error of a command: status, what the service said, what to do. Other errors stay what they are. */
export function commandErrorFrom(thrown: unknown, site: CallSite): unknown {
  return isCallFailure(thrown) ? new CommandError(describeCallFailure(thrown, site)) : thrown
}

/** One line: the status, what the service said (with the field that was wrong), and a remedy where there is one. */
export function describeCallFailure(failure: CallFailure, site: CallSite): string {
  if (failedToConnect(failure)) {
    const reason = failure.details.replace(/^.*Last error: (Error: )?/, '').replace(/\.? ?Resolution note:.*$/, '')
    return `UNAVAILABLE: ${site.target} cannot be reached (${reason}); ${remedyOfReason(reason)}`
  }
  const remedy = remedyOf(failure, site)
  return `${statusName(failure.code)}: ${messageOf(failure)}${remedy === undefined ? '' : `; ${remedy}`}`
}

/** What Node says of certificates, and what else may be wrong. */
function remedyOfReason(reason: string): string {
  // TLS knows no names that are addresses: Node 26 refuses to ask for one.
  if (/altnames|servername/.test(reason)) return '--tls-server-name says which name its certificate must have'
  if (/certificate|self-signed/.test(reason)) return '--tls-authorities says who must have signed its certificate'
  return '`npm start` starts a fleet there, --target names another'
}

/** `INVALID_ARGUMENT` for 3. */
export function statusName(code: number): string {
  return status[code] ?? `STATUS_${code}`
}

function messageOf(failure: CallFailure): string {
  const unsaid = (failureDetailsOf(failure).badRequest?.fieldViolations ?? [])
    .filter(({ field, description }) => !failure.details.includes(field) || !failure.details.includes(description))
    .map(({ field, description }) => `${field}: ${description}`)
  return [failure.details, ...unsaid].filter((part) => part !== '').join('; ') || 'the service gave no reason'
}

function remedyOf(failure: CallFailure, { target, deadlineMs }: CallSite): string | undefined {
  const delayMs = retryDelayMs(failure)
  if (delayMs !== undefined) return `try again in ${Math.ceil(delayMs)} ms`
  if (target.startsWith('xds:') && failure.details.includes('waiting for name resolution')) {
    return `no endpoints came for ${target}: its control plane cannot be reached or does not know that name; \`evenkeel control-plane status\` asks it`
  }
  if (failure.code === status.DEADLINE_EXCEEDED) {
    return deadlineMs === undefined ? undefined : `it was given ${deadlineMs} ms, --deadline-ms gives another time`
  }
  if (failure.code === status.UNIMPLEMENTED) return `${target} serves something else, --target names another`
  if (failure.code === status.UNAVAILABLE) return 'no replica could answer, try again'
  return undefined
}
