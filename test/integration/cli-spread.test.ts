import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { status } from '@grpc/grpc-js'
import { addReflection } from '../../chassis/reflection.ts'
import type { Summary } from '../../cli/spread/summarize.ts'
import { hold } from '../../examples/hold/workload.ts'
import {
  failure,
  fullFailure,
  metadataOf,
  type PrimesScript,
  proven,
  servedBy,
  startFakePrimes,
} from '../support/fake-primes.ts'
import { startDiscoveryServer } from '../support/discovery-server.ts'
import { eventually } from '../support/eventually.ts'
import { bin, runCli, startCli } from '../support/run-cli.ts'
import { startService } from '../support/service.ts'

/** Answers as if pods took turns: `pods` is whose turn it is, again and again. */
function inTurns(...pods: string[]): NonNullable<PrimesScript['checkPrime']> {
  let turn = 0
  return (_, callback) => {
    const pod = pods[turn % pods.length] ?? ''
    turn += 1
    callback(null, proven, servedBy(pod, { worker: String(turn % 2), queueMs: 1, computeMs: 2 }))
  }
}

const load = ['spread', '--service', 'primes', '--rate', '300', '--for', '200ms']

async function spreadJson(...args: string[]): Promise<{ code: number | null; summary: Summary; stderr: string }> {
  const { code, stdout, stderr } = await runCli(...load, '--json', ...args)
  return { code, summary: JSON.parse(stdout), stderr }
}

test('--json prints one object with the keys that others build on', async () => {
  await using server = await startFakePrimes({ checkPrime: inTurns('a', 'b', 'c') })
  const { code, summary } = await spreadJson('--target', server.address, '--expect-pods', '3')
  assert.equal(code, 0)
  const fixed =
    'sent ok refused lost retried errorsByCode latencyMs callsPerPod busyMsPerPod callsPerProcess callsPerWorker'
  const fixedToo = 'podsExpected maxOverMin maxOverMean diceP99 seconds'
  assert.deepEqual(Object.keys(summary), [...fixed.split(' '), ...fixedToo.split(' '), 'cut', 'queueWaitMs', 'notSent'])
  assert.deepEqual(Object.keys(summary.latencyMs), ['p50', 'p90', 'p99', 'p999', 'max'])
})

test('calls and busy time are counted by pod, process and worker', async () => {
  await using server = await startFakePrimes({ checkPrime: inTurns('b', 'a', 'c') })
  const { summary } = await spreadJson('--target', server.address)
  const { sent, ok, lost, callsPerPod, busyMsPerPod, callsPerProcess, callsPerWorker, maxOverMin, maxOverMean } =
    summary
  assert.deepEqual(
    { sent, ok, lost, maxOverMin, maxOverMean },
    { sent: 60, ok: 60, lost: 0, maxOverMin: 1, maxOverMean: 1 },
  )
  assert.deepEqual(callsPerPod, { a: 20, b: 20, c: 20 })
  assert.deepEqual(busyMsPerPod, { a: 40, b: 40, c: 40 })
  assert.deepEqual(callsPerProcess, { 'a/0': 20, 'b/0': 20, 'c/0': 20 })
  assert.deepEqual(callsPerWorker, { 'a/0/0': 10, 'a/0/1': 10, 'b/0/0': 10, 'b/0/1': 10, 'c/0/0': 10, 'c/0/1': 10 })
})

test('without --json tables show who answered, and each bound that was kept', async () => {
  await using server = await startFakePrimes({ checkPrime: inTurns('pod-2', 'pod-10') })
  const bounds = ['--expect-pods', '2', '--max-spread', 'dice', '--max-lost', '0']
  const { code, stdout } = await runCli(...load, '--target', server.address, ...bounds)
  assert.equal(code, 0)
  assert.match(stdout, /^60 calls in 0\.2 s over 1 connection, 300 per second, retries transparent$/m)
  assert.match(
    stdout,
    /^pod {5}calls {2}busy ms {2}of busy\npod-2 +30 +60 +50\.0 % {2}█+\npod-10 +30 +60 +50\.0 % {2}█+$/m,
  )
  assert.match(stdout, /^pod-10\/0\/0 +30 /m)
  assert.match(stdout, /^queue wait +1\.00 +1\.00$/m)
  assert.match(stdout, /^ok 60, refused 0, lost 0, retried 0$/m)
  assert.equal(stdout.match(/^kept: /gm)?.length, 3)
})

test('a bound that is broken is named and makes the exit code 1', async () => {
  await using server = await startFakePrimes({ checkPrime: inTurns('a', 'a', 'b') })
  const { code, summary, stderr } = await spreadJson(
    '--target',
    server.address,
    '--max-spread',
    '1.99',
    '--max-lost',
    '0',
  )
  assert.deepEqual({ code, maxOverMin: summary.maxOverMin }, { code: 1, maxOverMin: 2 })
  assert.equal(stderr, 'BROKEN: max/min of calls per pod 2.000, at most 1.990\nkept: calls lost 0, at most 0\n')
})

test('a pod that did not answer makes the spread infinite', async () => {
  await using server = await startFakePrimes({ checkPrime: inTurns('a', 'b') })
  const { code, summary } = await spreadJson('--target', server.address, '--expect-pods', '3', '--max-spread', '100')
  assert.deepEqual(
    { code, podsExpected: summary.podsExpected, maxOverMin: summary.maxOverMin as unknown },
    { code: 1, podsExpected: 3, maxOverMin: 'Infinity' },
  )
})

test('lost are calls without an answer; a refusal and a wrong argument are not lost', async () => {
  const errors = [
    failure(status.UNAVAILABLE, 'no healthy upstream'),
    failure(status.INTERNAL, 'a fault'),
    fullFailure(10),
    failure(status.INVALID_ARGUMENT, 'number: is empty'),
    null,
  ]
  let turn = 0
  const checkPrime: PrimesScript['checkPrime'] = (_, callback) => {
    const error = errors[turn % errors.length] ?? null
    turn += 1
    if (error) callback(error)
    else callback(null, proven, servedBy('a'))
  }
  await using server = await startFakePrimes({ checkPrime })
  const { code, summary } = await spreadJson('--target', server.address, '--max-lost', '23')
  const { ok, refused, lost, cut, errorsByCode } = summary
  assert.deepEqual({ code, ok, refused, lost, cut }, { code: 1, ok: 12, refused: 12, lost: 24, cut: 0 })
  assert.deepEqual(errorsByCode, { UNAVAILABLE: 12, INTERNAL: 12, RESOURCE_EXHAUSTED: 12, INVALID_ARGUMENT: 12 })
})

test('a load that nothing answered is a failure without any bound', async () => {
  await using server = await startFakePrimes({
    checkPrime: (_, callback) => callback(failure(status.UNAVAILABLE, 'draining')),
  })
  const { code, stdout } = await runCli(...load, '--target', server.address)
  assert.equal(code, 1)
  assert.match(stdout, /^UNAVAILABLE 60, the first: draining$/m)
  assert.match(stdout, /^BROKEN: none of 60 calls was answered$/m)
})

test('a target that is not there is named with what starts it', async () => {
  const { code, stdout, stderr } = await runCli('spread', '--for', '1s', '--target', '127.0.0.1:1')
  assert.deepEqual({ code, stdout }, { code: 1, stdout: '' })
  assert.match(stderr, /^error: UNAVAILABLE: 127\.0\.0\.1:1 cannot be reached .*`npm start`.*\n$/)
})

test('--balance spreads the calls of one connection over all addresses; without it they go to one', async () => {
  await using a = await startFakePrimes({ checkPrime: inTurns('a') })
  await using b = await startFakePrimes({ checkPrime: inTurns('b') })
  const target = `ipv4:${a.address},${b.address}`
  for (const balance of ['round_robin', 'least_request_two_choices', 'least_request_full_scan']) {
    const { code, summary } = await spreadJson('--target', target, '--balance', balance, '--expect-pods', '2')
    assert.deepEqual({ code, pods: Object.keys(summary.callsPerPod) }, { code: 0, pods: ['a', 'b'] })
  }
  const { summary } = await spreadJson('--target', target)
  assert.equal(Object.keys(summary.callsPerPod).length, 1)
})

test('an xds: target is looked up at the control plane that is named', async () => {
  await using controlPlane = await startDiscoveryServer()
  const { child, ended } = startCli('check', '25', '--target', 'xds:///evenkeel', '--xds-server', controlPlane.address)
  await eventually(() => assert.ok(controlPlane.requests[0]?.includes('evenkeel')))
  child.kill('SIGKILL')
  await ended()
})

test('SIGINT ends the load with what was measured so far and 130', async () => {
  const arrived = Promise.withResolvers<void>()
  let calls = 0
  const answer = inTurns('a')
  const checkPrime: PrimesScript['checkPrime'] = (call, callback) => {
    calls += 1
    // The last calls are still open when the signal comes; they are neither answered nor lost.
    if (calls <= 20) answer(call, callback)
    if (calls === 25) arrived.resolve()
  }
  await using server = await startFakePrimes({ checkPrime })
  const { child, ended, until } = startCli('spread', '--service', 'primes', '--for', '1m', '--target', server.address)
  await until(arrived.promise)
  child.kill('SIGINT')
  const { code, stdout } = await ended()
  assert.equal(code, 130)
  assert.match(stdout, /^20 calls in /)
  assert.match(stdout, /^ok 20, refused 0, lost 0, retried 0, cut short$/m)
})

test('a mix of a file is sent', async () => {
  const numbers = new Set<string>()
  const checkPrime: PrimesScript['checkPrime'] = ({ request }, callback) => {
    numbers.add(request.number)
    callback(null, proven, servedBy('a'))
  }
  await using server = await startFakePrimes({ checkPrime })
  const folder = await mkdtemp(join(tmpdir(), 'mix-'))
  const file = join(folder, 'mix.json')
  await writeFile(file, '{"4711": 1, "1013": 2}')
  const { code } = await spreadJson('--target', server.address, '--mix', file)
  await rm(folder, { recursive: true })
  assert.deepEqual({ code, numbers: [...numbers].toSorted() }, { code: 0, numbers: ['1013', '4711'] })
})

test('a target that serves HoldService gets jobs of HoldService', async () => {
  await using service = await startService(hold)
  const args = ['--rate', '100', '--for', '200ms', '--job', '5ms', '--json', '--target', service.address]
  const { code, stdout } = await runCli('spread', ...args)
  const { ok, busyMsPerPod } = JSON.parse(stdout) as Summary
  assert.deepEqual({ code, ok }, { code: 0, ok: 20 })
  assert.ok((busyMsPerPod['test-pod'] ?? 0) >= 20 * 4.9, JSON.stringify(busyMsPerPod))
})

const descriptors = pathToFileURL(resolve(import.meta.dirname, '../../gen/descriptors/primes.binpb'))
const method = 'evenkeel.primes.v1.PrimesService/CheckPrime'

test('any unary method of a server that reflects can be called, and the pod read from a header', async () => {
  const numbers = new Set<string>()
  const checkPrime: PrimesScript['checkPrime'] = (call, callback) => {
    numbers.add(call.request.number)
    call.sendMetadata(metadataOf({ 'x-pod': numbers.size > 1 ? 'other' : 'mine' }))
    callback(null, proven)
  }
  await using server = await startFakePrimes({ checkPrime }, (grpc) => addReflection(grpc, descriptors))
  const call = ['--call', method, '--data', '{"number": "4711"}', '--identify-by', 'header:X-Pod']
  const { code, stdout } = await runCli('spread', '--for', '100ms', '--json', '--target', server.address, ...call)
  const { ok, callsPerPod } = JSON.parse(stdout) as Summary
  assert.deepEqual(
    { code, ok, callsPerPod, numbers: [...numbers] },
    { code: 0, ok: 10, callsPerPod: { mine: 10 }, numbers: ['4711'] },
  )
})

const wrongCalls: [string[], number, RegExp][] = [
  [['--call', 'a.B/C'], 1, /^error: a\.B: the server knows no such thing/],
  [['--call', 'evenkeel.primes.v1.PrimesService/Check'], 2, /no such method; there is CheckPrime, Factorize/],
  [['--call', 'evenkeel.primes.v1.PrimesService/ListPrimes'], 2, /is a stream; only unary calls/],
  [['--call', 'evenkeel.primes.v1.CheckPrimeRequest/A'], 2, /CheckPrimeRequest: is not a service/],
  [['--call', method, '--data', '{"numbr": "1"}'], 2, /--data numbr: no such field; there is number/],
  [['--call', method, '--data', '[1]'], 2, /--data \[1\]: must be a JSON object/],
]
for (const [args, expected, message] of wrongCalls) {
  test(`${args.join(' ')} is told as an error`, async () => {
    await using server = await startFakePrimes({}, (grpc) => addReflection(grpc, descriptors))
    const { code, stderr } = await runCli('spread', '--target', server.address, ...args)
    assert.equal(code, expected)
    assert.match(stderr, message)
  })
}

test('a server without reflection is named as such', async () => {
  await using server = await startFakePrimes({})
  const { code, stderr } = await runCli('spread', '--target', server.address, '--call', method)
  assert.equal(code, 1)
  assert.match(stderr, /^error: UNIMPLEMENTED: .* offers no reflection; .*--reflection\n$/)
})

test('without a terminal progress is plain lines on stderr, and none in a short load', async () => {
  await using server = await startFakePrimes({ checkPrime: inTurns('a') })
  assert.equal((await runCli(...load, '--target', server.address)).stderr, '')
})

test('on a terminal a bar grows on stderr, and is gone at the end', async () => {
  await using server = await startFakePrimes({ checkPrime: inTurns('a') })
  const terminal = resolve(import.meta.dirname, '../support/as-terminal.ts')
  const args = ['--import', terminal, bin, ...load, '--target', server.address]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  assert.equal(child.exitCode, 0)
  assert.match(stdout, /^ok 60,/m)
  assert.match(stderr, /█+░* 0 of 0\.2 s, 60 sent, 0 in flight/)
  assert.ok(stderr.endsWith('\u001b[2K'), 'the line is cleared last')
})

test('a command whose control plane does not answer says so and ends', { timeout: 30_000 }, async () => {
  const unanswered = ['--target', 'xds:///evenkeel', '--xds-server', '127.0.0.1:1', '--deadline-ms', '200']
  const { code, stderr } = await runCli('check', '25', ...unanswered)
  assert.equal(code, 1)
  assert.match(stderr, /no endpoints came for xds:\/\/\/evenkeel: its control plane cannot be reached/)
})
