import assert from 'node:assert/strict'
import { test } from 'node:test'
import { credentials, type ServerWritableStream, status } from '@grpc/grpc-js'
import { openChannel } from '../../client/channel.ts'
import { resumeStream } from '../../client/resume-stream.ts'
import {
  type ListPrimesRequest,
  type ListPrimesResponse,
  PrimesServiceClient,
} from '../../gen/evenkeel/primes/v1/primes.ts'
import { failure, startFakePrimes } from '../support/fake-primes.ts'

type ListCall = ServerWritableStream<ListPrimesRequest, ListPrimesResponse>

/** A client that balances over these servers. */
async function clientOf(...servers: { address: string }[]): Promise<PrimesServiceClient & Disposable> {
  const target = `ipv4:${servers.map(({ address }) => address).join(',')}`
  const channelOverride = await openChannel(target)
  const client = new PrimesServiceClient(target, credentials.createInsecure(), { channelOverride })
  return Object.assign(client, { [Symbol.dispose]: () => client.close() })
}

/** Counts from 0, a message each. */
const countTo = (client: PrimesServiceClient, to: bigint, signal?: AbortSignal) =>
  resumeStream({
    from: 0n,
    open: (from) => client.listPrimes({ from, to }),
    after: ({ primes }, from) => (primes.at(-1) ?? from - 1n) + 1n,
    signal,
  })

async function numbersOf(stream: AsyncIterable<ListPrimesResponse>): Promise<bigint[]> {
  return (await Array.fromAsync(stream)).flatMap(({ primes }) => primes)
}

const numbers = (below: number): bigint[] => Array.from({ length: below }, (_, number) => BigInt(number))

/** Sends the numbers asked for, or the first `count` of them and no end. */
const send = (call: ListCall, count = Number.POSITIVE_INFINITY): void => {
  const { from, to } = call.request
  for (let number = from; number < to && number < from + BigInt(Math.min(count, 1e9)); number += 1n) {
    call.write({ primes: [number] })
  }
}

test('a stream whose server goes away is taken up by another one, and nothing comes twice or is left out', async () => {
  const begins: bigint[] = []
  let serving: string | undefined
  const startNamed = (name: string) => {
    const listPrimes = (call: ListCall): void => {
      serving = name
      begins.push(call.request.from)
      // The first two calls are left open.
      send(call, begins.length < 3 ? 3 : undefined)
      if (begins.length === 3) call.end()
    }
    return startFakePrimes({ listPrimes })
  }
  await using a = await startNamed('a')
  await using b = await startNamed('b')
  await using c = await startNamed('c')
  const servers = new Map(Object.entries({ a, b, c }))
  using client = await clientOf(a, b, c)
  const seen: bigint[] = []
  for await (const { primes } of countTo(client, 10n)) {
    seen.push(...primes)
    if (seen.length === 3 || seen.length === 6) await servers.get(serving ?? '')?.[Symbol.asyncDispose]()
  }
  assert.deepEqual(seen, numbers(10))
  assert.deepEqual(begins, [0n, 3n, 6n])
})

test('a stream that brings nothing any more is given up after six failures in a row', async () => {
  let calls = 0
  const listPrimes = (call: ListCall): void => {
    calls += 1
    if (calls === 1) send(call, 2)
    call.emit('error', failure(status.UNAVAILABLE, 'cut off'))
  }
  await using server = await startFakePrimes({ listPrimes })
  using client = await clientOf(server)
  await assert.rejects(numbersOf(countTo(client, 10n)), { code: status.UNAVAILABLE })
  assert.equal(calls, 6)
})

test('a stream is not taken up when its request is wrong', async () => {
  let calls = 0
  const listPrimes = (call: ListCall): void => {
    calls += 1
    call.emit('error', failure(status.INVALID_ARGUMENT, 'wrong'))
  }
  await using server = await startFakePrimes({ listPrimes })
  using client = await clientOf(server)
  await assert.rejects(numbersOf(countTo(client, 10n)), { code: status.INVALID_ARGUMENT })
  assert.equal(calls, 1)
})

test('a signal ends a stream with its reason, also one that is yet to begin', async () => {
  await using server = await startFakePrimes({ listPrimes: (call) => send(call, 1) })
  using client = await clientOf(server)
  const gone = new AbortController()
  const reason = new Error('no longer wanted')
  const read = async () => {
    for await (const message of countTo(client, 10n, gone.signal))
      gone.abort(message.primes.length > 0 ? reason : undefined)
  }
  await assert.rejects(read(), reason)
  await assert.rejects(numbersOf(countTo(client, 10n, gone.signal)), reason)
})

test('a reader that stops reading ends the call', async () => {
  const { promise: ended, resolve } = Promise.withResolvers<void>()
  const listPrimes = (call: ListCall): void => {
    call.on('cancelled', () => resolve())
    send(call, 2)
  }
  await using server = await startFakePrimes({ listPrimes })
  using client = await clientOf(server)
  for await (const { primes } of countTo(client, 10n)) {
    assert.deepEqual(primes, [0n])
    break
  }
  await ended
})
