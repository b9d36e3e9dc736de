import {
  type handleServerStreamingCall,
  type handleUnaryCall,
  type handleBidiStreamingCall,
  Metadata,
  Server,
  ServerCredentials,
  type ServiceError,
  status,
} from '@grpc/grpc-js'
import {
  Certainty,
  type CheckPrimeRequest,
  CheckPrimeResponse,
  type CheckPrimeStreamRequest,
  type CheckPrimeStreamResponse,
  type FactorizeRequest,
  type FactorizeResponse,
  type ListPrimesRequest,
  type ListPrimesResponse,
  PrimesServiceService,
} from '../../gen/evenkeel/primes/v1/primes.ts'
import { Any } from '../../gen/google/protobuf/any.ts'
import { RetryInfo } from '../../gen/google/rpc/error_details.ts'
import { Status } from '../../gen/google/rpc/status.ts'

/** What the methods of a scripted PrimesService do; those left out answer UNIMPLEMENTED. */
export interface PrimesScript {
  checkPrime?: handleUnaryCall<CheckPrimeRequest, CheckPrimeResponse>
  factorize?: handleUnaryCall<FactorizeRequest, FactorizeResponse>
  listPrimes?: handleServerStreamingCall<ListPrimesRequest, ListPrimesResponse>
  checkPrimeStream?: handleBidiStreamingCall<CheckPrimeStreamRequest, CheckPrimeStreamResponse>
}

/** A real gRPC server that runs; disposing ends it and its connections. */
export interface RunningServer extends AsyncDisposable {
  /** `127.0.0.1:port`. */
  address: string
}

/** Starts a PrimesService whose answers are scripted. `prepare` may add other services. */
export async function startFakePrimes(
  script: PrimesScript,
  prepare: (server: Server) => void | Promise<void> = () => {},
): Promise<RunningServer> {
  const server = new Server()
  server.addService(PrimesServiceService, { ...script })
  await prepare(server)
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    )
  })
  return { address: `127.0.0.1:${port}`, [Symbol.asyncDispose]: async () => server.forceShutdown() }
}

/** Metadata of plain text entries. */
export function metadataOf(entries: Record<string, string>): Metadata {
  const metadata = new Metadata()
  for (const [name, value] of Object.entries(entries)) metadata.set(name, value)
  return metadata
}

/** An error as a server sends it. */
export function failure(
  code: status,
  details: string,
  metadata = new Metadata(),
): Pick<ServiceError, 'code' | 'details' | 'metadata'> {
  return { code, details, metadata }
}

/** RESOURCE_EXHAUSTED of a full replica that asks to come back after a time. */
export function fullFailure(retryAfterMs: number): ReturnType<typeof failure> {
  const retryDelay = { seconds: 0n, nanos: retryAfterMs * 1e6 }
  const value = Buffer.from(RetryInfo.encode({ retryDelay }).finish())
  const details = [Any.fromPartial({ typeUrl: 'type.googleapis.com/google.rpc.RetryInfo', value })]
  const rich = Status.encode({ code: status.RESOURCE_EXHAUSTED, message: 'the replica is full', details }).finish()
  const metadata = metadataOf({ 'grpc-retry-pushback-ms': String(retryAfterMs) })
  metadata.set('grpc-status-details-bin', Buffer.from(rich))
  return failure(status.RESOURCE_EXHAUSTED, 'the replica is full', metadata)
}

/** Says that a number is a proven prime. */
export const proven: CheckPrimeResponse = CheckPrimeResponse.fromPartial({
  prime: true,
  certainty: Certainty.CERTAINTY_PROVEN,
})

/** Trailers of a replica's answer. */
export function servedBy(pod: string, { worker = '0', queueMs = 0, computeMs = 0 } = {}): Metadata {
  return metadataOf({
    'evenkeel-pod': pod,
    'evenkeel-process': '0',
    'evenkeel-worker': worker,
    'evenkeel-queue-ms': String(queueMs),
    'evenkeel-compute-ms': String(computeMs),
  })
}
