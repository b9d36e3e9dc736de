import { type Metadata, status } from '@grpc/grpc-js'
import {
  type Attributes,
  context,
  type Context,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  type TextMapGetter,
  trace,
  type Tracer,
} from '@opentelemetry/api'
import type { Call, CallStatus, TaskTiming } from '../call.ts'
import { statusName } from '../telemetry/status-name.ts'
import type { Interceptor } from './interceptor.ts'

/** A long list has thousands of tasks; beyond this many only the sums on the call's span tell of them. */
const maxTasksWithSpans = 64

/** Statuses that are the server's fault. https://opentelemetry.io/docs/specs/semconv/rpc/grpc/ */
const serverFaults: ReadonlySet<status> = new Set([
  status.UNKNOWN,
  status.DEADLINE_EXCEEDED,
  status.UNIMPLEMENTED,
  status.INTERNAL,
  status.UNAVAILABLE,
  status.DATA_LOSS,
])

const metadataGetter: TextMapGetter<Metadata> = {
  keys: (metadata) => Object.keys(metadata.getMap()),
  get: (metadata, key) => metadata.get(key).map(String),
}

/**
 * One span per call, a child of the caller's, with a `queue` and a `compute` span for each task. Handlers run in the span's
 * context. Health and reflection are not traced. Without a tracer it takes no part in calls.
 */
export function tracingInterceptor(tracer: Tracer | undefined): Interceptor {
  if (!tracer) return () => undefined
  return (call) => {
    if (call.origin === 'chassis') return undefined
    const parent = propagation.extract(ROOT_CONTEXT, call.metadata, metadataGetter)
    const span = startCallSpan(tracer, call, parent)
    const inSpan = trace.setSpan(parent, span)
    const enter = call.enter
    // Not assigned where it is written: V8 would take it for a function that stays, and keep its call.
    const enterSpan: Call['enter'] = (run) => context.with(inSpan, () => enter(run))
    call.enter = enterSpan
    if (!span.isRecording()) return undefined
    let tasks = 0
    return {
      computed: (timing) => {
        tasks += 1
        if (tasks <= maxTasksWithSpans) addTaskSpans(tracer, inSpan, timing)
      },
      ended: (ended) => {
        span.setAttributes({
          'evenkeel.tasks': tasks,
          'evenkeel.queue.ms': call.queueMs,
          'evenkeel.compute.ms': call.computeMs,
        })
        endCallSpan(span, ended)
      },
    }
  }
}

function startCallSpan(tracer: Tracer, call: Call, parent: Context): Span {
  const method = call.path.slice(1)
  const known = call.origin !== 'unknown'
  const attributes: Attributes = {
    'rpc.system.name': 'grpc',
    'rpc.method': known ? method : '_OTHER',
    ...peerAttributes(call.peer),
  }
  // The name of a span has few values; a method that nobody registered has a name that its caller made up.
  const name = known ? method : 'grpc'
  return tracer.startSpan(name, { kind: SpanKind.SERVER, startTime: epochMs(call.startedAtMs), attributes }, parent)
}

/** A peer is `address:port`, or a path or `unknown` where there is no port. */
function peerAttributes(peer: string): Attributes {
  const colon = peer.lastIndexOf(':')
  if (colon < 0) return { 'network.peer.address': peer }
  return { 'network.peer.address': peer.slice(0, colon), 'network.peer.port': Number(peer.slice(colon + 1)) }
}

function addTaskSpans(tracer: Tracer, parent: Context, { worker, queuedAtMs, queueMs, computeMs }: TaskTiming): void {
  const queuedAt = epochMs(queuedAtMs)
  const takenAt = epochMs(queuedAtMs + queueMs)
  tracer.startSpan('queue', { startTime: queuedAt }, parent).end(takenAt)
  const attributes = { 'evenkeel.worker': worker }
  tracer.startSpan('compute', { startTime: takenAt, attributes }, parent).end(takenAt + computeMs)
}

function endCallSpan(span: Span, { code, details, error }: CallStatus): void {
  const name = statusName(code)
  span.setAttribute('rpc.status_code', name)
  if (code !== status.OK) span.setAttribute('error.type', error ?? name)
  if (serverFaults.has(code)) span.setStatus({ code: SpanStatusCode.ERROR, message: details })
  span.end(epochMs(performance.now()))
}

/** OpenTelemetry takes milliseconds since the epoch; 2^-12 ms are left of the fraction. */
function epochMs(performanceMs: number): number {
  return performance.timeOrigin + performanceMs
}
