import type { ClientUnaryCall, ServiceError } from '@grpc/grpc-js'

/** Makes one unary call and waits for its answer. `signal` cancels it; rejects with what the call failed with. */
export async function unaryCall<Response>(
  start: (done: (error: ServiceError | null, response: Response) => void) => ClientUnaryCall,
  signal: AbortSignal,
): Promise<Response> {
  signal.throwIfAborted()
  const { promise, resolve, reject } = Promise.withResolvers<Response>()
  const call = start((error, response) => (error ? reject(error) : resolve(response)))
  const cancel = (): void => call.cancel()
  signal.addEventListener('abort', cancel, { once: true })
  return promise.finally(() => signal.removeEventListener('abort', cancel))
}
