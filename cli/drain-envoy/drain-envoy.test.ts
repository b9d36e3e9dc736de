import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startAdmin } from '../../test/support/envoy-admin.ts'
import { drainEnvoy } from './drain-envoy.ts'

const signals = (asked: AbortSignal) => ({ asked, hurry: new AbortController().signal, [Symbol.dispose]: () => {} })

/** Drains at once; the exit code and what was said. */
async function drain(admin: string, timeoutMs = 10_000): Promise<{ code: number; lines: string[] }> {
  const lines: string[] = []
  const code = await drainEnvoy({ admin, timeoutMs }, signals(AbortSignal.abort()), (line) => void lines.push(line))
  return { code, lines }
}

test('Envoy is told to drain once it is time to, and by one POST', async () => {
  await using admin = await startAdmin([1, 1, 0])
  const asked = new AbortController()
  const draining = drainEnvoy({ admin: admin.address, timeoutMs: 10_000 }, signals(asked.signal), (line) => {
    if (line.startsWith('waiting')) asked.abort()
  })
  assert.equal(await draining, 0)
  assert.deepEqual(admin.asked.slice(0, 3), ['GET /stats', 'POST /drain_listeners?graceful', 'GET /stats'])
  assert.equal(admin.asked.filter((each) => each.startsWith('POST')).length, 1)
})

test('a caller that comes back within a second after the last one left is waited for', async () => {
  await using admin = await startAdmin([2, 0, 0, 0, 1, 0])
  const { code } = await drain(admin.address)
  assert.equal(code, 0)
  // Five while it has left and comes back; then ten looks find nobody.
  assert.equal(admin.asked.filter((each) => each.startsWith('GET')).length, 5 + 10)
})

test('looks that fail are repeated while calls may be in flight, and what failed is said once', async () => {
  await using admin = await startAdmin([2, 'reset', 'reset', 'missing', 1, 'reset', 0])
  const { code, lines } = await drain(admin.address)
  assert.equal(code, 0)
  assert.deepEqual(lines.slice(1), [
    'draining, connections: 2',
    `warning: no Envoy to be drained at ${admin.address}: ECONNRESET; --admin names its admin interface; asking again`,
    'drained',
  ])
  assert.equal(admin.asked.filter((each) => each.startsWith('POST')).length, 1)
})

test('an Envoy that is gone is told with its address, without waiting for the timeout', async () => {
  const { address, ...admin } = await startAdmin([])
  await admin[Symbol.asyncDispose]()
  const { code, lines } = await drain(address, 2 ** 30)
  assert.equal(code, 1)
  assert.equal(
    lines.at(-1),
    `error: no Envoy to be drained at ${address}: ECONNREFUSED; --admin names its admin interface`,
  )
})

test('an Envoy whose listener has another name is told what is missing, before it is drained, and has the time to', async () => {
  await using admin = await startAdmin(['missing'])
  const asked = new AbortController()
  const lines: string[] = []
  const code = await drainEnvoy({ admin: admin.address, timeoutMs: 500 }, signals(asked.signal), (line) => {
    lines.push(line)
    if (line.startsWith('waiting')) asked.abort()
  })
  assert.equal(code, 1)
  const problem = `Envoy at ${admin.address} has no http.grpc.downstream_cx_active; its listener needs \`stat_prefix: grpc\``
  assert.deepEqual(lines, [
    `warning: ${problem}`,
    `waiting for SIGTERM to drain Envoy at ${admin.address}`,
    `warning: ${problem}; asking again`,
    'error: not drained after 500 ms',
  ])
  assert.ok(admin.asked.includes('POST /drain_listeners?graceful'))
})
