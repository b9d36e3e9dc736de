import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { Metadata, status } from '@grpc/grpc-js'
import { context, propagation, trace } from '@opentelemetry/api'
import { NodeSDK, type NodeSDKConfiguration } from '@opentelemetry/sdk-node'
import { plainCall } from '../../test/support/plain-call.ts'
import type { Call } from '../call.ts'
import { CallError } from '../errors.ts'
import { okStatus, statusFromError } from '../status.ts'
import { tracingInterceptor } from './tracing.ts'

type Processor = NonNullable<NodeSDKConfiguration['spanProcessors']>[number]
type FinishedSpan = Parameters<Processor['onEnd']>[0]

let finished: FinishedSpan[] = []
const keepFinished: Processor = {
  onStart: () => {},
  onEnd: (span) => void finished.push(span),
  forceFlush: () => Promise.resolve(),
  shutdown: () => Promise.resolve(),
}
const sdk = new NodeSDK({ spanProcessors: [keepFinished], metricReaders: [], logRecordProcessors: [] })
sdk.start()
after(async () => {
  await sdk.shutdown()
  for (const api of [trace, context, propagation]) api.disable()
})

const tracer = trace.getTracer('test')
const traceId = '0af7651916cd43dd8448eb211c80319c'
const callerSpanId = 'b7ad6b7169203331'

/** Runs one call and returns the spans that it left, the call's own last. */
function spansOf(
  facts: Partial<Call>,
  during: (call: Call, hooks: ReturnType<ReturnType<typeof tracingInterceptor>>) => void,
) {
  finished = []
  const call = plainCall(facts)
  during(call, tracingInterceptor(tracer)(call))
  return finished
}

function callerSays(flags: '00' | '01'): Metadata {
  const metadata = new Metadata()
  metadata.set('traceparent', `00-${traceId}-${callerSpanId}-${flags}`)
  return metadata
}

const epochMs = ([seconds, nanos]: readonly [number, number]) => seconds * 1000 + nanos / 1e6

test('without a tracer a call is left alone', () => {
  const call = plainCall()
  const { enter } = call
  assert.equal(tracingInterceptor(undefined)(call), undefined)
  assert.equal(call.enter, enter)
})

test("a call's span continues the caller's trace", () => {
  const [span] = spansOf({ metadata: callerSays('01') }, (call, hooks) => hooks?.ended?.(okStatus(), call))
  assert.equal(span?.spanContext().traceId, traceId)
  assert.equal(span.parentSpanContext?.spanId, callerSpanId)
  assert.equal(span.name, 'test.v1.TestService/Run')
  assert.deepEqual(span.attributes, {
    'rpc.system.name': 'grpc',
    'rpc.method': 'test.v1.TestService/Run',
    'network.peer.address': '192.0.2.1',
    'network.peer.port': 4711,
    'rpc.status_code': 'OK',
    'evenkeel.tasks': 0,
    'evenkeel.queue.ms': 0,
    'evenkeel.compute.ms': 0,
  })
})

test('a call without traceparent starts a trace', () => {
  const [span] = spansOf({}, (call, hooks) => hooks?.ended?.(okStatus(), call))
  assert.match(span?.spanContext().traceId ?? '', /^[0-9a-f]{32}$/)
  assert.equal(span?.parentSpanContext, undefined)
})

test('a caller that does not sample is not sampled here, and what the handler calls still belongs to its trace', () => {
  const metadata = callerSays('00')
  let active: string | undefined
  let recording: unknown
  const spans = spansOf({ metadata }, (call, hooks) => {
    recording = hooks
    active = call.enter(() => trace.getActiveSpan()?.spanContext().traceId)
  })
  assert.equal(recording, undefined)
  assert.deepEqual(spans, [])
  assert.equal(active, traceId)
})

test('waiting and computing are spans of their own with the times at which they happened', () => {
  const startedAtMs = performance.now() - 100
  const [queue, compute, call] = spansOf({ startedAtMs }, (traced, hooks) => {
    hooks?.computed?.({ worker: 7, queuedAtMs: startedAtMs + 10, queueMs: 20, computeMs: 50 })
    hooks?.ended?.(okStatus(), traced)
  })
  assert.deepEqual([queue?.name, compute?.name], ['queue', 'compute'])
  const since = (time: readonly [number, number]) => Math.round(epochMs(time) - performance.timeOrigin - startedAtMs)
  assert.ok(queue && compute && call)
  assert.deepEqual([since(queue.startTime), since(queue.endTime)], [10, 30])
  assert.deepEqual([since(compute.startTime), since(compute.endTime)], [30, 80])
  assert.ok(Math.abs(since(call.startTime)) < 1)
  assert.ok(since(call.endTime) >= 100)
  assert.equal(compute.attributes['evenkeel.worker'], 7)
  for (const child of [queue, compute]) assert.equal(child.parentSpanContext?.spanId, call.spanContext().spanId)
})

test('of a call with very many tasks the first 64 have spans and the call says how many there were', () => {
  const spans = spansOf({}, (call, hooks) => {
    for (let tasks = 0; tasks < 1000; tasks += 1)
      hooks?.computed?.({ worker: 0, queuedAtMs: 0, queueMs: 0, computeMs: 1 })
    hooks?.ended?.(okStatus(), call)
  })
  assert.equal(spans.length, 64 * 2 + 1)
  assert.equal(spans.at(-1)?.attributes['evenkeel.tasks'], 1000)
})

test('the handler runs in the span, also after it has waited', async () => {
  const call = plainCall({ metadata: callerSays('01') })
  const hooks = tracingInterceptor(tracer)(call)
  const seen = await call.enter(async () => {
    await Promise.resolve()
    return trace.getActiveSpan()?.spanContext().traceId
  })
  hooks?.ended?.(okStatus(), call)
  assert.equal(seen, traceId)
  assert.equal(trace.getActiveSpan(), undefined)
})

test('a wrapper of the handler that was there before still runs', () => {
  const order: string[] = []
  const call = plainCall({
    enter: (run) => {
      order.push('outer')
      return run()
    },
  })
  tracingInterceptor(tracer)(call)
  call.enter(() => order.push('handler'))
  assert.deepEqual(order, ['outer', 'handler'])
})

const unset = 0
const error = 2
for (const [code, statusName, spanStatus] of [
  ['internal', 'INTERNAL', error],
  ['deadline_exceeded', 'DEADLINE_EXCEEDED', error],
  ['draining', 'UNAVAILABLE', error],
  ['cancelled', 'CANCELLED', unset],
  ['invalid_argument', 'INVALID_ARGUMENT', unset],
  ['full', 'RESOURCE_EXHAUSTED', unset],
] as const) {
  test(`the span of a call that ended with ${code} says ${statusName}, ${spanStatus === error ? 'a fault' : 'no fault'} of the server`, () => {
    const [span] = spansOf({}, (call, hooks) => hooks?.ended?.(statusFromError(new CallError(code, 'no')), call))
    assert.equal(span?.attributes['rpc.status_code'], statusName)
    assert.equal(span.attributes['error.type'], code)
    assert.equal(span.status.code, spanStatus)
  })
}

test('a status without a row in the error table is its own error type', () => {
  const notFound = { ...okStatus(), code: status.NOT_FOUND }
  const [span] = spansOf({}, (call, hooks) => hooks?.ended?.(notFound, call))
  assert.equal(span?.attributes['error.type'], 'NOT_FOUND')
})

test('a method that nobody registered does not name its span', () => {
  const [span] = spansOf({ path: '/made.Up/Name', origin: 'unknown' }, (call, hooks) =>
    hooks?.ended?.(okStatus(), call),
  )
  assert.equal(span?.name, 'grpc')
  assert.equal(span.attributes['rpc.method'], '_OTHER')
})

test('a peer without a port is an address', () => {
  const [span] = spansOf({ peer: 'unknown' }, (call, hooks) => hooks?.ended?.(okStatus(), call))
  assert.equal(span?.attributes['network.peer.address'], 'unknown')
  assert.equal(span.attributes['network.peer.port'], undefined)
})

test('health and reflection are not traced', () => {
  const call = plainCall({ origin: 'chassis' })
  assert.equal(tracingInterceptor(tracer)(call), undefined)
})
