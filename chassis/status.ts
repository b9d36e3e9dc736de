import type { OutgoingHttpHeaders } from 'node:http2'
import { Metadata, status } from '@grpc/grpc-js'
import type { CallStatus } from './call.ts'
import { BadRequest, RetryInfo } from '../gen/google/rpc/error_details.ts'
import { Status } from '../gen/google/rpc/status.ts'
import { type CallError, errorTable } from './errors.ts'
import { StatusError } from './status-error.ts'

/** Longest message sent to a caller, in characters: grpc-message travels in a header, where percent encoding may triple it. */
const maxDetailsLength = 500

/**
 * Metadata that this replica sends. grpc-js would copy trailers before it sends them, lest somebody changes them; nobody does. And
 * it pads binary values, which servers should not: https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md
 */
export class SentMetadata extends Metadata {
  override clone(): Metadata {
    return this
  }

  override toHttp2Headers(): OutgoingHttpHeaders {
    const headers = super.toHttp2Headers()
    for (const name in headers) {
      if (name.endsWith('-bin')) headers[name] = [headers[name] ?? []].flat().map((value) => unpadded(String(value)))
    }
    return headers
  }
}

function unpadded(base64: string): string {
  return base64.replace(/={1,2}$/, '')
}

/** OK, with room for trailers. */
export function okStatus(): CallStatus {
  return { code: status.OK, details: 'OK', metadata: new SentMetadata() }
}

/** An error as google.rpc.Status, with BadRequest and RetryInfo where there is more to say than code and message. */
export function richStatus(error: CallError): Status {
  const details = []
  if (error.violations.length > 0) {
    const fieldViolations = error.violations.map(({ field, description }) => ({
      field,
      description: wireText(description),
      reason: error.code.toUpperCase(),
      localizedMessage: undefined,
    }))
    details.push(any('google.rpc.BadRequest', BadRequest.encode({ fieldViolations }).finish()))
  }
  if (error.retryAfterMs !== undefined) {
    details.push(any('google.rpc.RetryInfo', RetryInfo.encode({ retryDelay: duration(error.retryAfterMs) }).finish()))
  }
  return { code: errorTable[error.code].status, message: wireText(error.message), details }
}

/**
 * An error as it goes over the wire: code and message, google.rpc.Status in `grpc-status-details-bin` where it has details,
 * and `grpc-retry-pushback-ms` (gRFC A6: milliseconds, or -1 for "do not retry") with RESOURCE_EXHAUSTED.
 */
export function statusFromError(error: CallError | StatusError): CallStatus {
  if (error instanceof StatusError) return statusFromChosen(error)
  const rich = richStatus(error)
  const metadata = new SentMetadata()
  if (rich.details.length > 0) metadata.set('grpc-status-details-bin', Buffer.from(Status.encode(rich).finish()))
  if (rich.code === status.RESOURCE_EXHAUSTED) {
    metadata.set(
      'grpc-retry-pushback-ms',
      String(error.retryAfterMs === undefined ? -1 : Math.ceil(error.retryAfterMs)),
    )
  }
  return { code: rich.code, details: rich.message, metadata, error: error.code, cause: error.cause }
}

/** A status of the workload's own choice, with its details. */
function statusFromChosen({ status: code, message, details, cause }: StatusError): CallStatus {
  const text = wireText(message)
  const metadata = new SentMetadata()
  if (details.length > 0) {
    const rich = Status.encode({ code, message: text, details: [...details] }).finish()
    metadata.set('grpc-status-details-bin', Buffer.from(rich))
  }
  return { code, details: text, metadata, cause, chosen: true }
}

/** Text that fits a header: at most `maxDetailsLength` characters, no lone surrogates (`encodeURI` throws on them). */
export function wireText(text: string): string {
  const short = text.length > maxDetailsLength ? `${text.slice(0, maxDetailsLength)}…` : text
  return short.toWellFormed()
}

function any(typeName: string, value: Uint8Array): { typeUrl: string; value: Buffer } {
  return { typeUrl: `type.googleapis.com/${typeName}`, value: Buffer.from(value) }
}

function duration(ms: number): { seconds: bigint; nanos: number } {
  const whole = Math.ceil(ms)
  return { seconds: BigInt(Math.floor(whole / 1000)), nanos: (whole % 1000) * 1_000_000 }
}
