import type { CallContext } from '../../../chassis/workload.ts'
import { StatusError } from '../../../chassis/status-error.ts'
import {
  ConformancePayload_RequestInfo,
  type Error as WantedError,
  type MessageFns,
} from '../../../gen/connectrpc/conformance/v1/service.ts'
import type { Any } from '../../../gen/google/protobuf/any.ts'
import { headersOf } from './headers.ts'

const typePrefix = 'type.googleapis.com/connectrpc.conformance.v1'

/** The deadline of calls that bring none, in ms: the longest that Envoy and a replica grant. No case asks for a tenth of it. */
export const defaultDeadlineMs = 30_000

/** A message of the suite with its type's name. */
export function anyOf<Message>(name: string, type: MessageFns<Message>, message: Message): Any {
  return { typeUrl: `${typePrefix}.${name}`, value: Buffer.from(type.encode(message).finish()) }
}

/** What the server has seen of a call: metadata, the time that its caller gave it, and these requests. */
export function requestInfo(call: CallContext, requests: Any[]): ConformancePayload_RequestInfo {
  const leftMs = Math.max(0, Math.floor(call.deadlineMs - Date.now()))
  return {
    requestHeaders: headersOf(call.metadata),
    timeoutMs: leftMs > defaultDeadlineMs / 2 ? undefined : BigInt(leftMs),
    requests,
    connectGetInfo: undefined,
  }
}

/** The error that a request asks for; with what was seen of the call as its last detail, where no response said so before. */
export function errorOf({ code, message, details }: WantedError, seen?: ConformancePayload_RequestInfo): StatusError {
  const info = seen ? [anyOf('ConformancePayload.RequestInfo', ConformancePayload_RequestInfo, seen)] : []
  return new StatusError(code as number, message ?? '', { details: [...details, ...info] })
}
