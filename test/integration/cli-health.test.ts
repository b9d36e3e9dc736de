import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hold } from '../../examples/hold/workload.ts'
import { runCli } from '../support/run-cli.ts'
import { startService } from '../support/service.ts'

test('health says SERVING of a server and of its service, on both ports', async () => {
  await using service = await startService(hold)
  for (const target of [service.address, service.healthAddress]) {
    for (const name of ['', 'evenkeel.hold.v1.HoldService']) {
      const end = await runCli('health', '--target', target, '--service', name)
      assert.deepEqual(end, { code: 0, stdout: 'SERVING\n', stderr: '' })
    }
  }
})

test('health --json prints the answer', async () => {
  await using service = await startService(hold)
  const { stdout } = await runCli('health', '--target', service.address, '--json')
  assert.deepEqual(JSON.parse(stdout), { status: 'SERVING' })
})

test('health fails where there is no such service, and says so', async () => {
  await using service = await startService(hold)
  const { code, stderr } = await runCli('health', '--target', service.address, '--service', 'shop.v1.Cart')
  assert.equal(code, 1)
  assert.equal(stderr, `error: NOT_FOUND: ${service.address} has no service "shop.v1.Cart"; --service names another\n`)
})

test('health fails for what cannot be reached', async () => {
  const { code, stderr } = await runCli('health', '--target', '127.0.0.1:1')
  assert.equal(code, 1)
  assert.match(stderr, /^error: UNAVAILABLE: 127\.0\.0\.1:1 cannot be reached/)
})

test('spread loads the health of a server that does not reflect', async () => {
  await using service = await startService(hold)
  const call = ['--call', 'grpc.health.v1.Health/Check', '--rate', '50', '--for', '200ms', '--max-lost', '0', '--json']
  const { code, stdout } = await runCli('spread', '--target', service.address, ...call)
  const { sent, ok } = JSON.parse(stdout) as { sent: number; ok: number }
  assert.deepEqual({ code, sent, ok }, { code: 0, sent: 10, ok: 10 })
})
