import assert from 'node:assert/strict'
import { test } from 'node:test'
import { logLine } from './log-line.ts'

test('a JSON line becomes time, name, message and fields', () => {
  const line =
    '{"level":"warn","time":"2026-01-02T03:04:05.678Z","pod":"replica-1","worker":2,"reason":"died","msg":"worker replaced"}'
  assert.equal(logLine('replica-1', line), 'replica-1  03:04:05.678 warn: worker replaced worker=2 reason=died')
})

test('what is no JSON object stays as it is', () => {
  assert.equal(logLine('envoy', '[warning] something'), 'envoy      [warning] something')
  assert.equal(logLine('envoy', '{broken'), 'envoy      {broken')
})

test('fractions are short, and whole numbers stay as they are', () => {
  const line = '{"msg":"drained","tookMs":305.8878930000001,"share":0.012345678,"pid":1234567,"ms":[0.5,2.25]}'
  assert.equal(logLine('replica-1', line), 'replica-1  drained tookMs=305.9 share=0.0123 pid=1234567 ms=[0.5,2.3]')
})
