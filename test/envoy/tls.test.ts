import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { test } from 'node:test'
import { connect } from 'node:tls'
import { status } from '@grpc/grpc-js'
import { HoldServiceService } from '../../gen/evenkeel/hold/v1/hold.ts'
import { type Caller, callsPerPod, lost, openCaller, type Outcome } from '../support/caller.ts'
import { needsEnvoy } from '../support/envoy.ts'
import { eventually } from '../support/eventually.ts'
import { type CallerOptions, names, type SecretContent, startTlsFleet, type TlsFleet } from '../support/tls-fleet.ts'

/** Holds a worker for no time. */
const call = { path: HoldServiceService.hold.path, body: Buffer.alloc(0) }

const channel = { 'grpc.ssl_target_name_override': names.entrance, 'grpc.enable_retries': 1 }
/** Replicas look at their files every five seconds. */
const long = { ...needsEnvoy, timeout: 120_000 }

/** A caller as every one is: what surely reached no server is sent again. */
async function callerOf(fleet: TlsFleet, options: CallerOptions = {}): Promise<Caller> {
  return openCaller(fleet.envoy.target, channel, await fleet.callerCredentials(options))
}

async function codeOf(fleet: TlsFleet, options?: CallerOptions): Promise<status> {
  using caller = await callerOf(fleet, options)
  return (await caller.call(call)).code
}

test('calls go by TLS to Envoy and from there to every replica', needsEnvoy, async () => {
  await using fleet = await startTlsFleet()
  using caller = await callerOf(fleet)
  const outcomes = await caller.callInTurn(40, call)
  assert.deepEqual(lost(outcomes), [])
  assert.deepEqual(Object.keys(callsPerPod(outcomes)).toSorted(), ['one', 'two'])
})

test('callers of another name, of other authorities, or without TLS are refused by Envoy', needsEnvoy, async () => {
  await using fleet = await startTlsFleet()
  assert.equal(await codeOf(fleet), status.OK)
  const refused = (reason: string) =>
    fleet.envoy.stat(`listener.${fleet.envoy.target.replace(':', '_')}.ssl.fail_verify_${reason}`)
  assert.deepEqual([await refused('san'), await refused('error')], [0, 0])
  assert.equal(await codeOf(fleet, { name: 'other.test' }), status.UNAVAILABLE)
  // It may be more than one: a caller tries again, for to it the handshake of TLS 1.3 is done before Envoy looks at its certificate.
  assert.ok((await refused('san')) > 0)
  assert.equal(await codeOf(fleet, { signer: fleet.authorities.inside }), status.UNAVAILABLE)
  assert.ok((await refused('error')) > 0)
  using plain = openCaller(fleet.envoy.target)
  assert.equal((await plain.call(call)).code, status.UNAVAILABLE)
})

test('an Envoy whose certificate is for another authority is refused by callers', needsEnvoy, async () => {
  await using fleet = await startTlsFleet()
  assert.equal(await codeOf(fleet, { believed: fleet.authorities.inside }), status.UNAVAILABLE)
})

test('replicas of another name than Envoy asks for get no calls', needsEnvoy, async () => {
  await using fleet = await startTlsFleet({ asked: { replica: 'other.test' } })
  assert.equal(await codeOf(fleet), status.UNAVAILABLE)
  assert.ok((await fleet.envoy.stat('cluster.replicas.ssl.fail_verify_san')) > 0)
})

test('an Envoy of another name than replicas ask for gets no call in', needsEnvoy, async () => {
  await using fleet = await startTlsFleet({ asked: { envoy: 'other.test' } })
  assert.equal(await codeOf(fleet), status.UNAVAILABLE)
  assert.deepEqual(await healthyIn(fleet), 0)
})

test('an Envoy without TLS gets no call in to replicas that speak it', needsEnvoy, async () => {
  await using fleet = await startTlsFleet({ plainReplicas: true })
  assert.equal(await codeOf(fleet), status.UNAVAILABLE)
  assert.deepEqual(await healthyIn(fleet), 0)
})

for (const { kind, plainReplicas, its } of [
  { kind: 'with', plainReplicas: false, its: 'one' },
  { kind: 'without', plainReplicas: true, its: 'two' },
]) {
  test(
    `an Envoy ${kind} TLS, of replicas of either kind, calls those of its own, and loses no call`,
    needsEnvoy,
    async () => {
      await using fleet = await startTlsFleet({ plainReplicas, mixedReplicas: true })
      using caller = await callerOf(fleet)
      const outcomes = await caller.callInTurn(40, call)
      assert.deepEqual(lost(outcomes), [])
      assert.deepEqual(Object.keys(callsPerPod(outcomes)), [its])
    },
  )
}

test('all certificates, and the authorities within, are renewed under load, and no call is lost', long, async () => {
  await using fleet = await startTlsFleet({ config: { maxConnectionSeconds: 1 } })
  const { outside, inside } = fleet.authorities
  const next = await fleet.made.authority('next')
  using caller = await callerOf(fleet)
  const done = Promise.withResolvers<void>()
  const load = caller.callUntil(done.promise, 4, call)
  const visits = connectUntil(fleet, done.promise)
  const turns = reconnectUntil(fleet, done.promise)
  const steps: SecretContent[] = [
    { signer: inside, believed: [inside] },
    // Whoever is signed by another one is believed before, and no longer when nobody is signed by the former.
    { signer: inside, believed: [inside, next] },
    { signer: next, believed: [inside, next] },
    { signer: next, believed: [next] },
  ]
  for (const step of steps) {
    const entrance = await fleet.renew('entrance', { signer: outside, believed: [outside] })
    await fleet.renew('envoy', step)
    const replica = await fleet.renew('replica', step)
    await shows(fleet.envoy.target, entrance)
    for (const { ports } of fleet.replicas) await shows(`127.0.0.1:${ports.grpc}`, replica)
    await turns.more(2)
  }
  done.resolve()
  await turns.ended
  const outcomes = [...(await load), ...(await visits)]
  assert.ok(outcomes.length > 500, `${outcomes.length} calls`)
  assert.deepEqual(lost(outcomes), [])
})

/** Calls over a new connection each, until `until` resolves. */
async function connectUntil(fleet: TlsFleet, until: Promise<void>): Promise<Outcome[]> {
  const ended = new AbortController()
  void until.then(() => ended.abort())
  const secure = await fleet.callerCredentials()
  const outcomes: Outcome[] = []
  while (!ended.signal.aborted) {
    using caller = openCaller(fleet.envoy.target, channel, secure)
    outcomes.push(await caller.call(call))
  }
  return outcomes
}

/** That a new connection is shown this certificate. */
async function shows(address: string, certificate: Buffer): Promise<void> {
  const { fingerprint256 } = new X509Certificate(certificate)
  const { hostname: host, port } = new URL(`http://${address}`)
  const shown = async () => {
    const socket = connect({ host, port: Number(port), rejectUnauthorized: false, ALPNProtocols: ['h2'] })
    // Without a certificate the other side closes, after it has shown its own.
    socket.on('error', () => {})
    await once(socket, 'secureConnect')
    const peer = socket.getPeerX509Certificate()
    socket.destroy()
    return peer?.fingerprint256
  }
  await eventually(async () => assert.equal(await shown(), fingerprint256), { everyMs: 100 })
}

/** Has Envoy leave one replica after the other and connect anew, until `until` resolves. `more` waits for so many further turns. */
function reconnectUntil(fleet: TlsFleet, until: Promise<void>) {
  const endpoints = fleet.replicas.map(({ ports }) => ({ address: '127.0.0.1', port: ports.grpc }))
  const enough = new AbortController()
  void until.then(() => enough.abort())
  let turns = 0
  const reconnect = async () => {
    for (; !enough.signal.aborted; turns += 1) {
      await fleet.envoy.setEndpoints(endpoints.slice(turns % 2, (turns % 2) + 1))
      await eventually(async () => assert.equal((await fleet.envoy.hosts()).length, 1))
      await fleet.envoy.setEndpoints(endpoints)
      await eventually(async () => assert.equal(await healthyIn(fleet), 2), { withinMs: 3000 })
    }
  }
  const ended = reconnect()
  const more = async (count: number) => {
    const wanted = turns + 1 + count
    await Promise.race([ended, eventually(() => assert.ok(turns >= wanted))])
  }
  return { ended, more }
}

async function healthyIn(fleet: TlsFleet): Promise<number> {
  return (await fleet.envoy.hosts()).filter(({ healthy }) => healthy).length
}
