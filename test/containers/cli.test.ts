import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Summary } from '../../cli/spread/summarize.ts'
import { runCliContainer } from '../support/cli-container.ts'
import { removeLeftBehind } from '../support/confined-container.ts'
import { startControlPlane } from '../support/control-plane.ts'
import { proven, servedBy, startFakePrimes } from '../support/fake-primes.ts'
import { memorySource } from '../support/memory-source.ts'
import { servicesAt } from '../support/world.ts'

before(removeLeftBehind)
after(removeLeftBehind)

test('the image of the command has what calls, and says so; what serves has other images', async () => {
  const { exitCode, stdout } = await runCliContainer('--help')
  assert.equal(exitCode, 0)
  const names = [...stdout.matchAll(/^ {2}([a-z]\S*)/gm)].map(([, name]) => name)
  assert.deepEqual(names, ['check', 'factorize', 'list', 'spread', 'control-plane', 'help'])
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
