import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Metadata } from '@grpc/grpc-js'
import { keepLogLines } from '../../test/support/log-lines.ts'
import { hooksAround, plainCall } from '../../test/support/plain-call.ts'
import type { Call } from '../call.ts'
import { CallError, type ErrorCode } from '../errors.ts'
import { okStatus, statusFromError } from '../status.ts'
import { createLogger, type LogLevel } from '../telemetry/logger.ts'
import { accessLogInterceptor, type AccessLogMode } from './access-log.ts'

function startLog(mode: AccessLogMode, level: LogLevel = 'info') {
  const { lines, destination } = keepLogLines()
  const { logger } = createLogger({ level, pod: 'p', process: '1', workload: 'w', destination })
  const interceptor = accessLogInterceptor({ logger, mode })
  return { lines, around: (call?: Call) => hooksAround(interceptor, call) }
}

const failed = (code: ErrorCode, cause?: unknown) => statusFromError(new CallError(code, `because ${code}`, { cause }))

test('in mode all a call has a line with who asked, how it ended and who computed it', () => {
  const { lines, around } = startLog('all')
  const metadata = new Metadata()
  metadata.set('x-request-id', 'r-17')
  metadata.set('traceparent', '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01')
  const call = plainCall({
    metadata,
    worker: '3',
    queueMs: 1.23456,
    computeMs: 20,
    startedAtMs: performance.now() - 30,
  })
  around(call).ended(okStatus())
  assert.equal(lines.length, 1)
  const { time, durationMs, ...rest } = lines[0] ?? {}
  assert.ok(typeof durationMs === 'number' && durationMs >= 30)
  assert.match(String(time), /^\d{4}-\d\d-\d\dT/)
  assert.deepEqual(rest, {
    level: 'info',
    pod: 'p',
    process: '1',
    workload: 'w',
    msg: 'call',
    method: 'test.v1.TestService/Run',
    peer: '192.0.2.1:4711',
    status: 'OK',
    worker: '3',
    queueMs: 1.235,
    computeMs: 20,
    requestId: 'r-17',
    traceId: '0af7651916cd43dd8448eb211c80319c',
  })
})

test('in mode errors a call that ended with OK has no line', () => {
  const { lines, around } = startLog('errors', 'trace')
  around().ended(okStatus())
  assert.deepEqual(lines, [])
})

test('what the replica refused is a warning, what the caller did wrong is said at level debug', () => {
  const { lines, around } = startLog('errors', 'debug')
  const codes = ['full', 'draining', 'deadline_exceeded', 'invalid_argument', 'message_too_large', 'cancelled'] as const
  for (const code of codes) around().ended(failed(code))
  assert.deepEqual(
    lines.map(({ error, level }) => [error, level]),
    [
      ['full', 'warn'],
      ['draining', 'warn'],
      ['deadline_exceeded', 'warn'],
      ['invalid_argument', 'debug'],
      ['message_too_large', 'debug'],
      ['cancelled', 'debug'],
    ],
  )
})

for (const mode of ['off', 'errors', 'all'] as const) {
  test(`in mode ${mode} an internal error is logged with the stack of its cause`, () => {
    const { lines, around } = startLog(mode)
    around().ended(failed('internal', new RangeError('out of reach')))
    assert.equal(lines.length, 1)
    const { level, error, err } = lines[0] ?? {}
    assert.deepEqual([level, error], ['error', 'internal'])
    assert.match(JSON.stringify(err), /RangeError.*out of reach.*access-log\.test\.ts/)
  })
}

test('a cause that is no Error is written, shortened', () => {
  const { lines, around } = startLog('errors')
  around().ended(failed('internal', { text: 'x'.repeat(10_000) }))
  const text = String(lines[0]?.['err'])
  assert.match(text, /^\{ text: 'xxx/)
  assert.ok(text.length <= 201)
})

test('in mode off a refused call has no line', () => {
  const { lines, around } = startLog('off', 'trace')
  around().ended(failed('full'))
  assert.deepEqual(lines, [])
})

test('health and reflection have no line', () => {
  const { lines, around } = startLog('all', 'trace')
  around(plainCall({ origin: 'chassis' })).ended(okStatus())
  assert.deepEqual(lines, [])
})

test('a flood of one error has few lines, another error still has its own', () => {
  const { lines, around } = startLog('errors')
  for (let sent = 0; sent < 500; sent += 1) around().ended(failed('full'))
  around().ended(failed('draining'))
  assert.equal(lines.filter(({ error }) => error === 'draining').length, 1)
  assert.ok(lines.length < 500)
})

test('texts of callers are shortened', () => {
  const { lines, around } = startLog('all')
  const metadata = new Metadata()
  metadata.set('x-request-id', 'r'.repeat(5000))
  around(plainCall({ metadata, path: `/${'m'.repeat(5000)}`, origin: 'unknown' })).ended(failed('unimplemented'))
  assert.equal(String(lines[0]?.['requestId']).length, 201)
  assert.equal(String(lines[0]?.['method']).length, 201)
})

test('a traceparent that is none has no trace id', () => {
  const { lines, around } = startLog('all')
  const metadata = new Metadata()
  metadata.set('traceparent', 'garbage')
  around(plainCall({ metadata })).ended(okStatus())
  assert.equal(lines[0]?.['traceId'], undefined)
})
