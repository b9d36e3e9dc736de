import assert from 'node:assert/strict'
import { getDiffieHellman } from 'node:crypto'
import type { EventEmitter } from 'node:events'
import { test } from 'node:test'
import { Metadata, type StatusObject, status } from '@grpc/grpc-js'
import { HealthClient } from '../../gen/health/v1/health.ts'
import { PrimesServiceClient } from '../../gen/evenkeel/primes/v1/primes.ts'
import { primes } from '../../service/primes/workload.ts'
import { eventually } from '../support/eventually.ts'
import { connect, startService } from '../support/service.ts'
import { settledHeapBytes } from '../support/settled-heap.ts'

/** Statuses that such calls may end with: answers, refusals, what the caller did wrong, and its own going away. */
const allowed: ReadonlySet<status> = new Set([
  status.OK,
  status.CANCELLED,
  status.INVALID_ARGUMENT,
  status.DEADLINE_EXCEEDED,
  status.RESOURCE_EXHAUSTED,
])

const numbers = [
  '97',
  '91',
  '',
  '-1',
  '0',
  'x'.repeat(30_000),
  String(2n ** 127n - 1n),
  String(2n ** 607n - 1n),
  '600851475143',
]
/** Takes a worker seconds, and nothing but the end of its thread stops it. Rare, for it costs the machine as much. */
const hugePrime = String(BigInt(`0x${getDiffieHellman('modp16').getPrime('hex')}`))

test('three thousand calls of all kinds, cut short at random, each end once, and nothing is left of them', async () => {
  await using service = await startService(primes, '--queue-limit=64')
  const random = seededRandom(20_261)
  await useConnections(service, (call) => makeCalls(300, random, call))
  const before = settledHeapBytes()
  const ends = await useConnections(service, (call) => makeCalls(3000, random, call))
  const unexpected = ends.filter(({ codes }) => codes.length !== 1 || !allowed.has(codes[0] as status))
  assert.deepEqual(unexpected, [])
  const seen = new Set(ends.flatMap(({ codes }) => codes))
  assert.ok(seen.has(status.OK) && seen.has(status.CANCELLED) && seen.has(status.INVALID_ARGUMENT))
  await eventually(() => assert.equal(service.pool.inFlight, 0))
  // 3000 calls whose metadata, messages and signals were kept would be some 15 MB.
  await eventually(() => {
    const grownBytes = settledHeapBytes() - before
    assert.ok(grownBytes < 5_000_000, `${grownBytes} bytes are kept`)
  })
  assert.equal((await service.drain()).cutCalls, 0)
})

/** A call that was made: what it was, and every status that it was told. */
interface End {
  kind: string
  codes: status[]
}

/** What all kinds of calls have in common on the caller's side. */
interface AnyCall {
  cancel(): void
  on(event: 'status', listener: (status: StatusObject) => void): unknown
}

const none = new Metadata()

/** Begins a call of a kind chosen by `choice`. */
type Begin = (choice: () => number) => { kind: string; call: AnyCall }

/** Opens four connections, and closes them when `use` is done. */
async function useConnections<T>(service: { address: string }, use: (begin: Begin) => Promise<T>): Promise<T> {
  using first = connect(PrimesServiceClient, service.address)
  using second = connect(PrimesServiceClient, service.address)
  using third = connect(PrimesServiceClient, service.address)
  using health = connect(HealthClient, service.address)
  const clients = [first, second, third]
  const ignore = (): void => {}
  return await use((choice) => {
    const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(choice() * items.length)] as Item
    const client = pick(clients)
    const options = choice() < 0.3 ? { deadline: Date.now() + Math.floor(choice() * 200) } : {}
    const kind = pick(['check', 'check', 'factorize', 'list', 'stream', 'watch'])
    const number = choice() < 0.005 ? hugePrime : pick(numbers)
    const from = BigInt(Math.floor(choice() * 1e12))
    if (kind === 'check') return { kind, call: client.checkPrime({ number }, none, options, ignore) }
    if (kind === 'factorize') return { kind, call: client.factorize({ number }, none, options, ignore) }
    if (kind === 'list') {
      const to = from + BigInt(Math.floor(choice() * 2e6)) - 1000n
      return { kind, call: quietly(client.listPrimes({ from, to: to < 0n ? 0n : to }, none, options)) }
    }
    if (kind === 'watch') return { kind, call: quietly(health.watch({ service: '' })) }
    const stream = client.checkPrimeStream(none, options)
    for (let id = 0n; id < 10n; id += 1n) stream.write({ id, number: pick(numbers) })
    if (choice() < 0.8) stream.end()
    return { kind, call: quietly(stream) }
  })
}

/** Reads a stream and leaves its end to its status. */
function quietly<Call extends EventEmitter>(call: Call): Call {
  call.on('data', () => {}).on('error', () => {})
  return call
}

/** Makes `count` calls, thirty at a time; a third of them, and all that have no end, are cancelled soon. */
async function makeCalls(count: number, random: () => number, begin: Begin): Promise<End[]> {
  const ends: End[] = []
  const caller = async (): Promise<void> => {
    while (ends.length < count) {
      const { kind, call } = begin(random)
      const end: End = { kind, codes: [] }
      ends.push(end)
      const cut = random() < 0.35 || kind === 'watch' || kind === 'stream'
      const timer = setTimeout(() => call.cancel(), cut ? random() * 30 : 1500)
      await new Promise<void>((resolve) => {
        call.on('status', ({ code }) => {
          end.codes.push(code)
          resolve()
        })
      })
      clearTimeout(timer)
    }
  }
  await Promise.all(Array.from({ length: 30 }, caller))
  return ends
}

/** Numbers from 0 to 1, the same in each run: the generator of Park and Miller. */
function seededRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }
}
