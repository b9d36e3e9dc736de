import { credentials } from '@grpc/grpc-js'
import {
  ConformanceServiceClient,
  type ServerStreamRequest,
  type StreamResponseDefinition,
} from '../../../gen/connectrpc/conformance/v1/service.ts'

/** Enough that the code of a call is compiled. */
const calls = 50

const responseDefinition: StreamResponseDefinition = {
  responseHeaders: [],
  responseData: [Buffer.from('warm')],
  responseDelayMs: 1,
  error: undefined,
  responseTrailers: [],
  rawResponse: undefined,
}
const request: ServerStreamRequest = { responseDefinition, requestData: Buffer.alloc(0) }

/**
 * Calls a server until it is warm. The first call of a new process takes tens of milliseconds to reach its handler, and the cases
 * of timeouts give 200 ms, of which Envoy's timer leaves a replica 38.
 */
export async function warmUp(address: string): Promise<void> {
  const client = new ConformanceServiceClient(address, credentials.createInsecure())
  try {
    for (let call = 0; call < calls; call += 1) {
      for await (const _ of client.serverStream(request)) continue
    }
  } finally {
    client.close()
  }
}
