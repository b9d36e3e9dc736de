import type { IncomingHttpHeaders } from 'node:http'

/** Longest pause that a server may ask for, in ms. */
const maxRetryAfterMs = 60_000

/** The API server refused. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly status: number
  /** How long the server wants to be left alone, in ms. */
  readonly retryAfterMs: number

  constructor(status: number, message: string, retryAfterSeconds = 0) {
    super(message)
    this.status = status
    this.retryAfterMs = Math.min(retryAfterSeconds * 1000, maxRetryAfterMs)
  }

  /** The version that a list or watch goes on from is too old; a new list is the way on, and nothing is wrong. */
  get isExpired(): boolean {
    return this.status === 410
  }
}

/** What was asked for, as the role that allows it says it. */
export interface Asked {
  verb: 'list' | 'watch'
  namespace: string
}

/** An answer that is not 200, with the remedy where there is one. */
export function refusal(
  answer: { status: number; headers: IncomingHttpHeaders; body: string },
  asked: Asked,
): ApiError {
  const { status, headers, body } = answer
  const said = `the API server answered ${status} to ${asked.verb}: ${messageOf(body)}`
  return new ApiError(status, `${said}${remedyOf(status, asked)}`, seconds(headers['retry-after']))
}

function remedyOf(status: number, { verb, namespace }: Asked): string {
  if (status === 401) return '; the credentials are read again'
  if (status !== 403) return ''
  return `; a Role in namespace ${namespace} must allow ${verb} (of get, list, watch) on endpointslices of discovery.k8s.io`
}

function messageOf(body: string): string {
  try {
    const { message } = JSON.parse(body) as { message?: unknown }
    if (typeof message === 'string') return message
  } catch {
    // Not of the API server, but of something before it.
  }
  return body.slice(0, 200).trim() || 'nothing more'
}

function seconds(retryAfter: string | undefined): number {
  return /^\d{1,9}$/.test(retryAfter ?? '') ? Number(retryAfter) : 0
}
