import type { status } from '@grpc/grpc-js'
import type { Attributes } from '@opentelemetry/api'
import type { Call } from '../call.ts'
import { errorTable } from '../errors.ts'
import type { Instruments } from '../telemetry/instruments.ts'
import { statusName } from '../telemetry/status-name.ts'
import type { Interceptor } from './interceptor.ts'

/** The attributes of one method, made once: alone, and by gRPC status. */
interface MethodAttributes {
  method: Attributes
  byStatus: Map<status, Attributes>
}

/**
 * Counts and measures every call by the names of gRFC A66, and its tasks' waiting and computing times. Without instruments
 * it takes no part in calls.
 */
export function metricsInterceptor(instruments: Instruments | undefined): Interceptor {
  if (!instruments) return () => undefined
  const known = new Map<string, MethodAttributes>()
  return (call) => {
    const attributes = attributesOf(call, known)
    let receivedBytes = 0
    let sentBytes = 0
    instruments.callStarted.add(1, attributes.method)
    return {
      received: (bytes) => {
        receivedBytes += bytes
      },
      sent: (bytes) => {
        sentBytes += bytes
      },
      computed: ({ queueMs, computeMs }) => {
        instruments.queueWait.record(queueMs / 1000, attributes.method)
        instruments.computeTime.record(computeMs / 1000, attributes.method)
      },
      ended: ({ code, error }) => {
        const labels = withStatus(attributes, code)
        instruments.callDuration.record((performance.now() - call.startedAtMs) / 1000, labels)
        instruments.callReceivedBytes.record(receivedBytes, labels)
        instruments.callSentBytes.record(sentBytes, labels)
        if (error && errorTable[error].retry !== 'never') instruments.callsRefused.add(1, { 'evenkeel.error': error })
      },
    }
  }
}

/** A66 says `other` for methods that nobody registered: their names come from callers, without end. */
function attributesOf(call: Call, known: Map<string, MethodAttributes>): MethodAttributes {
  const name = call.origin === 'unknown' ? 'other' : call.path.slice(1)
  let attributes = known.get(name)
  if (!attributes) known.set(name, (attributes = { method: { 'grpc.method': name }, byStatus: new Map() }))
  return attributes
}

function withStatus({ method, byStatus }: MethodAttributes, code: status): Attributes {
  let attributes = byStatus.get(code)
  if (!attributes) byStatus.set(code, (attributes = { ...method, 'grpc.status': statusName(code) }))
  return attributes
}
