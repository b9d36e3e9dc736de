import assert from 'node:assert/strict'
import { test } from 'node:test'
import { status } from '@grpc/grpc-js'
import { channelOptions } from '../../client/channel.ts'
import { type Backend, type Behaviour, echoPath, startBackend } from '../support/backend.ts'
import { type Caller, callsPerPod, lost, openCaller, type Outcome } from '../support/caller.ts'
import { startTestEnvoy, type TestEnvoy } from '../support/envoy.ts'
import { eventually } from '../support/eventually.ts'
import { type Link, needsNetwork, startNetwork } from '../support/network.ts'

/** Three replicas behind Envoy, to the first of which a link leads that can fail. */
interface Scene extends AsyncDisposable {
  link: Link
  backends: readonly [Backend, Backend, Backend]
  envoy: TestEnvoy
  /** Repeats nothing; the other one as `evenkeel/client` does. */
  plain: Caller
  repeating: Caller
}

async function setScene(behaviour: Behaviour, end?: 'FIN' | 'RST'): Promise<Scene> {
  await using stack = new AsyncDisposableStack()
  const network = stack.use(await startNetwork())
  const start = async (name: string) => stack.use(await startBackend(name, behaviour))
  const backends = [await start('linked'), await start('second'), await start('third')] as const
  const link = await network.linkTo(backends[0].endpoint, end)
  const endpoints = [link.endpoint, backends[1].endpoint, backends[2].endpoint]
  const envoy = stack.use(await startTestEnvoy({ endpoints }))
  const options = channelOptions(envoy.target, { idempotent: [echoPath.slice(1)] })
  const plain = stack.use(openCaller(envoy.target))
  const repeating = stack.use(openCaller(envoy.target, { ...options, 'grpc.enable_retries': 1 }))
  const parts = stack.move()
  return { link, backends, envoy, plain, repeating, [Symbol.asyncDispose]: () => parts.disposeAsync() }
}

/** Fails the link so many times, each time while it has calls, and heals it when Envoy has noticed. */
async function failAgainAndAgain({ backends, envoy, link }: Scene, fail: Fault['fail'], times: number): Promise<void> {
  for (let count = 0; count < times; count += 1) {
    await eventually(() => assert.ok(backends[0].inFlight > 0))
    const ended = () => envoy.stat('cluster.replicas.upstream_cx_destroy')
    const before = await ended()
    await fail(link)
    await eventually(async () => assert.ok((await ended()) > before))
    await link.heal()
  }
}

/** Outcomes of both callers while the link fails. */
async function callWhile(scene: Scene, until: Promise<unknown>): Promise<{ plain: Outcome[]; repeating: Outcome[] }> {
  const [plain, repeating] = await Promise.all([scene.plain.callUntil(until, 10), scene.repeating.callUntil(until, 10)])
  return { plain, repeating }
}

/** All that did not end with OK. */
function failures(outcomes: readonly Outcome[]): string[] {
  return outcomes.filter(({ code }) => code !== status.OK).map(({ code, details }) => `${code} ${details}`)
}

interface Fault {
  fail: (link: Link) => Promise<void>
  end?: 'RST'
  times: number
}
const faults: Record<string, Fault> = {
  'is reset': { fail: (link) => link.disconnect(), end: 'RST', times: 10 },
  'is cut': { fail: (link) => link.cut(), times: 3 },
  stalls: { fail: (link) => link.stall(), times: 3 },
}
for (const [what, { fail, end, times }] of Object.entries(faults)) {
  test(`a link to one of three replicas that ${what} again and again costs no call`, needsNetwork, async () => {
    await using scene = await setScene({ delayMs: 10 }, end)
    const { plain, repeating } = await callWhile(scene, failAgainAndAgain(scene, fail, times))
    // Envoy cannot repeat what has headers; a caller that repeats can.
    assert.deepEqual(lost(plain), [])
    assert.deepEqual(failures(repeating), [])
    assert.ok((await scene.envoy.stat('cluster.replicas.upstream_rq_retry')) > 0)
  })

  test(`calls in flight on a link that ${what} are made once more, and no other call is`, needsNetwork, async () => {
    await using scene = await setScene({ hold: true }, end)
    const [linked, second, third] = scene.backends
    const attempts = () => linked.attempts + second.attempts + third.attempts
    const held: Promise<Outcome>[] = []
    // One connection to each first: calls that wait for a connection are not counted as active yet.
    for (let count = 1; count <= 30; count += 1) {
      held.push(scene.plain.call())
      if (count <= 3) await eventually(() => assert.equal(linked.inFlight + second.inFlight + third.inFlight, count))
    }
    await eventually(() => assert.deepEqual([linked.inFlight, second.inFlight, third.inFlight], [10, 10, 10]))
    await fail(scene.link)
    await eventually(() => assert.equal(attempts(), 40))
    for (const backend of scene.backends) {
      backend.behave({})
      backend.release()
    }
    assert.deepEqual(failures(await Promise.all(held)), [])
    assert.equal(attempts(), 40)
  })
}

test('of a link that breaks in the midst of answers a caller that repeats notices nothing', needsNetwork, async () => {
  await using scene = await setScene({ delayMs: 5 })
  const breakOften = async (): Promise<void> => {
    await scene.link.breakAfter(2000)
    const resets = () => scene.envoy.stat('http.grpc.downstream_rq_tx_reset')
    await eventually(async () => assert.ok((await resets()) >= 10), { withinMs: 40_000 })
    await scene.link.heal()
  }
  const { plain, repeating } = await callWhile(scene, breakOften())
  assert.deepEqual(failures(repeating), [])
  // What has headers is beyond Envoy; anybody else loses it.
  const cut = '13 Received RST_STREAM with code 2 (Internal server error)'
  assert.deepEqual(new Set(failures(plain)), new Set([cut]))
})

const slowdowns: Record<string, (link: Link) => Promise<void>> = {
  'late answers': (link) => link.delay(100),
  'little bandwidth': (link) => link.limit(20),
}
for (const [what, slow] of Object.entries(slowdowns)) {
  test(`a replica behind a link with ${what} gets fewer calls, and none is lost`, needsNetwork, async () => {
    await using scene = await setScene({ delayMs: 5 })
    await slow(scene.link)
    const enough = eventually(
      () => {
        const [, second, third] = scene.backends
        assert.ok(second.attempts > 300 && third.attempts > 300)
      },
      { withinMs: 30_000 },
    )
    const outcomes = await scene.plain.callUntil(enough, 12, { body: Buffer.alloc(2000) })
    assert.deepEqual(failures(outcomes), [])
    const { linked = 0, second = 0, third = 0 } = callsPerPod(outcomes)
    assert.ok(linked < second / 2 && linked < third / 2, JSON.stringify({ linked, second, third }))
  })
}
