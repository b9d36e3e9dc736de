import type { ClientDuplexStream, StatusObject } from '@grpc/grpc-js'
import type {
  CheckPrimeStreamRequest,
  CheckPrimeStreamResponse,
  PrimesServiceClient,
} from '../../gen/evenkeel/primes/v1/primes.ts'

/** One CheckPrimeStream and all that came back. */
export interface NumberStream {
  call: ClientDuplexStream<CheckPrimeStreamRequest, CheckPrimeStreamResponse>
  /** Answers in the order in which they came. */
  answers: CheckPrimeStreamResponse[]
  /** Resolves with the status, whatever it is. */
  ended: Promise<StatusObject>
}

/** Opens a stream and reads whatever comes. `timeoutMs` is its deadline from now. */
export function openNumberStream(client: PrimesServiceClient, timeoutMs?: number): NumberStream {
  const call = client.checkPrimeStream(timeoutMs === undefined ? {} : { deadline: Date.now() + timeoutMs })
  const answers: CheckPrimeStreamResponse[] = []
  call.on('data', (answer: CheckPrimeStreamResponse) => answers.push(answer)).on('error', () => {})
  const ended = new Promise<StatusObject>((resolve) => call.on('status', resolve))
  return { call, answers, ended }
}
