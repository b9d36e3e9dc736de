import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { type ServerWritableStream, status } from '@grpc/grpc-js'
import type { ListPrimesRequest, ListPrimesResponse } from '../../gen/evenkeel/primes/v1/primes.ts'
import { failure, startFakePrimes } from '../support/fake-primes.ts'
import { runCli, startCli } from '../support/run-cli.ts'

type ListCall = ServerWritableStream<ListPrimesRequest, ListPrimesResponse>

/** Sends lists of primes, then ends with an error or OK: one script per call, and the requests that came. */
function scripted(...scripts: { primes: bigint[][]; code?: status }[]) {
  const requests: string[] = []
  const listPrimes = (call: ListCall): void => {
    requests.push(`${call.request.from}-${call.request.to}`)
    const { primes, code } = scripts[requests.length - 1] ?? { primes: [] }
    for (const part of primes) call.write({ primes: part })
    if (code === undefined) call.end()
    else call.emit('error', failure(code, 'cut off'))
  }
  return { requests, listPrimes }
}

test('list prints one prime per line', async () => {
  const { requests, listPrimes } = scripted({ primes: [[2n, 3n], [], [5n, 7n]] })
  await using server = await startFakePrimes({ listPrimes })
  const end = await runCli('list', '1', '10', '--target', server.address)
  assert.deepEqual({ ...end, requests }, { code: 0, stdout: '2\n3\n5\n7\n', stderr: '', requests: ['1-10'] })
})

test('an empty list is an answer', async () => {
  const { listPrimes } = scripted({ primes: [] })
  await using server = await startFakePrimes({ listPrimes })
  assert.deepEqual(await runCli('list', '24', '28', '--target', server.address), { code: 0, stdout: '', stderr: '' })
})

test('list --json prints one protobuf-JSON message per line', async () => {
  const { listPrimes } = scripted({ primes: [[2n, 3n], [18446744073709551557n]] })
  await using server = await startFakePrimes({ listPrimes })
  const { stdout } = await runCli('list', '1', '10', '--json', '--target', server.address)
  assert.equal(stdout, '{"primes":["2","3"]}\n{"primes":["18446744073709551557"]}\n')
})

test('a list that breaks goes on after its last prime, whatever broke it', async () => {
  const { requests, listPrimes } = scripted(
    { primes: [[2n, 3n], [5n]], code: status.UNAVAILABLE },
    { primes: [[7n]], code: status.INTERNAL },
    { primes: [[11n]], code: status.DEADLINE_EXCEEDED },
    { primes: [], code: status.UNAVAILABLE },
    { primes: [[13n]] },
  )
  await using server = await startFakePrimes({ listPrimes })
  const { code, stdout } = await runCli('list', '1', '20', '--target', server.address)
  assert.deepEqual({ code, stdout }, { code: 0, stdout: '2\n3\n5\n7\n11\n13\n' })
  assert.deepEqual(requests, ['1-20', '6-20', '8-20', '12-20', '12-20'])
})

test('a list whose last prime is the end of the interval needs no second call', async () => {
  const { requests, listPrimes } = scripted({ primes: [[11n, 13n]], code: status.UNAVAILABLE })
  await using server = await startFakePrimes({ listPrimes })
  const { code, stdout } = await runCli('list', '11', '13', '--target', server.address)
  assert.deepEqual({ code, stdout, requests }, { code: 0, stdout: '11\n13\n', requests: ['11-13'] })
})

test('what another call cannot change ends the list', async () => {
  const { requests, listPrimes } = scripted({ primes: [], code: status.INVALID_ARGUMENT })
  await using server = await startFakePrimes({ listPrimes })
  const end = await runCli('list', '10', '1', '--target', server.address)
  assert.deepEqual(end, { code: 1, stdout: '', stderr: 'error: INVALID_ARGUMENT: cut off\n' })
  assert.equal(requests.length, 1)
})

test('a deadline is for the whole list', async () => {
  const listPrimes = (call: ListCall): void => void call.write({ primes: [2n] })
  await using server = await startFakePrimes({ listPrimes })
  const { code, stdout, stderr } = await runCli('list', '1', '9', '--deadline-ms', '300', '--target', server.address)
  assert.deepEqual({ code, stdout }, { code: 1, stdout: '2\n' })
  assert.match(stderr, /^error: DEADLINE_EXCEEDED/)
})

/** Writes primes as fast as they are taken, for ever. */
function endless(call: ListCall): void {
  const primes = Array.from({ length: 4096 }, (_, index) => BigInt(index))
  const writeMore = (): void => {
    while (!call.cancelled && call.write({ primes })) continue
  }
  call.on('drain', writeMore)
  writeMore()
}

test('a reader that leaves ends the list well and cancels the call', async () => {
  const arrived = Promise.withResolvers<ListCall>()
  const listPrimes = (call: ListCall): void => {
    arrived.resolve(call)
    endless(call)
  }
  await using server = await startFakePrimes({ listPrimes })
  const { child, until } = startCli('list', '1', '1000000', '--target', server.address)
  const exited = once(child, 'exit')
  await until(once(child.stdout, 'data'))
  const cancelled = once(await until(arrived.promise), 'cancelled')
  child.stdout.destroy()
  await cancelled
  assert.deepEqual(await exited, [0, null])
})
