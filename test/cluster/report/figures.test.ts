import assert from 'node:assert/strict'
import { test } from 'node:test'
import { figuresOf, quantilesOf } from './figures.ts'
import { record } from './sample-record.ts'

test('losses of graceful steps and of crashes are counted apart', () => {
  const figures = figuresOf([
    record({ kind: 'graceful', sent: 100, lost: 0 }),
    record({ kind: 'graceful', sent: 50, lost: 2 }),
    record({ kind: 'crash', sent: 30, lost: 5 }),
  ])
  assert.deepEqual(figures.graceful, { steps: 2, sent: 150, refused: 0, lost: 2 })
  assert.deepEqual(figures.crash, { steps: 1, sent: 30, refused: 0, lost: 5 })
})

test('times of pods are those of graceful steps, of every caller', () => {
  const pod = { readyToFirstCallMs: { envoy: 100, proxyless: 300 }, deletedToLastCallMs: { envoy: -20 } }
  const figures = figuresOf([record({ pods: [pod] }), record({ kind: 'crash', pods: [pod] })])
  assert.deepEqual(figures.readyToFirstCallMs, { count: 2, p50: 100, p99: 300, max: 300 })
  assert.deepEqual(figures.deletedToLastCallMs, { count: 1, p50: -20, p99: -20, max: -20 })
})

test('times of a step that says why they do not count are left out', () => {
  const pod = { readyToFirstCallMs: { envoy: 100 } }
  const late = { readyToFirstCallMs: { envoy: 60_000 } }
  const figures = figuresOf([record({ pods: [pod] }), record({ pods: [late], untimed: 'nobody was told' })])
  assert.equal(figures.readyToFirstCallMs?.max, 100)
})

test('a quantile is a value that occurred', () => {
  const hundred = Array.from({ length: 100 }, (_, at) => at + 1)
  assert.deepEqual(quantilesOf(hundred), { count: 100, p50: 50, p99: 99, max: 100 })
  assert.equal(quantilesOf([]), undefined)
})
