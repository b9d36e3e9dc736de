import { CallError } from '../errors.ts'
import type { Interceptor } from './interceptor.ts'

/** What grpc-js can decompress. */
const known: ReadonlySet<string> = new Set(['identity', 'gzip', 'deflate'])

/**
 * Refuses calls whose requests are encoded as nobody here can read, at their headers: grpc-js does so at the first message that is
 * compressed. https://github.com/grpc/grpc/blob/master/doc/compression.md
 */
export const encodingInterceptor: Interceptor = (call) => {
  if (!known.has(call.encoding)) {
    const shown = JSON.stringify(call.encoding.slice(0, 20))
    call.fail(new CallError('unimplemented', `grpc-encoding: ${shown} is none of ${[...known].join(', ')}`))
  }
  return undefined
}
