import { type Client, type ClientUnaryCall, Metadata, type MethodDefinition, type ServiceError } from '@grpc/grpc-js'
import { BadRequest, RetryInfo } from '../../gen/google/rpc/error_details.ts'
import { Status } from '../../gen/google/rpc/status.ts'

/** How one unary call ended. */
export interface Outcome<Response> {
  response: Response | undefined
  /** gRPC status code, 0 for OK. */
  code: number
  details: string
  trailers: Metadata
  /** True when response headers came before the trailers; an error with headers cannot be retried by a proxy. */
  hadHeaders: boolean
}

/** What to send beside the request. */
export interface CallOptions {
  metadata?: Record<string, string>
  /** Milliseconds from now. */
  timeoutMs?: number
  /** Ends the call from the caller's side. */
  signal?: AbortSignal
}

/** Makes one unary call and waits for its end, whatever it is. */
export function callUnary<Request, Response>(
  client: Client,
  method: MethodDefinition<Request, Response>,
  { request, options = {} }: { request: Request; options?: CallOptions },
): Promise<Outcome<Response>> {
  const metadata = new Metadata()
  for (const [key, value] of Object.entries(options.metadata ?? {})) metadata.set(key, value)
  const deadline = options.timeoutMs === undefined ? {} : { deadline: Date.now() + options.timeoutMs }
  return new Promise((resolve) => {
    let hadHeaders = false
    let result: { error: ServiceError | null; response: Response | undefined } | undefined
    const call: ClientUnaryCall = client.makeUnaryRequest(
      method.path,
      method.requestSerialize,
      method.responseDeserialize,
      request,
      metadata,
      deadline,
      (error, response) => {
        result = { error, response }
      },
    )
    options.signal?.addEventListener('abort', () => call.cancel(), { once: true })
    call.on('metadata', () => {
      hadHeaders = true
    })
    call.on('status', (status) => {
      // The callback runs after the status event.
      setImmediate(() =>
        resolve({
          response: result?.response,
          code: status.code,
          details: status.details,
          trailers: status.metadata,
          hadHeaders,
        }),
      )
    })
  })
}

/** The google.rpc details of a status, decoded. */
export function richDetails(trailers: Metadata): { badRequest?: BadRequest; retryInfo?: RetryInfo } {
  const [bytes] = trailers.get('grpc-status-details-bin')
  if (bytes === undefined) return {}
  const found: { badRequest?: BadRequest; retryInfo?: RetryInfo } = {}
  for (const { typeUrl, value } of Status.decode(bytes as Buffer).details) {
    if (typeUrl.endsWith('google.rpc.BadRequest')) found.badRequest = BadRequest.decode(value)
    if (typeUrl.endsWith('google.rpc.RetryInfo')) found.retryInfo = RetryInfo.decode(value)
  }
  return found
}
