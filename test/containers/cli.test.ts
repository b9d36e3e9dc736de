import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Summary } from '../../cli/spread/summarize.ts'
import { runCliContainer } from '../support/cli-container.ts'
import { type Container, removeLeftBehind, startConfined } from '../support/confined-container.ts'
import { startControlPlane } from '../support/control-plane.ts'
import { proven, servedBy, startFakePrimes } from '../support/fake-primes.ts'
import { startAdmin } from '../support/envoy-admin.ts'
import { eventually } from '../support/eventually.ts'
import { memorySource } from '../support/memory-source.ts'
import { testImage } from '../support/test-image.ts'
import { servicesAt } from '../support/world.ts'

before(removeLeftBehind)
after(removeLeftBehind)

test('the image of the command has what calls, and says so; what serves has other images', async () => {
  const { exitCode, stdout } = await runCliContainer('--help')
  assert.equal(exitCode, 0)
  const names = [...stdout.matchAll(/^ {2}([a-z]\S*)/gm)].map(([, name]) => name)
  assert.deepEqual(names, ['check', 'factorize', 'list', 'health', 'spread', 'drain-envoy', 'control-plane', 'help'])
  const { exitCode: wrong, stderr } = await runCliContainer('serve')
  assert.equal(wrong, 2)
  assert.match(stderr, /^error: unknown command 'serve'/)
})

test('a confined command loads an xds: target without a terminal, and asks its control plane for the status', async () => {
  let calls = 0
  const checkPrime: Parameters<typeof startFakePrimes>[0]['checkPrime'] = (_, callback) => {
    calls += 1
    callback(null, proven, servedBy(`pod-${calls % 2}`))
  }
  await using server = await startFakePrimes({ checkPrime })
  await using controlPlane = await startControlPlane(memorySource(servicesAt({ evenkeel: [server.address] })))
  const target = ['--target', 'xds:///evenkeel', '--xds-server', controlPlane.address]
  const load = ['--service', 'primes', '--rate', '100', '--for', '200ms', '--json']
  const { exitCode, stdout, stderr } = await runCliContainer('spread', ...target, ...load)
  const { callsPerPod } = JSON.parse(stdout) as Summary
  assert.deepEqual(
    { exitCode, stderr, callsPerPod },
    { exitCode: 0, stderr: '', callsPerPod: { 'pod-0': 10, 'pod-1': 10 } },
  )
  const status = await runCliContainer('control-plane', 'status', '--target', controlPlane.address)
  assert.deepEqual(status, { exitCode: 0, stdout: 'No subscribers.\n', stderr: '' })
})

/** Starts the drain of an Envoy, as the only process of its container and with the memory that it may have beside every Envoy. */
async function startDrain(admin: string): Promise<Container> {
  const { tag: image } = await testImage('cli')
  const args = ['drain-envoy', '--admin', admin]
  return startConfined({ image, args, readyLine: /^waiting for SIGTERM/, memoryMb: 32, network: 'host' })
}

test('the drain of an Envoy takes 32 MB and ends at SIGTERM, when the callers have left', async () => {
  await using admin = await startAdmin([2, 2, 1, 0])
  await using drain = await startDrain(admin.address)
  await drain.kill('SIGTERM')
  assert.equal(await drain.exited(), 0)
  assert.ok(admin.asked.includes('POST /drain_listeners?graceful'))
})

test('a second SIGTERM ends a drain in a container at once', async () => {
  await using admin = await startAdmin([1])
  await using drain = await startDrain(admin.address)
  await drain.kill('SIGTERM')
  await eventually(() => assert.ok(drain.lines.includes('draining, connections: 1')))
  await drain.kill('SIGTERM')
  assert.equal(await drain.exited(), 143)
})
