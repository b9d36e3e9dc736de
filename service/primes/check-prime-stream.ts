import { CallError, callErrorFrom } from '../../chassis/errors.ts'
import { unordered } from '../../chassis/handlers/unordered.ts'
import { richStatus } from '../../chassis/status.ts'
import type { BidiStreamHandler, CallContext } from '../../chassis/workload.ts'
import type { CheckPrimeStreamRequest, CheckPrimeStreamResponse } from '../../gen/evenkeel/primes/v1/primes.ts'
import { decide } from './check-prime.ts'

/** Numbers of one stream that may be undecided or unread at once. */
const maxInFlight = 64

/**
 * CheckPrimeStream: answers as each number is decided. An invalid number gets an error of its own; anything else that goes
 * wrong ends the stream.
 */
export const checkPrimeStream: BidiStreamHandler<CheckPrimeStreamRequest, CheckPrimeStreamResponse> = (
  requests,
  call,
) => {
  const patient = refusedAtFirstOnly(call)
  return unordered(requests, maxInFlight, (request) => answerOne(request, patient))
}

/** A full replica refuses the first number that needs a worker; a stream that has begun waits instead of breaking off. */
function refusedAtFirstOnly(call: CallContext): CallContext {
  let whenFull: 'refuse' | 'wait' = 'refuse'
  const run: CallContext['run'] = (task, input, options) => {
    const result = call.run<never>(task, input, { ...options, whenFull })
    whenFull = 'wait'
    return result
  }
  return {
    signal: call.signal,
    deadlineMs: call.deadlineMs,
    metadata: call.metadata,
    get trailers() {
      return call.trailers
    },
    sendHeaders: (headers) => call.sendHeaders(headers),
    answeredInline: () => call.answeredInline(),
    run,
  }
}

async function answerOne(request: CheckPrimeStreamRequest, call: CallContext): Promise<CheckPrimeStreamResponse> {
  try {
    const answer = await decide(request.number, call)
    return { id: request.id, outcome: { $case: 'answer', value: answer } }
  } catch (thrown) {
    const error = callErrorFrom(thrown)
    if (!isTheNumbersFault(error)) throw error
    return { id: request.id, outcome: { $case: 'error', value: richStatus(error) } }
  }
}

function isTheNumbersFault(error: CallError): boolean {
  return error.code === 'invalid_argument'
}
