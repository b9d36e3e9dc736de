import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ApiError, refusal } from './api-error.ts'

const refused = (status: number, headers: Record<string, string> = {}, body = ''): ApiError =>
  refusal({ status, headers, body }, { verb: 'list', namespace: 'shop' })

test('the message of the API server is passed on', () => {
  assert.equal(
    refused(500, {}, '{"message":"etcd is away"}').message,
    'the API server answered 500 to list: etcd is away',
  )
})

test('what is no message of the API server is cut short', () => {
  assert.equal(
    refused(502, {}, `<html>${'x'.repeat(1000)}`).message.length,
    'the API server answered 502 to list: '.length + 200,
  )
  assert.match(refused(502).message, /: nothing more$/)
})

test('a pause that the server asks for is obeyed up to a minute', () => {
  assert.equal(refused(429, { 'retry-after': '2' }).retryAfterMs, 2000)
  assert.equal(refused(429, { 'retry-after': '86400' }).retryAfterMs, 60_000)
  assert.equal(refused(429, { 'retry-after': 'Wed, 25 Nov 2026 15:00:00 GMT' }).retryAfterMs, 0)
  assert.equal(refused(429).retryAfterMs, 0)
})

test('a version that is too old is told from failures', () => {
  assert.ok(refused(410).isExpired)
  assert.ok(!refused(404).isExpired)
})
